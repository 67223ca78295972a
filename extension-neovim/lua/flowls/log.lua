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

--- Show the output of a run in a split, and follow it until the run ends or the
--- window is closed.
---@param run_id string
function M.open(client, run_id)
  local name = 'log/' .. run_id
  local known = view.find(name)
  local source = vim.api.nvim_get_current_win()
  local buffer = view.open(name, { filetype = 'flowlslog' })
  if vim.api.nvim_win_is_valid(source) then
    vim.api.nvim_set_current_win(source)
  end
  if known then
    return buffer -- a poll is under way, or all of it is there
  end

  local offset = 0
  local function poll()
    if not vim.api.nvim_buf_is_valid(buffer) or compat.is_stopped(client) then
      return
    end
    compat.request(client, 'flowls/log', { runId = run_id, offset = offset }, function(err, result)
      if not vim.api.nvim_buf_is_valid(buffer) then
        return
      end
      if err then
        append(buffer, '\n[flowls: ' .. err.message .. ']')
        return
      end
      if result.text and result.text ~= '' then
        local was_lines = vim.api.nvim_buf_line_count(buffer)
        append(buffer, result.text)
        follow(buffer, was_lines)
      end
      local moved = (result.nextOffset or offset) > offset
      offset = result.nextOffset or offset
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
