--- What can be asked of flowls, by code lenses and by :Flowls (ex.lua). Both go
--- the same way: trust first, then the server.
local compat = require('flowls.compat')

local M = {}

local runs_code = {
  ['flowls.run'] = true,
  ['flowls.runStep'] = true,
  ['flowls.resume'] = true,
  ['flowls.rerunFailed'] = true,
  ['flowls.launch'] = true,
  ['flowls.chooseLaunch'] = true,
}

--- Commands that the server refuses without trust, beside those that run code.
local needs_trust = {
  ['flowls.exportArtifact'] = true,
  ['flowls.showRemoteRuns'] = true,
  ['flowls.showRemoteValues'] = true,
  ['flowls.watchKubernetes'] = true,
  ['flowls.cleanUp'] = true,
  ['flowls.preflight'] = true,
  ['flowls.shell'] = true,
  ['flowls.portForward'] = true,
}

--- buffer -> the id of the run that was started last from it
M.started = {}

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
      M.started[buffer] = result.runId
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
  if not runs_code[name] and not needs_trust[name] then
    send(client, name, argument, buffer, callback)
    return
  end
  require('flowls.trust').ensure(client, function(granted)
    if not granted then
      compat.notify_user('nothing was run: this workspace is not trusted (:Flowls trust)', vim.log.levels.WARN)
      return
    end
    if needs_trust[name] or save(argument.uri and vim.uri_to_bufnr(argument.uri) or buffer) then
      send(client, name, argument, buffer, callback)
    end
  end)
end

function M.show_artifact(client, argument, buffer)
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

function M.run_with_values(client, argument, buffer)
  require('flowls.ask').values(client, argument.uri, argument.flow, buffer, function(given)
    M.execute(client, 'flowls.run', vim.tbl_extend('error', { uri = argument.uri, flow = argument.flow }, given), buffer)
  end)
end

function M.run_task(client, argument, buffer)
  require('flowls.ask.inputs').task(client, argument, buffer, function(run, task)
    M.execute(client, 'flowls.runStep', vim.tbl_extend('error', argument, { runId = run, taskId = task }), buffer)
  end)
end

--- Ask for the run or the task to take up and for options, and give the command with them.
---@param given { command: string, argument: table }
function M.with_options(client, given, buffer)
  require('flowls.ask.inputs').again(client, given, buffer, function(more)
    M.execute(client, given.command, vim.tbl_extend('force', given.argument, more), buffer)
  end)
end

--- Put what would be executed into a register: the unnamed one, and the
--- clipboard where there is one.
function M.yank(client, argument, buffer)
  M.execute(client, 'flowls.commandLine', argument, buffer, function(result)
    vim.fn.setreg('"', result.commandLine)
    if vim.fn.has('clipboard') == 1 then
      pcall(vim.fn.setreg, '+', result.commandLine)
    end
    compat.notify_user('yanked: ' .. result.commandLine)
  end)
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
  ['flowls.showArtifact'] = M.show_artifact,
  ['flowls.runWithParameters'] = M.run_with_values,
  ['flowls.runTask'] = M.run_task,
  ['flowls.withOptions'] = M.with_options,
  ['flowls.commandLine'] = M.yank,
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
  'flowls.runWithParameters',
  'flowls.runTask',
  'flowls.resume',
  'flowls.rerunFailed',
  'flowls.withOptions',
  'flowls.launch',
  'flowls.chooseLaunch',
  'flowls.commandLine',
  'flowls.stopAll',
  'flowls.stop',
  'flowls.watchKubernetes',
  'flowls.showRemoteValues',
  'flowls.selectRun',
  'flowls.chooseRun',
  'flowls.chooseTask',
  'flowls.clearFailures',
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

return M
