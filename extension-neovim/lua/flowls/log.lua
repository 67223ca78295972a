--- The output of a run, followed while it goes on.
local compat = require('flowls.compat')
local config = require('flowls.config')
local view = require('flowls.view')

local M = {}

local poll_ms = 400

--- Append text to a log view. The last line of the view stays open: what comes
--- next continues it.
local function append(buffer, text)
  local count = vim.api.nvim_buf_line_count(buffer)
  local last = vim.api.nvim_buf_get_lines(buffer, count - 1, count, false)[1] or ''
  view.set(buffer, view.lines(last .. text), count - 1, count)
  local surplus = vim.api.nvim_buf_line_count(buffer) - config.get('log_lines')
  if surplus > 0 then
    view.set(buffer, {}, 0, surplus)
  end
end

--- Keep windows that show the end at the end; leave those that were scrolled up.
local function follow(buffer, was_lines)
  for _, window in ipairs(vim.fn.win_findbuf(buffer)) do
    if vim.api.nvim_win_get_cursor(window)[1] >= was_lines then
      vim.api.nvim_win_set_cursor(window, { vim.api.nvim_buf_line_count(buffer), 0 })
    end
  end
end

--- The quickfix list of a log: the frames of its tracebacks, at their lines as they are today.
---@param title string
---@return fun(frames: table[]?) add
local function quickfix(title)
  local list
  return function(frames)
    if type(frames) ~= 'table' or #frames == 0 then
      return
    end
    local items = {}
    for _, frame in ipairs(frames) do
      local text = frame.text or ''
      if frame['function'] then
        text = frame['function'] .. ': ' .. text
      end
      table.insert(items, { filename = vim.uri_to_fname(frame.uri), lnum = frame.now, text = text })
    end
    if list then
      vim.fn.setqflist({}, 'a', { id = list, items = items })
    else
      vim.fn.setqflist({}, ' ', { title = title, items = items })
      list = vim.fn.getqflist({ id = 0 }).id
    end
  end
end

--- Show the output of a run, or of a task, in a split, and follow it until it
--- ends or the window is closed.
---@param ref { runId: string, uri: string?, flow: string?, step: string?, taskId: string?, attempt: integer? }
function M.open(client, ref)
  local name = 'log/' .. ref.runId
  for _, part in ipairs({ 'step', 'taskId', 'attempt' }) do
    if ref[part] then
      name = name .. '/' .. ref[part]
    end
  end
  local known = view.find(name)
  local source = vim.api.nvim_get_current_win()
  local buffer = view.open(name, { filetype = 'flowlslog' })
  if vim.api.nvim_win_is_valid(source) then
    vim.api.nvim_set_current_win(source)
  end
  if known then
    return buffer -- a poll is under way, or all of it is there
  end

  local frames = quickfix('Traceback: ' .. name)
  local offset, cursor, said = 0, nil, nil
  local function poll()
    if not vim.api.nvim_buf_is_valid(buffer) or compat.is_stopped(client) then
      return
    end
    local params = vim.tbl_extend('force', {}, ref)
    if ref.step then
      params.cursor = cursor
    else
      params.offset = offset
    end
    compat.request(client, 'flowls/log', params, function(err, result)
      if not vim.api.nvim_buf_is_valid(buffer) then
        return
      end
      if err then
        append(buffer, '\n[flowls: ' .. err.message .. ']')
        return
      end
      local was_lines = vim.api.nvim_buf_line_count(buffer)
      if result.waiting and result.waiting ~= said then
        said = result.waiting
        append(buffer, '[flowls: ' .. said .. ']\n')
      end
      if result.text and result.text ~= '' then
        append(buffer, result.text)
      end
      follow(buffer, was_lines)
      frames(result.frames)
      local moved = (result.nextOffset or offset) > offset or (result.cursor ~= cursor and not result.done)
      offset, cursor = result.nextOffset or offset, result.cursor
      if moved then
        vim.schedule(poll)
      elseif not result.done then
        vim.defer_fn(poll, poll_ms)
      end
    end)
  end
  poll()
  return buffer
end

return M
