-- A data scientist's hour in Neovim 0.11 or newer, through plain LSP.
local h = require('harness')
local check = h.check

-- What $/progress told, as the lines a statusline plugin would show.
local progress = {}
vim.api.nvim_create_autocmd('LspProgress', {
  callback = function(event)
    local value = event.data.params.value
    table.insert(progress, ('%s %s %s'):format(value.kind, value.title or '', value.message or ''))
  end,
})
local function progressed(pattern)
  return #vim.tbl_filter(function(line)
    return line:match(pattern) ~= nil
  end, progress) > 0
end

-- Open -----------------------------------------------------------------------
local flow = h.open('train_flow.py')
h.need('the server attaches', function()
  return h.client(flow) and vim.lsp.buf_is_attached(flow, h.client(flow).id)
end)
h.need('a lens stands above the flow', function()
  return h.has_lens(flow, 'class TrainFlow', 'Run flow')
end)
check('lenses stand above a step', function()
  local run, all = h.has_lens(flow, 'def fit(self)', 'Run step')
  return run and h.has_lens(flow, 'def fit(self)', 'Resume from here'), all
end)

-- Break it, mend it ----------------------------------------------------------
h.replace(flow, 'self.next(self.fit,', 'self.next(self.fitt,')
check('a misspelt step is a diagnostic at its exact range', function()
  local all = h.diagnostics(flow)
  for _, d in ipairs(all) do
    local line = vim.api.nvim_buf_get_lines(flow, d.lnum, d.lnum + 1, false)[1]
    if d.code == 'MF107' and line:sub(d.col + 1, d.end_col) == 'fitt' then
      return true
    end
  end
  return false, all
end)
local broken, broken_line = h.line_of(flow, 'self.fitt')
vim.api.nvim_win_set_cursor(0, { broken, (broken_line:find('fitt', 1, true)) })
vim.lsp.buf.code_action({
  apply = true,
  filter = function(action)
    return action.title:match('self%.fit') ~= nil
  end,
})
check('the quick fix mends it', function()
  local line = vim.api.nvim_buf_get_lines(flow, broken - 1, broken, false)[1]
  return line:find('self.next(self.fit, foreach', 1, true), line
end)
check('and the diagnostic is gone', function()
  local all = h.diagnostics(flow)
  return #all == 0, all
end)

-- Completion, hover ----------------------------------------------------------
-- Labels offered after typing `insert` behind the text; the buffer is as before then.
local function complete_at(text, insert)
  local number, line = h.line_of(flow, text)
  local at = assert(line:find(text, 1, true)) - 1 + #text
  local typed = vim.split(insert, '\n')
  vim.api.nvim_buf_set_text(flow, number - 1, at, number - 1, at, typed)
  local row = number - 1 + #typed - 1
  local column = #typed[#typed] + (#typed == 1 and at or 0)
  local params = {
    textDocument = { uri = vim.uri_from_bufnr(flow) },
    position = { line = row, character = column },
  }
  local answers = vim.lsp.buf_request_sync(flow, 'textDocument/completion', params, 5000) or {}
  vim.api.nvim_buf_set_text(flow, number - 1, at, row, column, { '' })
  local labels = {}
  for _, answer in pairs(answers) do
    for _, item in ipairs(answer.result and (answer.result.items or answer.result) or {}) do
      table.insert(labels, item.label)
    end
  end
  return labels
end
local steps = complete_at('self.next(self.fit', ', self.')
check('completion knows the steps', function()
  return vim.tbl_contains(steps, 'choose') and vim.tbl_contains(steps, 'end'), steps
end, 0)
local decorators = complete_at('    @step', '\n    @res')
check('completion knows the decorators', function()
  return vim.tbl_contains(decorators, 'resources') or vim.tbl_contains(decorators, '@resources'), decorators
end, 0)

