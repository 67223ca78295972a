--- The step graph as text (Mermaid), redrawn while the flow is being typed.
local compat = require('flowls.compat')
local view = require('flowls.view')

local M = {}

local function name_of(uri, flow)
  return ('graph/%s/%s'):format(vim.fn.fnamemodify(vim.uri_to_fname(uri), ':t'), flow)
end

local function fetch(client, uri, flow)
  compat.request(client, 'flowls/graph', { uri = uri, flow = flow }, function(err, result)
    local buffer = view.find(name_of(uri, flow))
    if not buffer then
      return
    end
    if err then
      view.set(buffer, { '%% ' .. err.message })
      return
    end
    view.set(buffer, view.lines((result.text or ''):gsub('\n$', '')))
  end)
end

---@param uri string
---@param flow string
function M.open(client, uri, flow)
  local source = vim.api.nvim_get_current_win()
  local buffer = view.open(name_of(uri, flow), { filetype = 'mermaid' })
  vim.b[buffer].flowls_graph = { uri = uri, flow = flow }
  vim.api.nvim_set_current_win(source)
  fetch(client, uri, flow)
  return buffer
end

--- Handler of flowls/graphChanged: redraws the views of that file.
function M.on_changed(_, result, ctx)
  local client = vim.lsp.get_client_by_id(ctx.client_id)
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    local ok, shown = pcall(vim.api.nvim_buf_get_var, buffer, 'flowls_graph')
    if ok and client and shown.uri == result.uri then
      fetch(client, shown.uri, shown.flow)
    end
  end
end

return M
