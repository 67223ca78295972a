-- The older API, Neovim 0.7 to 0.10: the same server, the same commands.
local h = require('harness')
local check = h.check

local flow = h.open('train_flow.py')
h.need('the server attaches', function()
  return h.client(flow) ~= nil
end)
h.need('lenses stand above flow and steps', function()
  local run, all = h.has_lens(flow, 'class TrainFlow', 'Run flow')
  return run and h.has_lens(flow, 'def fit(self)', 'Run step'), all
end)

h.replace(flow, 'self.next(self.fit,', 'self.next(self.fitt,')
check('a misspelt step is a diagnostic', function()
  local all = h.diagnostics(flow)
  return all[1] and all[1].message:find('fitt', 1, true), all
end)
h.replace(flow, 'self.next(self.fitt,', 'self.next(self.fit,')
check('which goes when it is mended', function()
  local all = h.diagnostics(flow)
  return #all == 0, all
end)

h.run_lens(flow, 'class TrainFlow', 'Run flow')
check('the lens asks for trust, and dismissing runs nothing', function()
  return h.said('not trusted') and #h.processes() == 0, h.messages
end)
h.answers['flowls.trust'] = function(items)
  return items[1]
end
h.run_lens(flow, 'class TrainFlow', 'Run flow')
h.need('trusted, the flow runs', function()
  return h.has_lens(flow, 'class TrainFlow', 'Stop')
end, 60)
h.need('every step is done, with its time', function()
  local all = h.lenses(flow)
  for _, step in ipairs({ 'start', 'fit', 'choose', 'end' }) do
    if not h.has_lens(flow, 'def ' .. step .. '(', '✓ [%d.]+ ?m?s') then
      return false, all
    end
  end
  return true
end, 120)
vim.cmd('Flowls log')
check(':Flowls log shows the output to its end', function()
  local text = h.view('log')
  return text:find('Done!', 1, true), text
end, 30)
vim.cmd('Flowls runs')
check(':Flowls runs shows steps and artifacts', function()
  local text = h.view('runs')
  return text:find('self.score = 0.93', 1, true), text
end, 30)
vim.cmd('only')

local before = h.client(flow).id
vim.cmd('Flowls restart')
check(':Flowls restart starts a new server', function()
  return h.client(flow) and h.client(flow).id ~= before
end, 30)
vim.cmd('checkhealth flowls')
check(':checkhealth runs', function()
  local text = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n')
  return text:find('serves ' .. h.workspace, 1, true) and not text:find('ERROR', 1, true), text
end)