local hover_line, hover_text = h.line_of(flow, 'self.next(self.fit,')
vim.api.nvim_win_set_cursor(0, { hover_line, (hover_text:find('fit,', 1, true)) - 1 })
vim.lsp.buf.hover()
local float
check('hover tells about a step', function()
  for _, window in ipairs(vim.api.nvim_list_wins()) do
    if vim.api.nvim_win_get_config(window).relative ~= '' then
      float = window
      local text = table.concat(vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(window), 0, -1, false), '\n')
      return text:find('fit', 1, true), text
    end
  end
  return false, 'no floating window'
end)
if float and vim.api.nvim_win_is_valid(float) then
  vim.api.nvim_win_close(float, true)
end

-- Commands without a run -----------------------------------------------------
check(':Flowls completes subcommands and steps', function()
  local all = vim.fn.getcompletion('Flowls step ', 'cmdline')
  return vim.tbl_contains(vim.fn.getcompletion('Flowls st', 'cmdline'), 'stop') and vim.tbl_contains(all, 'choose'), all
end)
vim.cmd('Flowls graph')
check(':Flowls graph shows the graph', function()
  local text = h.view('graph')
  return text:find('choose', 1, true), text
end)

-- Trust ----------------------------------------------------------------------
-- The server must refuse whatever a client sends.
local refusal
require('flowls.compat').request(h.client(flow), 'workspace/executeCommand', {
  command = 'flowls.run',
  arguments = { { uri = vim.uri_from_bufnr(flow), flow = 'TrainFlow' } },
}, function(err, result)
  refusal = { err = err, result = result }
end, flow)
check('the server refuses to run in an untrusted workspace', function()
  return refusal and refusal.err and refusal.err.message:match('trust'), refusal
end)
h.run_lens(flow, 'class TrainFlow', 'Run flow')
check('the lens asks for trust, and dismissing runs nothing', function()
  return h.said('not trusted') and #h.processes() == 0, { h.messages, h.processes() }
end)

-- Run ------------------------------------------------------------------------
-- A step that never ran has no inputs: the flow is offered instead. Dismissed, nothing runs.
h.answers['flowls.trust'] = function(items)
  return items[1]
end
for _, lens in ipairs({ 'Run step', 'Resume from here' }) do
  h.questions = {}
  h.run_lens(flow, 'def fit(', lens)
  check(lens .. ' without a run offers to run the flow, and dismissing runs nothing', function()
    local asked = vim.tbl_filter(function(question)
      return question.kind == 'lsp_message' and question.prompt:find('no run of TrainFlow yet', 1, true)
    end, h.questions)
    return #asked == 1 and #h.processes() == 0, { h.questions, h.processes() }
  end, 30)
end
h.run_lens(flow, 'class TrainFlow', 'Run flow')
h.need('the lens of a running flow offers to stop it', function()
  return h.has_lens(flow, 'class TrainFlow', 'Stop')
end, 60)
check('progress begins', function()
  return progressed('^begin Run TrainFlow'), progress
end, 30)
check('the statusline tells of the run', function()
  local line = require('flowls').status()
  return line:match('TrainFlow %a+'), line
end, 30)
h.need('every step is done, with its time', function()
  local all = h.lenses(flow)
  for _, step in ipairs({ 'start', 'fit', 'choose', 'end' }) do
    if not h.has_lens(flow, 'def ' .. step .. '(', '✓ [%d.]+ ?m?s') then
      return false, all
    end
  end
  return h.has_lens(flow, 'class TrainFlow', 'Run flow'), all
end, 120)
check('progress ends', function()
  return progressed('^end .*succeeded'), progress
end, 30)
check('the answer about trust is kept, outside the workspace', function()
  local kept = require('flowls.compat').state_dir() .. '/trust.json'
  local text = require('flowls.compat').read_file(kept) or ''
  return text:find(vim.fn.resolve(h.workspace), 1, true) and not vim.startswith(kept, h.workspace), kept .. ': ' .. text
end)

