--- Subcommands of :Flowls that start and stop runs.
local commands = require('flowls.commands')
local compat = require('flowls.compat')
local target = require('flowls.ex.target')

local M = {}

local function on_step(command, client, buffer, words)
  target.at_step(client, buffer, words, function(argument)
    commands.execute(client, command, argument, buffer)
  end)
end

function M.run(client, buffer, words)
  target.run_argument(client, buffer, words, function(argument)
    commands.execute(client, 'flowls.run', argument, buffer)
  end)
end

function M.step(client, buffer, words)
  on_step('flowls.runStep', client, buffer, words)
end

function M.resume(client, buffer, words)
  on_step('flowls.resume', client, buffer, words)
end

function M.task(client, buffer, words)
  target.at_step(client, buffer, words, function(argument)
    commands.run_task(client, argument, buffer)
  end)
end

function M.values(client, buffer, words)
  require('flowls.flows').pick(client, buffer, words[1], function(flow)
    commands.run_with_values(client, { uri = vim.uri_from_bufnr(buffer), flow = flow.name }, buffer)
  end)
end

M.rerun = target.on_flow('flowls.rerunFailed')

--- `:Flowls launch [STEP]`: the server asks what shall run on Kubernetes.
function M.launch(client, buffer, words)
  require('flowls.flows').pick(client, buffer, nil, function(flow)
    local argument = { uri = vim.uri_from_bufnr(buffer), flow = flow.name, step = words[1] }
    commands.execute(client, 'flowls.chooseLaunch', argument, buffer)
  end)
end

function M.stopall(client, buffer)
  commands.execute(client, 'flowls.stopAll', vim.empty_dict(), buffer, function(result)
    compat.notify_user(#result.runs == 1 and '1 run stopped' or ('%d runs stopped'):format(#result.runs))
  end)
end

--- `:Flowls yank [FLOW] [--name value]...`: what :Flowls run would execute.
function M.yank(client, buffer, words)
  target.run_argument(client, buffer, words, function(argument)
    commands.yank(client, { command = 'flowls.run', argument = argument }, buffer)
  end)
end

function M.stop(client, buffer, words)
  local id = words[1] or commands.started[buffer]
  if id then
    commands.execute(client, 'flowls.stop', { runId = id }, buffer)
    return
  end
  require('flowls.flows').pick(client, buffer, nil, function(flow)
    commands.execute(client, 'flowls.stop', { uri = vim.uri_from_bufnr(buffer), flow = flow.name }, buffer)
  end)
end

--- `:Flowls with step|resume|rerun [STEP]`: the same with options of Metaflow, and of a run that is chosen.
function M.with(client, buffer, words)
  local command = ({ step = 'flowls.runStep', resume = 'flowls.resume', rerun = 'flowls.rerunFailed' })[words[1]]
  if not command then
    compat.notify_user('name what: :Flowls with step, resume or rerun', vim.log.levels.WARN)
    return
  end
  local function ask(argument)
    commands.with_options(client, { command = command, argument = argument }, buffer)
  end
  if words[1] ~= 'rerun' then
    target.at_step(client, buffer, { words[2] }, ask)
    return
  end
  require('flowls.flows').pick(client, buffer, words[2], function(flow)
    ask({ uri = vim.uri_from_bufnr(buffer), flow = flow.name })
  end)
end

return M
