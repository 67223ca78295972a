--- What can be asked of flowls: the commands behind code lenses and the user
--- command :Flowls. Both go the same way: trust first, then the server.
local compat = require('flowls.compat')

local M = {}

local runs_code = { ['flowls.run'] = true, ['flowls.runStep'] = true, ['flowls.resume'] = true }

--- buffer -> the id of the run that was started last from it
local started = {}

local function failed(err)
  compat.notify_user(err.message or tostring(err), vim.log.levels.ERROR)
end

local function send(client, name, argument, buffer, callback)
  local params = { command = name, arguments = { argument } }
  compat.request(client, 'workspace/executeCommand', params, function(err, result)
    if err then
      failed(err)
      return
    end
    if type(result) == 'table' and result.runId and runs_code[name] then
      started[buffer] = result.runId
    end
    if callback then
      callback(result)
    end
    require('flowls.lens').refresh_client(client)
  end, buffer)
end

--- Metaflow runs what is on disk: write the flow's buffer first, as a click on Run means what is on the screen.
---@return boolean whether the file holds what the buffer shows
local function save(buffer)
  if not vim.bo[buffer].modified then
    return true
  end
  local ok, err = pcall(vim.api.nvim_buf_call, buffer, function()
    vim.cmd('silent update')
  end)
  if not ok or vim.bo[buffer].modified then
    compat.notify_user('nothing was run: the buffer could not be written: ' .. tostring(err), vim.log.levels.ERROR)
    return false
  end
  return true
end

--- Execute a command of the server; one that runs code only in a trusted workspace.
---@param name string such as 'flowls.run'
---@param argument table
---@param buffer integer
---@param callback fun(result: any)?
function M.execute(client, name, argument, buffer, callback)
  if not runs_code[name] then
    send(client, name, argument, buffer, callback)
    return
  end
  require('flowls.trust').ensure(client, function(granted)
    if not granted then
      compat.notify_user('nothing was run: this workspace is not trusted (:Flowls trust)', vim.log.levels.WARN)
      return
    end
    if save(argument.uri and vim.uri_to_bufnr(argument.uri) or buffer) then
      send(client, name, argument, buffer, callback)
    end
  end)
end

local function show_artifact(client, argument, buffer)
  local params = { pathspec = argument.pathspec, uri = argument.uri or vim.uri_from_bufnr(buffer) }
  compat.request(client, 'flowls/artifact', params, function(err, result)
    if err then
      failed(err)
      return
    end
    local view = require('flowls.view')
    local source = vim.api.nvim_get_current_win()
    local shown = view.open('artifact/' .. argument.pathspec)
    vim.api.nvim_set_current_win(source)
    local lines = { ('%s  %s  %s bytes'):format(result.name, result.type or '?', result.size or '?'), '' }
    vim.list_extend(lines, view.lines(result.text or result.preview or 'no preview'))
    view.set(shown, lines)
  end, buffer)
end

--- Lens commands that Neovim shows itself instead of sending them to the server.
local shown_here = {
  ['flowls.showLog'] = function(client, argument)
    require('flowls.log').open(client, argument)
  end,
  ['flowls.showCard'] = function(client, argument, buffer)
    require('flowls.cards').open(client, argument, buffer)
  end,
  ['flowls.showGraph'] = function(client, argument)
    require('flowls.graph').open(client, argument.uri, argument.flow)
  end,
  ['flowls.showArtifact'] = show_artifact,
  ['flowls.chooseRun'] = function(client, argument, buffer)
    require('flowls.history').choose_run(client, argument.uri, argument.flow, buffer)
  end,
  ['flowls.chooseTask'] = function(client, argument, buffer)
    require('flowls.history').choose_task(client, argument.uri, argument.flow, argument.step, buffer)
  end,
}

local names = {
  'flowls.run',
  'flowls.runStep',
  'flowls.resume',
  'flowls.stop',
  'flowls.selectRun',
  'flowls.chooseRun',
  'flowls.chooseTask',
  'flowls.showLog',
  'flowls.showCard',
  'flowls.showGraph',
  'flowls.showArtifact',
}

--- The client's own commands, which vim.lsp.codelens.run() looks at first.
---@return table<string, function>
function M.lens_commands()
  local commands = {}
  for _, name in ipairs(names) do
    commands[name] = function(command, ctx)
      local client = vim.lsp.get_client_by_id(ctx.client_id)
      local buffer = compat.buffer(ctx.bufnr)
      local argument = (command.arguments or {})[1] or {}
      if not client then
        return
      end
      if shown_here[name] then
        shown_here[name](client, argument, buffer)
      else
        M.execute(client, name, argument, buffer)
      end
    end
  end
  return commands
end

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
  return given or started[buffer] or (told and (told.runId or told.metaflowRunId))
end

local function on_step(command, client, buffer, words)
  require('flowls.flows').pick(client, buffer, nil, function(flow, step)
    local name = words[1] or (step and step.name)
    if not name then
      compat.notify_user('put the cursor in a step, or name it', vim.log.levels.WARN)
      return
    end
    M.execute(client, command, { uri = vim.uri_from_bufnr(buffer), flow = flow.name, step = name }, buffer)
  end)
end

local sub = {}

function sub.run(client, buffer, words)
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
    M.execute(client, 'flowls.run', argument, buffer)
  end)
end

function sub.step(client, buffer, words)
  on_step('flowls.runStep', client, buffer, words)
end

function sub.resume(client, buffer, words)
  on_step('flowls.resume', client, buffer, words)
end

function sub.stop(client, buffer, words)
  local id = words[1] or started[buffer]
  if id then
    M.execute(client, 'flowls.stop', { runId = id }, buffer)
    return
  end
  require('flowls.flows').pick(client, buffer, nil, function(flow)
    M.execute(client, 'flowls.stop', { uri = vim.uri_from_bufnr(buffer), flow = flow.name }, buffer)
  end)
end

--- Calls back with the flow and the run that the code shows.
local function shown_run(client, buffer, callback)
  require('flowls.flows').pick(client, buffer, nil, function(flow, step)
    local params = { uri = vim.uri_from_bufnr(buffer), flow = flow.name, limit = 20 }
    compat.request(client, 'flowls/runs', params, function(err, result)
      if err then
        failed(err)
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
  show_artifact(client, { pathspec = words[1] }, buffer)
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

local takes_step = { step = true, resume = true, choose = true, log = true, card = true }
local takes_flow = { run = true, graph = true, runs = true }

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
