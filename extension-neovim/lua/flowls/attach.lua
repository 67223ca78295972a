--- When the server starts, and what a buffer gets once it is served.
local compat = require('flowls.compat')
local config = require('flowls.config')
local server = require('flowls.server')

local M = {}

--- root -> client id, for Neovim 0.7, whose vim.lsp knows no reuse
local legacy_clients = {}

--- What a served buffer gets: lenses, inlay hints.
function M.on_attach(client, buffer)
  require('flowls.lens').attach(client, buffer)
  if config.get('inlay_hints') and vim.lsp.inlay_hint and compat.provides(client, 'inlayHintProvider') then
    if compat.has.v10 then
      vim.lsp.inlay_hint.enable(true, { bufnr = buffer })
    end
  end
end

--- Start or reuse the server for a buffer (Neovim 0.7 to 0.10).
---@param buffer integer
function M.start_legacy(buffer)
  local root = server.root(buffer)
  if not root or compat.client(buffer) then
    return
  end
  local settings = server.legacy_config(root)
  if vim.fn.executable(settings.cmd[1]) == 0 then
    vim.notify_once(('flowls: %s is not executable, see :checkhealth flowls'):format(settings.cmd[1]), vim.log.levels.WARN)
    return
  end
  if vim.lsp.start then
    vim.api.nvim_buf_call(buffer, function()
      vim.lsp.start(settings)
    end)
    return
  end
  local id = legacy_clients[root]
  if not (id and vim.lsp.get_client_by_id(id)) then
    id = vim.lsp.start_client(settings)
    legacy_clients[root] = id
  end
  if id then
    vim.lsp.buf_attach_client(buffer, id)
  end
end

local function start_all_legacy()
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_is_loaded(buffer) and vim.bo[buffer].filetype == 'python' then
      M.start_legacy(buffer)
    end
  end
end

--- Called once by plugin/flowls.lua.
function M.enable()
  local group = vim.api.nvim_create_augroup('flowls', {})
  vim.api.nvim_create_autocmd('FileType', {
    group = group,
    pattern = 'python',
    callback = function(event)
      require('flowls.ex').define(event.buf)
      if not compat.has.v11 and config.get('enable') then
        M.start_legacy(event.buf)
      end
    end,
  })
  if not compat.has.v11 then
    return
  end
  vim.api.nvim_create_autocmd('LspAttach', {
    group = group,
    callback = function(event)
      local client = vim.lsp.get_client_by_id(event.data.client_id)
      if client and client.name == 'flowls' then
        M.on_attach(client, event.buf)
      end
    end,
  })
  if config.get('enable') then
    vim.lsp.enable('flowls')
  end
end

local function start_again()
  if compat.has.v11 then
    vim.lsp.enable('flowls', true)
  else
    start_all_legacy()
  end
end

--- Stop every flowls client and start anew. Runs go on: they are not children
--- of the server.
---@param done fun()?
function M.restart(done)
  local clients = compat.clients()
  if compat.has.v11 then
    vim.lsp.enable('flowls', false)
  end
  for _, client in ipairs(clients) do
    compat.stop(client)
  end
  local timer = compat.uv.new_timer()
  local waited = 0
  timer:start(
    50,
    50,
    vim.schedule_wrap(function()
      if timer:is_closing() then
        return
      end
      waited = waited + 50
      local alive = compat.clients()
      if #alive > 0 and waited < 5000 then
        if waited == 3000 then
          for _, client in ipairs(alive) do
            compat.stop(client, true)
          end
        end
        return
      end
      timer:stop()
      timer:close()
      start_again()
      if done then
        done()
      end
    end)
  )
end

return M
