--- Subcommands of :Flowls that show what runs left.
local commands = require('flowls.commands')
local compat = require('flowls.compat')
local target = require('flowls.ex.target')

local M = {}

function M.log(client, buffer, words)
  local word = words[1]
  for _, flow in ipairs(require('flowls.flows').now(buffer)) do
    for _, step in ipairs(flow.steps or {}) do
      if word and step.name == word:match('^[^/]+') then
        target.shown_run(client, buffer, function(ref)
          require('flowls.log').open(client, target.with_step(ref, word))
        end)
        return
      end
    end
  end
  local id = target.run_id(buffer, word)
  if not id then
    compat.notify_user('no run yet', vim.log.levels.WARN)
    return
  end
  require('flowls.log').open(client, { runId = id })
end

function M.card(client, buffer, words)
  target.shown_run(client, buffer, function(ref, step)
    local name = words[1] or (step and step.name)
    if not name then
      compat.notify_user('put the cursor in a step, or name it', vim.log.levels.WARN)
      return
    end
    require('flowls.cards').open(client, target.with_step(ref, name), buffer)
  end)
end

function M.graph(client, buffer, words)
  require('flowls.flows').pick(client, buffer, words[1], function(flow)
    require('flowls.graph').open(client, vim.uri_from_bufnr(buffer), flow.name)
  end)
end

function M.runs(client, buffer, words)
  require('flowls.flows').pick(client, buffer, words[1], function(flow)
    require('flowls.runs').open(client, vim.uri_from_bufnr(buffer), flow.name)
  end)
end

--- The run that the code shows; with a step, or on one of a foreach, its task.
function M.choose(client, buffer, words)
  require('flowls.flows').pick(client, buffer, nil, function(flow)
    local uri = vim.uri_from_bufnr(buffer)
    if words[1] then
      require('flowls.history').choose_task(client, uri, flow.name, words[1], buffer)
    else
      require('flowls.history').choose_run(client, uri, flow.name, buffer)
    end
  end)
end

function M.diff(client, buffer, words)
  require('flowls.flows').pick(client, buffer, nil, function(flow)
    require('flowls.history').diff(client, vim.uri_from_bufnr(buffer), flow.name, words[1], words[2], buffer)
  end)
end

--- The artifact that is named, else one of the run that the code shows, which is asked for.
local function artifact(client, buffer, words, callback)
  if words[1] then
    callback(words[1])
    return
  end
  target.shown_run(client, buffer, function(ref, step)
    require('flowls.ask.inputs').artifact(client, ref, step and step.name, buffer, callback)
  end)
end

function M.artifact(client, buffer, words)
  artifact(client, buffer, words, function(pathspec)
    commands.show_artifact(client, { pathspec = pathspec }, buffer)
  end)
end

--- `:Flowls[!] export [PATHSPEC [FILE]]`: the file is asked for, and with ! replaced.
function M.export(client, buffer, words, bang)
  artifact(client, buffer, words, function(pathspec)
    local function export(file)
      if file and file ~= '' then
        file = vim.fn.fnamemodify(file, ':p')
        local argument = { pathspec = pathspec, uri = vim.uri_from_bufnr(buffer), file = file, overwrite = bang or nil }
        commands.execute(client, 'flowls.exportArtifact', argument, buffer, function(result)
          compat.notify_user('written: ' .. result.file)
        end)
      end
    end
    if words[2] then
      export(words[2])
      return
    end
    local name = pathspec:match('[^/]+$') .. '.csv'
    vim.ui.input({ prompt = 'Write to (npy, csv, json or png): ', default = name, completion = 'file' }, export)
  end)
end

--- Takes the failures of the shown run out of the code.
M.clear = target.on_flow('flowls.clearFailures', 'flowls.clearPreflight')

--- How the newest runs in the metadata service stand, in a message of the server.
M.remote = target.on_flow('flowls.showRemoteRuns')

--- Values that the runs of this folder keep in S3 are shown from now on.
M.s3 = target.on_flow('flowls.showRemoteValues')

return M