-- Results --------------------------------------------------------------------
vim.cmd('only')
local function hints()
  local shown = {}
  for _, hint in ipairs(vim.lsp.inlay_hint.get({ bufnr = flow })) do
    local label = hint.inlay_hint.label
    if type(label) == 'table' then
      label = table.concat(vim.tbl_map(function(part)
        return part.value
      end, label))
    end
    shown[hint.inlay_hint.position.line + 1] = label
  end
  return shown
end
check('the value 0.93 stands beside self.score', function()
  local all = hints()
  local number = h.line_of(flow, 'self.score = best.score')
  return (all[number] or ''):find('0.93', 1, true), all
end, 30)
vim.cmd('Flowls log')
check(':Flowls log shows the output to its end', function()
  local text = h.view('log')
  return text:find('Done!', 1, true), text
end, 30)
vim.cmd('Flowls runs')
check(':Flowls runs shows steps and artifacts', function()
  local text = h.view('runs')
  return text:find('self.score = 0.93', 1, true) and text:find('choose', 1, true), text
end, 30)
vim.cmd('only')

-- One step -------------------------------------------------------------------
progress = {}
h.run_lens(flow, 'def choose(', 'Run step')
check('a single step runs', function()
  return progressed('^end Run step choose.*succeeded'), progress
end, 60)
check('and leaves the step done', function()
  return h.has_lens(flow, 'def choose(', '✓ [%d.]+ ?m?s')
end, 30)
progress = {}
h.run_lens(flow, 'def choose(', 'Resume')
check('resume runs from a step on', function()
  return progressed('^end Resume .*choose.*succeeded'), progress
end, 90)
check('and takes the steps before it over', function()
  local done, all = h.has_lens(flow, 'def end(', '✓ [%d.]+ ?m?s')
  return done and h.has_lens(flow, 'def start(', '✓ cloned'), all
end, 60)
h.need('the resumed run has ended', function()
  return h.has_lens(flow, 'class TrainFlow', 'Run flow')
end, 30)

-- A failing step -------------------------------------------------------------
h.replace(flow, 'self.score = best.score', 'raise ValueError("no score today")')
-- Not written: running does that, so what runs is what is seen.
h.run_lens(flow, 'class TrainFlow', 'Run flow')
local function on_line(text)
  local all = h.diagnostics(flow)
  local number = h.line_of(flow, text)
  for _, d in ipairs(all) do
    if d.lnum + 1 == number and d.message:find('no score today', 1, true) then
      return true, all
    end
  end
  return false, all
end
check('the exception is a diagnostic on the line that raised it', function()
  return on_line('raise ValueError')
end, 120)
check('the lens of the step says that it failed', function()
  return h.has_lens(flow, 'def choose(', '✗')
end, 30)
vim.api.nvim_buf_set_lines(flow, 0, 0, false, { '# a line typed later' })
check('and the diagnostic moves with later edits', function()
  return on_line('raise ValueError')
end, 15)
vim.api.nvim_buf_set_lines(flow, 0, 1, false, {})
h.replace(flow, 'raise ValueError("no score today")', 'self.score = best.score')
vim.cmd('silent write')
check('the failed run has ended', function()
  return h.has_lens(flow, 'class TrainFlow', 'Run flow')
end, 60)

progress = {}
h.run_lens(flow, 'class TrainFlow', 'Run flow')
check('a later success takes the diagnostic away', function()
  local all = h.diagnostics(flow)
  return progressed('^end .*succeeded') and #all == 0, { progress, all }
end, 120)

h.need('the run has ended', function()
  return h.has_lens(flow, 'class TrainFlow', 'Run flow')
end, 30)

-- History --------------------------------------------------------------------
h.answers['flowls.task'] = function(items)
  return items[2]
end
h.run_lens(flow, 'def fit(', '↕ tasks')
check('values follow the chosen task of a foreach', function()
  local shown, all = h.has_lens(flow, 'def fit(', '↕ rates=')
  local hint = hints()[(h.line_of(flow, 'self.rate = self.input'))] or ''
  return shown and hint:find('rates=', 1, true), { all, hint }
end, 30)
h.answers['flowls.run'] = function(items)
  return items[1]
