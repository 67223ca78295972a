--- Who may run code. Neovim knows no workspace trust, so the plugin asks once
--- per workspace, on the first command that runs code, and remembers the answer
--- outside the workspace. The server enforces it.
local compat = require('flowls.compat')
local config = require('flowls.config')

local M = {}

local function store_path()
  return compat.state_dir() .. '/trust.json'
end

--- The folders that the user trusted, as a set.
---@return table<string, boolean>
local function load()
  local text = compat.read_file(store_path())
  if not text then
    return {}
  end
  local ok, list = pcall(vim.fn.json_decode, text)
  if not ok or type(list) ~= 'table' then
    compat.notify_user(store_path() .. ' cannot be read: no workspace is trusted', vim.log.levels.WARN)
    return {}
  end
  local set = {}
  for _, path in ipairs(list) do
    if type(path) == 'string' then
      set[path] = true
    end
  end
  return set
end

--- Written beside and renamed, readable by the user only: a crash leaves either
--- the old list or the new one.
local function save(set)
  vim.fn.mkdir(compat.state_dir(), 'p', 448) -- 0700
  local list = vim.tbl_keys(set)
  table.sort(list)
  local path = store_path()
  local temporary = ('%s.%d'):format(path, compat.uv.os_getpid())
  local text = #list == 0 and '[]' or vim.fn.json_encode(list)
  local fd, err = compat.uv.fs_open(temporary, 'w', 384) -- 0600
  if not fd then
    error('flowls: cannot remember the answer: ' .. err)
  end
  compat.uv.fs_write(fd, text, 0)
  compat.uv.fs_close(fd)
  local ok, rename_err = compat.uv.fs_rename(temporary, path)
  if not ok then
    error('flowls: cannot remember the answer: ' .. rename_err)
  end
end

--- Whether a folder, or one above it, was trusted.
local function stored(root)
  local set = load()
  local dir = compat.real_path(root)
  while true do
    if set[dir] then
      return true
    end
    local parent = vim.fn.fnamemodify(dir, ':h')
    if parent == dir then
      return false
    end
    dir = parent
  end
end

--- true or false when decided, nil when the user must be asked.
---@param root string
---@return boolean?
function M.decided(root)
  local setting = config.get_for('trusted', root)
  if setting ~= nil then
    return setting == true
  end
  if stored(root) then
    return true
  end
  return nil
end

--- The folders trusted so far, for :checkhealth.
---@return string[]
function M.list()
  local list = vim.tbl_keys(load())
  table.sort(list)
  return list
end

local function remember(root, trusted)
  local set = load()
  set[compat.real_path(root)] = trusted or nil
  save(set)
end

--- Calls back with true when code of the client's workspace may run; asks if
--- that is not decided. Dismissing the question means no, for this time.
---@param client table
---@param callback fun(granted: boolean)
function M.ensure(client, callback)
  local server = require('flowls.server')
  local root = server.root_of(client)
  local decided = M.decided(root)
  if decided ~= nil then
    if decided then
      -- Trust may have been given in another Neovim since this server started.
      server.push_settings(client)
    end
    callback(decided)
    return
  end
  local yes = 'Trust it: run its code now and from now on'
  vim.ui.select({ yes, 'No' }, {
    prompt = ('This runs the code in %s with your rights. Do you trust it?'):format(root),
    kind = 'flowls.trust',
  }, function(choice)
    if choice ~= yes then
      callback(false)
      return
    end
    remember(root, true)
    server.push_settings(client)
    callback(true)
  end)
end

--- Give or take back trust for the workspace of a buffer.
---@param buffer integer
---@param trusted boolean
function M.set_for_buffer(buffer, trusted)
  local server = require('flowls.server')
  local client = compat.client(buffer)
  local root = client and server.root_of(client) or server.root(compat.buffer(buffer))
  if not root then
    compat.notify_user('this buffer is not a file', vim.log.levels.ERROR)
    return
  end
  remember(root, trusted)
  if client then
    server.push_settings(client)
  end
  local now = M.decided(root) == true
  local note = ''
  if now ~= trusted then
    note = ' (decided by the setting `trusted`, or by a folder above)'
  end
  compat.notify_user(('%s is %s%s'):format(root, now and 'trusted' or 'not trusted', note))
end

return M
