--- What the server tells about itself and about runs, kept for the statusline
--- and :checkhealth. Everything here is also fetchable by a request: losing a
--- notification loses polish only.
local compat = require('flowls.compat')

local M = {}

--- client id -> last flowls/serverStatus
local server_status = {}
--- uri -> last flowls/runChanged
local latest_run = {}

local marks = { ok = '✓', warning = '!', error = '✗' }

local function announce()
  vim.cmd('silent! doautocmd <nomodeline> User FlowlsStatus')
  vim.cmd('redrawstatus!')
end

--- Handler of flowls/serverStatus. Neovim 0.7 and later agree on (err, result, ctx).
function M.on_server_status(_, result, ctx)
  local before = server_status[ctx.client_id]
  server_status[ctx.client_id] = result
  if result.health == 'error' and not (before and before.message == result.message) then
    compat.notify_user(result.message or 'the server reports an error', vim.log.levels.ERROR)
  end
  announce()
end

--- Handler of flowls/runChanged.
function M.on_run_changed(_, result, ctx)
  latest_run[result.uri] = result
  announce()
  local client = vim.lsp.get_client_by_id(ctx.client_id)
  if client then
    require('flowls.lens').refresh_client(client)
    require('flowls.runs').on_run_changed(client, result)
  end
end

--- The last flowls/serverStatus of a client, or nil.
function M.server(client)
  return server_status[client.id]
end

--- The last flowls/runChanged for a buffer's file, or nil.
---@param buffer integer
function M.latest_run(buffer)
  return latest_run[vim.uri_from_bufnr(compat.buffer(buffer))]
end

---@param buffer integer
---@return string
function M.line(buffer)
  local client = compat.client(buffer)
  if not client then
    return ''
  end
  local status = server_status[client.id]
  local parts = { 'flowls' }
  if status then
    table.insert(parts, marks[status.health] or '?')
    if status.health ~= 'ok' and status.message and status.message ~= '' then
      table.insert(parts, (status.message:gsub('%s+', ' ')))
    end
  end
  local run = M.latest_run(buffer)
  if run then
    table.insert(parts, run.flow .. ' ' .. run.status)
  end
  return table.concat(parts, ' ')
end

return M