end
vim.cmd('Flowls choose')
check('and the latest run is shown again', function()
  return h.has_lens(flow, 'def fit(', '↕ tasks'), h.lenses(flow)
end, 30)
vim.cmd('Flowls diff')
check(':Flowls diff compares with the run before', function()
  local text = h.view('diff')
  return text:find('+        self.score = best.score', 1, true) and text:find('## Parameters', 1, true), text
end, 30)
vim.cmd('only')

-- A run that ends before its first step ---------------------------------------
h.replace(flow, 'import math', 'import maths')
h.run_lens(flow, 'class TrainFlow', 'Run flow')
check('a run that cannot start says why', function()
  return h.said("TrainFlow did not start%. ModuleNotFoundError: No module named 'maths'"), h.messages
end, 60)
check('on the line that is to blame', function()
  local all = h.diagnostics(flow)
  return #all == 1 and all[1].lnum + 1 == h.line_of(flow, 'import maths'), all
end, 15)
h.need('the refused run has ended', function()
  return h.has_lens(flow, 'class TrainFlow', '✗ failed to start')
end, 30)
h.replace(flow, 'import maths', 'import math')
vim.cmd('silent write')

-- From a terminal --------------------------------------------------------------
-- The run is held by a signal while we look at it, however long that takes.
local uv = vim.uv or vim.loop
local function runs()
  return vim.fn.glob(h.workspace .. '/.metaflow/TrainFlow/[0-9]*/start', true, true)
end
local before_it = #runs()
local done
local job = vim.fn.jobstart({ os.getenv('FLOWLS_E2E_PYTHON'), 'train_flow.py', 'run' }, {
  cwd = h.workspace,
  detach = true, -- a process group of its own
  on_exit = function(_, status)
    done = status
  end,
})
local group = -vim.fn.jobpid(job)
h.need('a run is started in a terminal', function()
  return #runs() > before_it and uv.kill(group, 'sigstop') == 0
end, 60)
check('it shows up live, and cannot be stopped from here', function()
  local running, all = h.has_lens(flow, 'class TrainFlow', 'running %d/4 steps')
  return running and not h.has_lens(flow, 'class TrainFlow', 'Stop'), all
end, 60)
uv.kill(group, 'sigcont')
check('and its success', function()
  return done == 0 and h.has_lens(flow, 'class TrainFlow', '✓ '), { done, h.lenses(flow) }
end, 90)

-- Stop -----------------------------------------------------------------------
vim.api.nvim_win_set_cursor(0, { (h.line_of(flow, 'class TrainFlow')), 0 })
vim.cmd('Flowls run --epochs 1000000')
check('a running step shows how many tasks run', function()
  return h.has_lens(flow, 'def fit(', 'running')
end, 60)
check('and processes of the run exist', function()
  return #h.processes() > 0
end, 10)
h.run_lens(flow, 'class TrainFlow', 'Stop')
check('stop leaves no process', function()
  local all = h.processes()
  return #all == 0, all
end, 30)
check('and the flow can be run again', function()
  return h.has_lens(flow, 'class TrainFlow', 'Run flow')
end, 30)

-- The server goes, the state stays -------------------------------------------
local before = h.client(flow).id
vim.cmd('Flowls restart')
check(':Flowls restart starts a new server', function()
  return h.client(flow) and h.client(flow).id ~= before
end, 30)
check('which finds the last run again', function()
  return h.has_lens(flow, 'def start(', '✓ [%d.]+ ?m?s')
end, 30)

-- Health ---------------------------------------------------------------------
vim.cmd('checkhealth flowls')
check(':checkhealth has only good news', function()
  local text = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n')
  return text:find('flowls', 1, true)
    and text:find('serves ' .. h.workspace, 1, true)
    and text:find('trusted: commands run', 1, true)
    and not text:find('ERROR', 1, true)
    and not text:find('WARNING', 1, true),
    text
end)
