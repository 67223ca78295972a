--- Choosing what the code shows, a run or a task of a foreach, and comparing runs.
local compat = require('flowls.compat')

local M = {}

local function failed(err)
  compat.notify_user(err.message or tostring(err), vim.log.levels.ERROR)
end

local function execute(client, name, argument, buffer)
  require('flowls.commands').execute(client, name, argument, buffer)
end

--- The runs of a flow that can be shown, newest first; spins belong to one step.
local function with_runs(client, uri, flow, buffer, callback)
  compat.request(client, 'flowls/runs', { uri = uri, flow = flow, limit = 50 }, function(err, result)
    if err then
      failed(err)
      return
    end
    local runs = vim.tbl_filter(function(run)
      return run.kind ~= 'spin' and run.kind ~= 'remote-spin'
    end, result.runs or {})
    if #runs == 0 then
      compat.notify_user(flow .. ' has not run yet', vim.log.levels.WARN)
      return
    end
    callback(runs)
  end, buffer)
end

local function key(run)
  return run.runId or run.metaflowRunId
end

local function title(run)
  local parts = { run.startedAt, run.kind, run.status }
  if run.shown then
    table.insert(parts, 'shown')
  end
  return table.concat(parts, '  ')
end

--- Ask for the run that lenses and values shall show.
function M.choose_run(client, uri, flow, buffer)
  with_runs(client, uri, flow, buffer, function(runs)
    table.insert(runs, 1, { latest = true })
    vim.ui.select(runs, {
      prompt = 'Run of ' .. flow .. ' that the code shows:',
      kind = 'flowls.run',
      format_item = function(run)
        return run.latest and 'latest, always' or title(run)
      end,
    }, function(run)
      if run then
        execute(client, 'flowls.selectRun', { uri = uri, flow = flow, runId = key(run) }, buffer)
      end
    end)
  end)
end

--- Ask for the task of a step whose values shall be shown.
function M.choose_task(client, uri, flow, step, buffer)
  with_runs(client, uri, flow, buffer, function(runs)
    local shown = runs[1]
    for _, run in ipairs(runs) do
      if run.shown then
        shown = run
      end
    end
    compat.request(client, 'flowls/run', { uri = uri, flow = flow, runId = key(shown) }, function(err, run)
      if err then
        failed(err)
        return
      end
      local tasks = {}
      for _, s in ipairs(run.steps or {}) do
        if s.name == step then
          tasks = s.tasksDetail or {}
        end
      end
      if #tasks == 0 then
        compat.notify_user(step .. ' has not run in this run', vim.log.levels.WARN)
        return
      end
      vim.ui.select(tasks, {
        prompt = 'Task of ' .. step .. ' that the code shows:',
        kind = 'flowls.task',
        format_item = function(task)
          return ((task.foreach or '') ~= '' and task.foreach or 'task ' .. task.taskId) .. '  ' .. task.status
        end,
      }, function(task)
        if task then
          execute(client, 'flowls.selectRun', {
            uri = uri,
            flow = flow,
            runId = key(shown) ~= key(runs[1]) and key(shown) or nil,
            step = step,
            taskId = task.taskId,
          }, buffer)
        end
      end)
    end, buffer)
  end)
end

--- Show what differs between a run, else the one shown, and another, else the one before it.
function M.diff(client, uri, flow, run, other, buffer)
  local argument = { uri = uri, flow = flow, runId = run, otherId = other }
  compat.request(client, 'flowls/diff', argument, function(err, result)
    if err then
      failed(err)
      return
    end
    local view = require('flowls.view')
    local source = vim.api.nvim_get_current_win()
    local shown = view.open('diff/' .. flow, { filetype = 'diff' })
    vim.api.nvim_set_current_win(source)
    view.set(shown, view.lines(result.text))
  end, buffer)
end

return M
