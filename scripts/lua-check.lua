-- Usage: nvim --clean -l lua-check.lua FILE...
-- Compiles each file without running it, and reports assignments to globals
-- (nearly always a forgotten `local`).
local bad = 0
local has_listing, bytecode = pcall(require, 'jit.bc') -- absent where Neovim is built with PUC Lua
for _, path in ipairs(arg) do
  local chunk, err = loadfile(path)
  if not chunk then
    bad = bad + 1
    print(err)
  elseif has_listing then
    -- LuaJIT's bytecode listing names every global that is stored to (GSET).
    local lines = {}
    bytecode.dump(chunk, {
      write = function(_, ...)
        table.insert(lines, table.concat({ ... }))
      end,
      close = function() end,
      flush = function() end,
    }, true)
    for _, line in ipairs(lines) do
      local name = line:match('GSET.-;%s*"(.-)"')
      if name then
        bad = bad + 1
        print(('%s: assigns the global %s'):format(path, name))
      end
    end
  end
end
os.exit(bad == 0 and 0 or 1)
