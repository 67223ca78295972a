--- Subcommands of :Flowls for runs on Kubernetes.
local commands = require('flowls.commands')
local compat = require('flowls.compat')
local target = require('flowls.ex.target')

local M = {}

--- Calls back with the task's place in the run that the code shows.
local function on_task(client, buffer, word, callback)
  target.shown_run(client, buffer, function(ref, step)
    local name = word or (step and step.name)
    if not name then
      compat.notify_user('put the cursor in a step, or name it', vim.log.levels.WARN)
      return
    end
    callback(target.with_step(ref, name))
  end)
end

function M.follow(client, buffer)
  target.shown_run(client, buffer, function(ref)
    commands.execute(client, 'flowls.watchKubernetes', ref, buffer)
  end)
end

--- The server asks what shall be deleted.
M.cleanup = target.on_flow('flowls.cleanUp')
M.preflight = target.on_flow('flowls.preflight')

function M.shell(client, buffer, words)
  on_task(client, buffer, words[1], function(argument)
    require('flowls.cluster').shell(client, argument, buffer)
  end)
end

--- `:Flowls forward [STEP[/TASK]] PORT`
function M.forward(client, buffer, words)
  local port = table.remove(words)
  on_task(client, buffer, words[1], function(argument)
    require('flowls.cluster').forward(client, argument, port, buffer)
  end)
end

return M
