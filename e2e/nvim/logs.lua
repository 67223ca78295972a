-- Logs of tasks, tracebacks in the quickfix list and cards, in Neovim 0.11 or newer.
local h = require('harness')
local check = h.check

local source = [[
import sys

from metaflow import FlowSpec, card, current, step
from metaflow.cards import Markdown


def divide(x):
    return 1 / x


class TalkFlow(FlowSpec):
    @card(type="blank", id="first")
    @card(type="blank", id="second")
    @step
    def start(self):
        print("grüße on stdout")
        print("  and stderr", file=sys.stderr)
        print("\r10%\r100%")
        current.card["first"].append(Markdown("# One"))
        current.card["second"].append(Markdown("# Two"))
        self.next(self.end)

    @step
    def end(self):
        divide(0)


if __name__ == "__main__":
    TalkFlow()
]]
local file = assert(io.open(h.workspace .. '/talk_flow.py', 'w'))
file:write(source)
file:close()

local opened = {}
vim.ui.open = function(target)
  table.insert(opened, target)
end

local flow = h.open('talk_flow.py')
h.need('the server attaches', function()
  return h.client(flow) and vim.lsp.buf_is_attached(flow, h.client(flow).id)
end)
require('flowls').trust(flow)
h.run_lens(flow, 'class TalkFlow', 'Run flow')
h.need('the lens of the failed step tells why', function()
  return h.has_lens(flow, 'def end(', 'failed · ZeroDivisionError'), h.lenses(flow)
end, 120)

-- The buffer changes: frames lead to where their lines are now.
vim.api.nvim_buf_set_lines(flow, 0, 0, false, { '# one', '# two' })
h.run_lens(flow, 'def end(', 'ZeroDivisionError')
check('it leads to the log of the task', function()
  local text = h.view('log')
  return text:find('ZeroDivisionError: division by zero', 1, true) and not text:find('grüße', 1, true), text
end)
check('the traceback is in the quickfix list, at today’s lines', function()
  local lines = {}
  for _, item in ipairs(vim.fn.getqflist()) do
    if item.bufnr == flow then
      lines[#lines + 1] = item.lnum
    end
  end
  return vim.deep_equal(lines, { h.line_of(flow, 'divide(0)'), (h.line_of(flow, 'return 1 / x')) }), vim.fn.getqflist()
end)
check(':clast jumps into the code', function()
  vim.cmd('silent clast')
  return vim.api.nvim_get_current_buf() == flow and vim.api.nvim_get_current_line():find('return 1 / x', 1, true),
    vim.api.nvim_get_current_line()
end)
vim.cmd('only')

vim.cmd('Flowls log start')
check(':Flowls log with a step shows what its task printed', function()
  local found, text = false, ''
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_get_name(buffer):match('^flowls://log/.*/start$') then
      text = table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), '\n')
      found = text:find('grüße on stdout', 1, true) and text:find('\n  and stderr', 1, true) or text:find('^  and stderr')
    end
  end
  return found and text:find('\n100%', 1, true) and not text:find('10%\r', 1, true), text
end)
vim.cmd('only')

-- Cards ----------------------------------------------------------------------
h.answers['flowls.card'] = function(cards)
  for _, card in ipairs(cards) do
    if card.id == 'second' then
      return card
    end
  end
end
h.run_lens(flow, 'def start(', 'Card')
check('the card that was chosen is opened outside', function()
  return #opened == 1 and tostring(opened[1]):match('blank%-second%-%x+%.html$'), opened
end)
vim.cmd('Flowls card end')
check('a step without cards says so', function()
  return h.said('step end has no card'), h.messages
end)
