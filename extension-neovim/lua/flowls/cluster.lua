--- Pods of runs on Kubernetes: terminals into them, and what is left of runs.
local compat = require('flowls.compat')
local commands = require('flowls.commands')

local M = {}

--- Open what the server answers in a terminal; without kubectl it is yanked.
local function terminal(result)
  if not result.found then
    vim.fn.setreg('"', result.commandLine)
    compat.notify_user('kubectl is not there; yanked: ' .. result.commandLine, vim.log.levels.WARN)
    return
  end
  vim.cmd('botright new')
  if vim.fn.has('nvim-0.11') == 1 then
    vim.fn.jobstart(result.argv, { term = true })
  else
    vim.fn.termopen(result.argv)
  end
  vim.cmd('startinsert')
end

---@param argument table flow, step and perhaps task
function M.shell(client, argument, buffer)
  commands.execute(client, 'flowls.shell', argument, buffer, terminal)
end

---@param port string
function M.forward(client, argument, port, buffer)
  local number = tonumber(port)
  if not number then
    compat.notify_user('name a port: :Flowls forward {step}[/{task}] {port}', vim.log.levels.WARN)
    return
  end
  commands.execute(client, 'flowls.portForward', vim.tbl_extend('force', argument, { port = number }), buffer, terminal)
end

return M
