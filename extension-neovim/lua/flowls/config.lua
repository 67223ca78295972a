--- The settings, with their defaults. Only the user's own configuration is
--- read: no file of a workspace may choose an executable or grant trust.
local M = {}

---@class flowls.Config
---@field enable boolean?       attach to Python buffers by itself (default true)
---@field cmd string[]?         command of the server (default: flowls on PATH, else this checkout's bin/flowls)
---@field trusted (boolean|fun(root: string): boolean?)?  true, false, or a function; nil: ask once per workspace
---@field interpreter (string|fun(root: string): string?)?  Python that runs flows; nil: the server finds it
---@field select string[]?      report only these rules: codes, beginnings of codes or names (default all)
---@field ignore string[]?      do not report these rules
---@field severity table<string, string>?  severity by rule: error, warning, info or hint
---@field inlay_hints boolean?  show what came out of a run beside the code (default true)
---@field code_lens boolean?    show lenses above flows and steps (default true)
---@field kubernetes { kubeconfig: string?, context: string?, preflight: boolean? }?  which cluster, and whether to compare with it while typing
---@field log_lines integer?    a followed log keeps this many lines (default 20000)

local defaults = {
  enable = true,
  inlay_hints = true,
  code_lens = true,
  log_lines = 20000,
}

local given = {}

---@param options flowls.Config
function M.set(options)
  given = options
end

--- The value of one setting: setup() wins over vim.g.flowls, that over the default.
---@param name string
function M.get(name)
  if given[name] ~= nil then
    return given[name]
  end
  local global = vim.g.flowls
  if type(global) == 'table' and global[name] ~= nil then
    return global[name]
  end
  return defaults[name]
end

--- A setting that may be a function of the workspace folder.
---@param name string
---@param root string
function M.get_for(name, root)
  local value = M.get(name)
  if type(value) == 'function' then
    value = value(root)
  end
  if value == vim.NIL then
    return nil
  end
  return value
end

return M
