--- The latest runs of a flow as text: runs, steps, tasks, artifacts.
local compat = require('flowls.compat')
local view = require('flowls.view')

local M = {}

local marks = {
  pending = '·',
  starting = '…',
  running = '●',
  succeeded = '✓',
  failed = '✗',
  stopped = '■',
  unknown = '?',
}

---@param ms number?
local function duration(ms)
  if not ms or ms == vim.NIL then
    return ''
  end
  if ms < 60000 then
    return ('%.1f s'):format(ms / 1000)
  end
  return ('%d min %d s'):format(math.floor(ms / 60000), math.floor(ms % 60000 / 1000))
end

local function joined(...)
  local parts = {}
  for _, part in ipairs({ ... }) do
    if part ~= '' then
      table.insert(parts, part)
    end
  end
  return table.concat(parts, '  ')
end

local function artifact_line(artifact)
  local shown = artifact.preview
  if not shown or shown == vim.NIL or shown == '' then
    shown = ('%s, %s bytes'):format(artifact.type or '?', artifact.size or '?')
  end
  return ('        self.%s = %s'):format(artifact.name, tostring(shown):gsub('%s+', ' '))
end

--- The lines of one run.
---@return string[]
function M.lines(run)
  local lines = {
    joined(
      marks[run.status] or '?',
      run.metaflowRunId or run.runId or '',
      run.kind or 'run',
      run.status,
      run.startedAt or ''
    ),
  }
  for _, step in ipairs(run.steps or {}) do
    local tasks = (step.tasks or 0) > 1 and ('%d/%d'):format(step.done or 0, step.tasks) or ''
    table.insert(lines, '  ' .. joined(marks[step.status] or '?', step.name, tasks, duration(step.durationMs)))
    for _, task in ipairs(type(step.tasksDetail) == 'table' and step.tasksDetail or {}) do
      table.insert(
        lines,
        '      ' .. joined(marks[task.status] or '?', 'task ' .. task.taskId, duration(task.durationMs))
      )
      if type(task.exception) == 'string' and task.exception ~= '' then
        for _, line in ipairs(view.lines(task.exception)) do
          table.insert(lines, '        ' .. line)
        end
      end
      for _, artifact in ipairs(type(task.artifacts) == 'table' and task.artifacts or {}) do
        table.insert(lines, artifact_line(artifact))
      end
    end
  end
  return lines
end

local function name_of(flow)
  return 'runs/' .. flow
end

--- The id that flowls/run takes: flowls' own when it launched the run, else Metaflow's.
local function id_of(run)
  if run.runId and run.runId ~= vim.NIL then
    return run.runId
  end
  return run.metaflowRunId
end

local function fill(client, uri, flow)
  compat.request(client, 'flowls/runs', { uri = uri, flow = flow, limit = 20 }, function(err, result)
    local buffer = view.find(name_of(flow))
    if not buffer then
      return
    end
    if err then
      view.set(buffer, { err.message })
      return
    end
    local runs = result.runs or {}
    if #runs == 0 then
      view.set(buffer, { 'no run of ' .. flow .. ' yet: :Flowls run' })
      return
    end
    -- The newest in full, the others in one line each.
    compat.request(client, 'flowls/run', { uri = uri, flow = flow, runId = id_of(runs[1]) }, function(_, detail)
      if not vim.api.nvim_buf_is_valid(buffer) then
        return
      end
      local lines = M.lines(detail or runs[1])
      for i = 2, #runs do
        table.insert(lines, M.lines({
          status = runs[i].status,
          runId = runs[i].runId,
          metaflowRunId = runs[i].metaflowRunId,
          kind = runs[i].kind,
          startedAt = runs[i].startedAt,
        })[1])
      end
      view.set(buffer, lines)
    end)
  end)
end

--- Show the latest runs of a flow.
function M.open(client, uri, flow)
  local source = vim.api.nvim_get_current_win()
  local buffer = view.open(name_of(flow))
  vim.b[buffer].flowls_runs = { uri = uri, flow = flow }
  vim.api.nvim_set_current_win(source)
  fill(client, uri, flow)
  return buffer
end

--- flowls/runChanged came: redraw the view of that flow, if it is open.
function M.on_run_changed(client, result)
  if view.find(name_of(result.flow)) then
    fill(client, result.uri, result.flow)
  end
end

return M
