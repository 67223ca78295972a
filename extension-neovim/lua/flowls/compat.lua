--- One place for what differs between Neovim 0.7 and today.
local M = {}

local uv = vim.uv or vim.loop
local has = {
  v08 = vim.fn.has('nvim-0.8') == 1,
  v10 = vim.fn.has('nvim-0.10') == 1,
  v11 = vim.fn.has('nvim-0.11') == 1,
}
M.has = has
M.uv = uv

--- Clients named flowls, of one buffer or of all.
---@param buffer integer?
function M.clients(buffer)
  if vim.lsp.get_clients then
    return vim.lsp.get_clients({ name = 'flowls', bufnr = buffer })
  end
  local found = {}
  for _, client in pairs(buffer and vim.lsp.buf_get_clients(buffer) or vim.lsp.get_active_clients()) do
    if client.name == 'flowls' then
      table.insert(found, client)
    end
  end
  return found
end

--- The client that serves a buffer, or nil.
---@param buffer integer?
function M.client(buffer)
  return M.clients(M.buffer(buffer))[1]
end

--- 0 and nil mean the current buffer; Neovim's own calls do not agree on that.
function M.buffer(buffer)
  if not buffer or buffer == 0 then
    return vim.api.nvim_get_current_buf()
  end
  return buffer
end

---@return boolean sent
function M.request(client, method, params, callback, buffer)
  if has.v11 then
    return (client:request(method, params, callback, buffer))
  end
  return (client.request(method, params, callback, buffer))
end

function M.notify(client, method, params)
  if has.v11 then
    return client:notify(method, params)
  end
  return client.notify(method, params)
end

function M.stop(client, force)
  if has.v11 then
    return client:stop(force)
  end
  return client.stop(force)
end

function M.is_stopped(client)
  if has.v11 then
    return client:is_stopped()
  end
  return client.is_stopped()
end

--- Whether the server answers a method, by what it said in initialize.
function M.provides(client, provider)
  local value = (client.server_capabilities or client.resolved_capabilities or {})[provider]
  return value ~= nil and value ~= false
end

--- The buffers that a client serves.
---@return integer[]
function M.buffers_of(client)
  local found = {}
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_is_loaded(buffer) and vim.lsp.buf_is_attached(buffer, client.id) then
      table.insert(found, buffer)
    end
  end
  return found
end

--- The settings that Neovim reports when a server asks workspace/configuration.
function M.set_settings(client, settings)
  client.config.settings = settings
  client.settings = settings
end

--- A file read whole, or nil.
---@return string?
function M.read_file(path)
  local file = io.open(path, 'rb')
  if not file then
    return nil
  end
  local text = file:read('*a')
  file:close()
  return text
end

--- The folder of this plugin's own state, outside every workspace.
---@return string
function M.state_dir()
  -- Neovim 0.7 has no state folder.
  return vim.fn.stdpath(has.v08 and 'state' or 'data') .. '/flowls'
end

--- The nearest folder above a path that holds one of the names.
---@param path string absolute
---@param names string[]
---@return string?
function M.find_above(path, names)
  local dir = vim.fn.fnamemodify(path, ':h')
  while true do
    for _, name in ipairs(names) do
      if uv.fs_stat(dir .. '/' .. name) then
        return dir
      end
    end
    local parent = vim.fn.fnamemodify(dir, ':h')
    if parent == dir then
      return nil
    end
    dir = parent
  end
end

--- A file system path with links resolved, or the path itself.
function M.real_path(path)
  return uv.fs_realpath(path) or path
end

function M.notify_user(message, level)
  vim.notify('flowls: ' .. message, level or vim.log.levels.INFO)
end

return M
