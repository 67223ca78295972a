--- Code lenses: kept fresh in every served buffer. Neovim 0.12 does that by
--- itself; before, vim.lsp.codelens.refresh() drops a request that comes while
--- another is under way, which would leave a finished run shown as running.
local compat = require('flowls.compat')
local config = require('flowls.config')

local M = {}

local native = vim.lsp.codelens and type(vim.lsp.codelens.enable) == 'function'

--- buffer -> 'busy' (a request is under way) or 'again' (and another is wanted)
local state = {}

local function request(client, buffer)
  state[buffer] = 'busy'
  local params = { textDocument = { uri = vim.uri_from_bufnr(buffer) } }
  local sent = compat.request(client, 'textDocument/codeLens', params, function(err, result, ctx)
    local again = state[buffer] == 'again'
    state[buffer] = nil
    if not vim.api.nvim_buf_is_loaded(buffer) then
      return
    end
    if not err then
      vim.lsp.codelens.on_codelens(err, result or {}, ctx)
    end
    if again then
      request(client, buffer)
    end
  end, buffer)
  if not sent then
    state[buffer] = nil
  end
end

--- Ask for the lenses of a buffer; calls that come meanwhile become one.
---@param buffer integer
function M.refresh(client, buffer)
  if native or not config.get('code_lens') or compat.is_stopped(client) then
    return
  end
  if state[buffer] then
    state[buffer] = 'again'
    return
  end
  request(client, buffer)
end

function M.refresh_client(client)
  for _, buffer in ipairs(compat.buffers_of(client)) do
    M.refresh(client, buffer)
  end
end

--- Handler of workspace/codeLens/refresh.
function M.on_refresh(err, result, ctx)
  if native then
    return vim.lsp.handlers['workspace/codeLens/refresh'](err, result, ctx)
  end
  local client = vim.lsp.get_client_by_id(ctx.client_id)
  if client then
    M.refresh_client(client)
  end
  return vim.NIL
end

---@param buffer integer
function M.attach(client, buffer)
  if not config.get('code_lens') or not compat.provides(client, 'codeLensProvider') then
    return
  end
  if native then
    vim.lsp.codelens.enable(true, { bufnr = buffer })
    return
  end
  state[buffer] = nil
  local group = vim.api.nvim_create_augroup('flowls.lens.' .. buffer, {})
  vim.api.nvim_create_autocmd({ 'BufEnter', 'InsertLeave', 'TextChanged' }, {
    group = group,
    buffer = buffer,
    callback = function()
      local current = compat.client(buffer)
      if current then
        M.refresh(current, buffer)
      end
    end,
  })
  M.refresh(client, buffer)
end

return M
