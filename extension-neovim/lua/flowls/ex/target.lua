--- What the words behind :Flowls mean: a flow, a step, a run, values.
local compat = require('flowls.compat')
local commands = require('flowls.commands')

local M = {}

--- `--alpha 0.5 --name=x` as a table of parameters.
---@param words string[]
---@return table? parameters, string? err
function M.parameters(words)
  local parameters = {}
  local i = 1
  while i <= #words do
    local name, value = words[i]:match('^%-%-([^=]+)=(.*)$')
    if not name then
      name = words[i]:match('^%-%-(.+)$')
      i = i + 1
      value = words[i]
    end
    if not name or not value then
      return nil, 'parameters look like --name value'
    end
    parameters[name] = value
    i = i + 1
  end
  return parameters, nil
end

--- The run a command means: the named one, the one started last from here, or
--- the last that the server told of.
function M.run_id(buffer, given)
  local told = require('flowls.status').latest_run(buffer)
  return given or commands.started[buffer] or (told and (told.runId or told.metaflowRunId))
end

--- Calls back with the argument that names a step: the given one, or the one at the cursor.
function M.at_step(client, buffer, words, callback)
  require('flowls.flows').pick(client, buffer, nil, function(flow, step)
    local name = words[1] or (step and step.name)
    if not name then
      compat.notify_user('put the cursor in a step, or name it', vim.log.levels.WARN)
      return
    end
    callback({ uri = vim.uri_from_bufnr(buffer), flow = flow.name, step = name })
  end)
end

--- Calls back with the argument of flowls.run for `[FLOW] [--name value]...`.
function M.run_argument(client, buffer, words, callback)
  local name
  if words[1] and not words[1]:match('^%-%-') then
    name = table.remove(words, 1)
  end
  local parameters, err = M.parameters(words)
  if err then
    compat.notify_user(err, vim.log.levels.ERROR)
    return
  end
  require('flowls.flows').pick(client, buffer, name, function(flow)
    local argument = { uri = vim.uri_from_bufnr(buffer), flow = flow.name }
    if next(parameters) then
      argument.parameters = parameters
    end
    callback(argument)
  end)
end

--- A subcommand that gives commands of the server for a flow.
---@param ... string such as 'flowls.clearFailures'
function M.on_flow(...)
  local names = { ... }
  return function(client, buffer, words)
    require('flowls.flows').pick(client, buffer, words[1], function(flow)
      for _, command in ipairs(names) do
        commands.execute(client, command, { uri = vim.uri_from_bufnr(buffer), flow = flow.name }, buffer)
      end
    end)
  end
end

--- Calls back with the flow and the run that the code shows.
function M.shown_run(client, buffer, callback)
  require('flowls.flows').pick(client, buffer, nil, function(flow, step)
    local params = { uri = vim.uri_from_bufnr(buffer), flow = flow.name, limit = 20 }
    compat.request(client, 'flowls/runs', params, function(err, result)
      if err then
        compat.notify_user(err.message or tostring(err), vim.log.levels.ERROR)
        return
      end
      for _, run in ipairs(result.runs or {}) do
        if run.shown then
          callback({ uri = params.uri, flow = flow.name, runId = run.runId or run.metaflowRunId }, step)
          return
        end
      end
      compat.notify_user('no run yet', vim.log.levels.WARN)
    end, buffer)
  end)
end

--- `step` or `step/task`, as an argument of the server.
function M.with_step(ref, word)
  local step, task = word:match('^([^/]+)/([^/]+)$')
  return vim.tbl_extend('force', ref, { step = step or word, taskId = task })
end

return M
