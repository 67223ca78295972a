--- Which flow and step a command means: asked of the server, decided by the cursor.
local compat = require('flowls.compat')

local M = {}

local function contains(range, line)
  return range and range.start.line <= line and line <= range['end'].line
end

--- The flows of a buffer, synchronously, for completion. Empty when the server
--- does not answer in time.
---@param buffer integer
function M.now(buffer)
  local answers = vim.lsp.buf_request_sync(buffer, 'flowls/flows', { uri = vim.uri_from_bufnr(buffer) }, 500)
  for _, answer in pairs(answers or {}) do
    if answer.result then
      return answer.result.flows or {}
    end
  end
  return {}
end

--- The flow and step at a line (0-based) of a buffer's flows; the only flow when
--- the line is in none.
---@return table? flow, table? step
function M.at(flows, line)
  for _, flow in ipairs(flows) do
    if contains(flow.range, line) then
      for _, step in ipairs(flow.steps or {}) do
        if not step.inherited and contains(step.range, line) then
          return flow, step
        end
      end
      return flow, nil
    end
  end
  if #flows == 1 then
    return flows[1], nil
  end
  return nil, nil
end

--- Calls back with the flow meant: the named one, the one around the cursor, the
--- only one, or the one that the user picks. Tells the user when there is none.
---@param name string?
---@param callback fun(flow: table, step: table?)
function M.pick(client, buffer, name, callback)
  local line = vim.api.nvim_win_get_cursor(0)[1] - 1
  compat.request(client, 'flowls/flows', { uri = vim.uri_from_bufnr(buffer) }, function(err, result)
    if err then
      compat.notify_user(err.message, vim.log.levels.ERROR)
      return
    end
    local flows = result.flows or {}
    if #flows == 0 then
      compat.notify_user('no flow in this file', vim.log.levels.WARN)
      return
    end
    if name then
      for _, flow in ipairs(flows) do
        if flow.name == name then
          callback(flow, nil)
          return
        end
      end
      compat.notify_user('no flow ' .. name .. ' in this file', vim.log.levels.ERROR)
      return
    end
    local flow, step = M.at(flows, line)
    if flow then
      callback(flow, step)
      return
    end
    vim.ui.select(flows, {
      prompt = 'Flow:',
      format_item = function(item)
        return item.name
      end,
    }, function(choice)
      if choice then
        callback(choice, nil)
      end
    end)
  end, buffer)
end

return M
