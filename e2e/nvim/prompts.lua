-- What running asks for: values, options, a task; in Neovim's own boxes and lists.
local h = require('harness')
local check = h.check

local flow = h.open('train_flow.py')
h.answers['flowls.trust'] = function(items)
  return items[1]
end

--- The item of a list whose text contains something.
local function containing(text)
  return function(items, options)
    for _, item in ipairs(items) do
      local title = options.format_item and options.format_item(item) or item
      if title:find(text, 1, true) then
        return item
      end
    end
  end
end

local function last()
  local all = h.launches()
  return all[#all] or {}
end

local function succeeded()
  return h.has_lens(flow, 'class TrainFlow', '✓ [%d.]+ ?m?s') and last().ended
end

-- Values and options ------------------------------------------------------------
local asked = {}
h.answers['flowls.values'] = containing('Enter values')
local rounds = 0
h.answers['flowls.options'] = function(items, options)
  rounds = rounds + 1
  return containing(rounds == 1 and '--tag' or 'Run')(items, options)
end
h.input = function(options)
  table.insert(asked, options)
  return options.prompt:match('^epochs') and '7' or 'e2e, two'
end
h.run_lens(flow, 'class TrainFlow', 'with parameters')
h.need('the flow runs with what was typed', function()
  local run = last()
  return run.kind == 'run' and vim.deep_equal(run.args, { '--epochs=7' }) and vim.deep_equal(run.tags, { 'e2e', 'two' }), run
end, 60)
check('the box says what is wanted, and has the default in it', function()
  return asked[1].prompt == 'epochs (int, default 40): ' and asked[1].default == '40', asked
end, 0)
h.need('and succeeds', succeeded, 90)

local offered
h.answers['flowls.values'] = function(items, options)
  offered = options.format_item(items[1])
end
h.run_lens(flow, 'class TrainFlow', 'with parameters')
check('the last values are offered', function()
  return offered == 'Run with the last values: epochs=7 tags=e2e, two', offered
end)
vim.api.nvim_win_set_cursor(0, { (h.line_of(flow, 'class TrainFlow')), 0 })
vim.cmd('Flowls run --epochs many')
check('a value of the wrong type is refused, in words', function()
  return h.said('`epochs` must be a whole number'), h.messages
end)
check('and nothing more was started', function()
  return #h.launches() == 1, h.launches()
end, 0)

-- The command line ----------------------------------------------------------------
vim.cmd('Flowls yank --epochs 3')
check('the command line is in the register', function()
  local text = vim.fn.getreg('"')
  return vim.startswith(text, 'cd ' .. h.workspace) and text:match('train_flow%.py run %-%-epochs=3$'), text
end)

-- One task of a foreach -----------------------------------------------------------
local labels = {}
h.answers['flowls.task'] = function(items, options)
  for _, item in ipairs(items) do
    table.insert(labels, options.format_item(item))
  end
  return items[2]
end
h.run_lens(flow, 'def fit(', 'one task')
check('the step runs with the inputs of the chosen task', function()
  local run = last()
  return run.kind == 'spin' and run.step == 'fit' and labels[2] and labels[2]:match('task ' .. run.task .. '$'), { run, labels }
end, 60)
check('each task is named by its value', function()
  return #labels == 3 and labels[1]:match('^rate.*· 0 · task %d+$'), labels
end, 0)
h.need('the spin has ended', function()
  return last().ended
end, 60)

-- On Kubernetes --------------------------------------------------------------------
-- The server asks; without a store that pods reach nothing is launched.
h.answers['lsp_message'] = containing('Launch with defaults')
vim.api.nvim_win_set_cursor(0, { (h.line_of(flow, 'class TrainFlow')), 0 })
local before = #h.launches()
vim.cmd('Flowls launch')
check('what keeps a flow from the cluster is said', function()
  return h.said('Kubernetes needs a data store that its pods reach'), { h.messages, h.questions }
end)
check('and nothing was launched', function()
  return #h.launches() == before, h.launches()
end, 0)

-- With options ---------------------------------------------------------------------
local origins = {}
h.answers['flowls.origin'] = function(items, options)
  for _, item in ipairs(items) do
    table.insert(origins, options.format_item(item))
  end
  return items[1]
end
local optional = {}
rounds = 0
h.answers['flowls.options'] = function(items, options)
  rounds = rounds + 1
  for _, item in ipairs(items) do
    table.insert(optional, item.label)
  end
  return containing(rounds == 1 and '--with' or 'Run')(items, options)
end
h.input = function()
  return 'retry:times=1'
end
vim.cmd('Flowls with resume choose')
h.need('the flow is resumed with what was chosen', function()
  local run = last()
  return run.kind == 'resume' and run.step == 'choose' and vim.deep_equal(run.with, { 'retry:times=1' }), run
end, 60)
check('of a run that says how it stands', function()
  return #origins == 1 and origins[1]:match('^run %d+ · succeeded · .* ago$') or origins[1]:match('just now$'), origins
end, 0)
check('there is no option that a resume does not take', function()
  return vim.tbl_contains(optional, '--max-workers') and not vim.tbl_contains(optional, '--namespace'), optional
end, 0)
h.need('and ends', succeeded, 90)

-- What only had a protocol ----------------------------------------------------------
h.answers['flowls.artifact'] = containing('/score')
vim.api.nvim_win_set_cursor(0, { (h.line_of(flow, 'def choose(')), 0 })
h.input = function()
  return h.workspace .. '/score.json'
end
vim.cmd('Flowls export')
check('an artifact that is picked is written to a file', function()
  return vim.fn.filereadable(h.workspace .. '/score.json') == 1 and h.said('written: '), h.messages
end, 60)
vim.cmd('Flowls with nothing')
check('a word that is none is refused', function()
  return h.said('name what: :Flowls with step, resume or rerun'), h.messages
end)

-- What failed, again ----------------------------------------------------------------
h.replace(flow, 'self.score = best.score', 'raise ValueError("no score today")')
h.run_lens(flow, 'class TrainFlow', 'Run flow')
h.need('a failed run offers to be taken up', function()
  return h.has_lens(flow, 'class TrainFlow', 'Re%-run failed')
end, 90)
local function failures()
  return vim.tbl_filter(function(d)
    return d.source == 'flowls run'
  end, vim.diagnostic.get(flow))
end
check('it stands in the code', function()
  return #failures() > 0
end)
vim.api.nvim_win_set_cursor(0, { (h.line_of(flow, 'class TrainFlow')), 0 })
vim.cmd('Flowls clear')
check('until it is cleared', function()
  return #failures() == 0, failures()
end)
h.replace(flow, 'raise ValueError("no score today")', 'self.score = best.score')
h.run_lens(flow, 'class TrainFlow', 'Re%-run failed')
check('it is resumed', function()
  local run = last()
  return run.kind == 'resume' and run.step == nil and run.origin ~= nil, run
end, 60)
check('with what succeeded taken over, to its end', function()
  return h.has_lens(flow, 'def start(', '✓ cloned') and succeeded(), h.lenses(flow)
end, 90)

-- Stop all --------------------------------------------------------------------------
vim.api.nvim_win_set_cursor(0, { (h.line_of(flow, 'class TrainFlow')), 0 })
vim.cmd('Flowls run --epochs 1000000')
h.need('a long run goes on', function()
  return h.has_lens(flow, 'def fit(', 'running') and #h.processes() > 0
end, 60)
vim.cmd('Flowls stopall')
check('stop all leaves no process', function()
  return h.said('1 runs? stopped') and #h.processes() == 0, { h.messages, h.processes() }
end, 30)
