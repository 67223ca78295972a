--- Asks for what a command takes from an earlier run: the run, a task, an
--- artifact; for a resume or one step, options too.
local compat = require('flowls.compat')

local M = {}

local function failed(err)
  compat.notify_user(err.message or tostring(err), vim.log.levels.ERROR)
end

--- Calls back with the run, or the run and the task, that a command takes up.
local function ask_inputs(client, command, argument, buffer, callback)
  if command == 'flowls.resume' and not argument.originRunId then
    local params = { uri = argument.uri, flow = argument.flow, step = argument.step }
    compat.request(client, 'flowls/origins', params, function(err, answer)
      if err then
        failed(err)
        return
      end
      vim.ui.select(answer.runs, {
        prompt = ('Resume %s from %s: of which run?'):format(argument.flow, argument.step),
        kind = 'flowls.origin',
        format_item = function(run)
          return run.label
        end,
      }, function(run)
        if run then
          callback({ originRunId = run.runId })
        end
      end)
    end, buffer)
  elseif command == 'flowls.runStep' and not argument.taskId then
    M.task(client, argument, buffer, function(run, task)
      callback({ runId = run, taskId = task })
    end)
  else
    callback({})
  end
end

--- Ask for what a command that takes up an earlier run leaves out, and for options.
---@param given { command: string, argument: table }
---@param callback fun(more: table) members for the argument
function M.again(client, given, buffer, callback)
  local command, argument = given.command, given.argument
  ask_inputs(client, command, argument, buffer, function(inputs)
    local kind = command == 'flowls.runStep' and 'spin' or 'resume'
    local params = { uri = argument.uri, flow = argument.flow, kind = kind }
    compat.request(client, 'flowls/runForm', params, function(err, form)
      if err then
        failed(err)
        return
      end
      require('flowls.ask.options').ask(form, function(chosen)
        if chosen then
          callback(vim.tbl_extend('force', inputs, { options = next(chosen) and chosen or vim.empty_dict() }))
        end
      end)
    end, buffer)
  end)
end

--- Ask for an artifact of a run: of one step, else of all.
---@param ref { uri: string, flow: string, runId: string }
---@param callback fun(pathspec: string)
function M.artifact(client, ref, step, buffer, callback)
  compat.request(client, 'flowls/run', ref, function(err, run)
    if err then
      failed(err)
      return
    end
    local found = {}
    for _, s in ipairs(run.steps or {}) do
      for _, task in ipairs((not step or s.name == step) and s.tasksDetail or {}) do
        for _, artifact in ipairs(task.artifacts or {}) do
          local parts = { ref.flow, run.metaflowRunId, s.name, task.taskId, artifact.name }
          table.insert(found, { pathspec = table.concat(parts, '/'), artifact = artifact })
        end
      end
    end
    if #found == 0 then
      compat.notify_user((step or ref.flow) .. ' has no artifact in the run that the code shows', vim.log.levels.WARN)
      return
    end
    vim.ui.select(found, {
      prompt = 'Artifact:',
      kind = 'flowls.artifact',
      format_item = function(item)
        return item.pathspec .. '  ' .. (item.artifact.preview or item.artifact.type)
      end,
    }, function(item)
      if item then
        callback(item.pathspec)
      end
    end)
  end, buffer)
end

--- Ask for the task whose inputs a step shall have.
---@param argument table uri, flow, step
---@param callback fun(runId: string?, taskId: string?) neither: the server chooses, or says what is missing
function M.task(client, argument, buffer, callback)
  compat.request(client, 'flowls/tasks', argument, function(err, answer)
    if err then
      callback(nil, nil)
      return
    end
    vim.ui.select(answer.tasks, {
      prompt = ('Inputs of which task of run %s?'):format(answer.runId),
      kind = 'flowls.task',
      format_item = function(task)
        return task.label
      end,
    }, function(task)
      if task then
        callback(answer.runId, task.taskId)
      end
    end)
  end, buffer)
end

return M
