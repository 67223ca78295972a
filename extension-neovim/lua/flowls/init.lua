--- flowls in Neovim: what a user's configuration calls.
local M = {}

--- Settings may be given here or in `vim.g.flowls`; call it before the first
--- Python buffer opens.
---@param options flowls.Config?
function M.setup(options)
  require('flowls.config').set(options or {})
end

--- For a statusline: '' in a buffer without flowls, else health and latest run,
--- such as `flowls ✓ TrainFlow running`. Redrawn on the event `User FlowlsStatus`.
---@return string
function M.status()
  return require('flowls.status').line(vim.api.nvim_get_current_buf())
end

--- Trust the workspace of a buffer: commands may then run its code.
---@param buffer integer?
function M.trust(buffer)
  require('flowls.trust').set_for_buffer(buffer or 0, true)
end

--- Take that back.
---@param buffer integer?
function M.untrust(buffer)
  require('flowls.trust').set_for_buffer(buffer or 0, false)
end

return M
