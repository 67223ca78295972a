--- The user command :Flowls.
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
local function run_id(buffer, given)
  local told = require('flowls.status').latest_run(buffer)
  return given or commands.started[buffer] or (told and (told.runId or told.metaflowRunId))
end

--- Calls back with the argument that names a step: the given one, or the one at the cursor.
local function at_step(client, buffer, words, callback)
  require('flowls.flows').pick(client, buffer, nil, function(flow, step)
    local name = words[1] or (step and step.name)
    if not name then
      compat.notify_user('put the cursor in a step, or name it', vim.log.levels.WARN)
      return
    end
    callback({ uri = vim.uri_from_bufnr(buffer), flow = flow.name, step = name })
  end)
end

local function on_step(command, client, buffer, words)
  at_step(client, buffer, words, function(argument)
    commands.execute(client, command, argument, buffer)
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

local sub = {}

function sub.run(client, buffer, words)
  M.run_argument(client, buffer, words, function(argument)
    commands.execute(client, 'flowls.run', argument, buffer)
  end)
end

function sub.step(client, buffer, words)
  on_step('flowls.runStep', client, buffer, words)
end

function sub.resume(client, buffer, words)
  on_step('flowls.resume', client, buffer, words)
end

function sub.task(client, buffer, words)
  at_step(client, buffer, words, function(argument)
    commands.run_task(client, argument, buffer)
  end)
end

function sub.values(client, buffer, words)
  require('flowls.flows').pick(client, buffer, words[1], function(flow)
    commands.run_with_values(client, { uri = vim.uri_from_bufnr(buffer), flow = flow.name }, buffer)
  end)
end

function sub.rerun(client, buffer, words)
  require('flowls.flows').pick(client, buffer, words[1], function(flow)
    commands.execute(client, 'flowls.rerunFailed', { uri = vim.uri_from_bufnr(buffer), flow = flow.name }, buffer)
  end)
end

--- `:Flowls launch [STEP]`: the server asks what shall run on Kubernetes.
function sub.launch(client, buffer, words)
  require('flowls.flows').pick(client, buffer, nil, function(flow)
    local argument = { uri = vim.uri_from_bufnr(buffer), flow = flow.name, step = words[1] }
    commands.execute(client, 'flowls.chooseLaunch', argument, buffer)
  end)
end

function sub.stopall(client, buffer)
  commands.execute(client, 'flowls.stopAll', vim.empty_dict(), buffer, function(result)
    compat.notify_user(#result.runs == 1 and '1 run stopped' or ('%d runs stopped'):format(#result.runs))
  end)
end

--- `:Flowls yank [FLOW] [--name value]...`: what :Flowls run would execute.
function sub.yank(client, buffer, words)
  M.run_argument(client, buffer, words, function(argument)
    commands.yank(client, { command = 'flowls.run', argument = argument }, buffer)
  end)
end

function sub.stop(client, buffer, words)
  local id = words[1] or commands.started[buffer]
  if id then
    commands.execute(client, 'flowls.stop', { runId = id }, buffer)
    return
  end
  require('flowls.flows').pick(client, buffer, nil, function(flow)
    commands.execute(client, 'flowls.stop', { uri = vim.uri_from_bufnr(buffer), flow = flow.name }, buffer)
  end)
end

--- Calls back with the flow and the run that the code shows.
local function shown_run(client, buffer, callback)
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
local function with_step(ref, word)
  local step, task = word:match('^([^/]+)/([^/]+)$')
  return vim.tbl_extend('force', ref, { step = step or word, taskId = task })
end

function sub.log(client, buffer, words)
  local word = words[1]
  for _, flow in ipairs(require('flowls.flows').now(buffer)) do
    for _, step in ipairs(flow.steps or {}) do
      if word and step.name == word:match('^[^/]+') then
        shown_run(client, buffer, function(ref)
          require('flowls.log').open(client, with_step(ref, word))
        end)
        return
      end
    end
  end
  local id = run_id(buffer, word)
  if not id then
    compat.notify_user('no run yet', vim.log.levels.WARN)
    return
  end
  require('flowls.log').open(client, { runId = id })
end

function sub.card(client, buffer, words)
  shown_run(client, buffer, function(ref, step)
    local name = words[1] or (step and step.name)
    if not name then
      compat.notify_user('put the cursor in a step, or name it', vim.log.levels.WARN)
      return
    end
    require('flowls.cards').open(client, with_step(ref, name), buffer)
  end)
end

function sub.graph(client, buffer, words)
  require('flowls.flows').pick(client, buffer, words[1], function(flow)
    require('flowls.graph').open(client, vim.uri_from_bufnr(buffer), flow.name)
  end)
end

function sub.runs(client, buffer, words)
  require('flowls.flows').pick(client, buffer, words[1], function(flow)
    require('flowls.runs').open(client, vim.uri_from_bufnr(buffer), flow.name)
  end)
end

--- The run that the code shows; with a step, or on one of a foreach, its task.
function sub.choose(client, buffer, words)
  require('flowls.flows').pick(client, buffer, nil, function(flow)
    local uri = vim.uri_from_bufnr(buffer)
    if words[1] then
      require('flowls.history').choose_task(client, uri, flow.name, words[1], buffer)
    else
      require('flowls.history').choose_run(client, uri, flow.name, buffer)
    end
  end)
end

function sub.diff(client, buffer, words)
  require('flowls.flows').pick(client, buffer, nil, function(flow)
    require('flowls.history').diff(client, vim.uri_from_bufnr(buffer), flow.name, words[1], words[2], buffer)
  end)
end

function sub.artifact(client, buffer, words)
  if not words[1] then
    compat.notify_user('name it: :Flowls artifact Flow/run/step/task/name', vim.log.levels.WARN)
    return
  end
  commands.show_artifact(client, { pathspec = words[1] }, buffer)
end

--- Subcommands that need no running server.
local always = {}

function always.restart()
  require('flowls.attach').restart(function()
    compat.notify_user('restarted')
  end)
end

function always.info()
  vim.cmd('checkhealth flowls')
end

function always.trust(buffer)
  require('flowls.trust').set_for_buffer(buffer, true)
end

function always.untrust(buffer)
  require('flowls.trust').set_for_buffer(buffer, false)
end

local takes_step = { step = true, resume = true, launch = true, task = true, choose = true, log = true, card = true }
local takes_flow = { run = true, graph = true, runs = true, values = true, rerun = true, yank = true }

local function subcommands()
  local found = vim.list_extend(vim.tbl_keys(sub), vim.tbl_keys(always))
  table.sort(found)
  return found
end

local function starting_with(candidates, prefix)
  return vim.tbl_filter(function(candidate)
    return candidate:sub(1, #prefix) == prefix
  end, candidates)
end

--- Completion of :Flowls: the subcommand, then flows or steps of this buffer.
function M.complete(prefix, line, position)
  local words = vim.split(line:sub(1, position), '%s+')
  if #words <= 2 then
    return starting_with(subcommands(), prefix)
  end
  local wanted = words[2]
  if not (takes_step[wanted] or takes_flow[wanted]) then
    return {}
  end
  local found = {}
  for _, flow in ipairs(require('flowls.flows').now(vim.api.nvim_get_current_buf())) do
    if takes_flow[wanted] then
      table.insert(found, flow.name)
    else
      for _, step in ipairs(flow.steps or {}) do
        table.insert(found, step.name)
      end
    end
  end
  return starting_with(found, prefix)
end

---@param words string[] the subcommand and its arguments
function M.dispatch(buffer, words)
  local name = table.remove(words, 1)
  if always[name] then
    always[name](buffer)
    return
  end
  if not sub[name] then
    compat.notify_user(
      ('no subcommand %s: %s'):format(name or '', table.concat(subcommands(), ', ')),
      vim.log.levels.ERROR
    )
    return
  end
  local client = compat.client(buffer)
  if not client then
    compat.notify_user('the server does not serve this buffer, see :checkhealth flowls', vim.log.levels.ERROR)
    return
  end
  sub[name](client, buffer, words)
end

--- Define :Flowls in a buffer.
---@param buffer integer
function M.define(buffer)
  vim.api.nvim_buf_create_user_command(buffer, 'Flowls', function(options)
    M.dispatch(buffer, vim.list_extend({}, options.fargs))
  end, {
    nargs = '*',
    desc = 'Run, follow and inspect Metaflow flows',
    complete = M.complete,
  })
end

return M
