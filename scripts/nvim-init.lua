-- The configuration that `make run EDITOR=nvim` starts with: this checkout's
-- plugin, lenses and hints in sight, and nothing else.
local root = assert(os.getenv('FLOWLS_ROOT'))
vim.opt.runtimepath:prepend(root .. '/extension-neovim')
vim.o.number = true
vim.o.swapfile = false
vim.cmd('silent! helptags ' .. vim.fn.fnameescape(root .. '/extension-neovim/doc'))
vim.o.signcolumn = 'yes'
vim.diagnostic.config({ virtual_text = true })

vim.g.flowls = { cmd = { root .. '/bin/flowls', 'serve' } }
-- The sandbox is for Neovim only: runs belong where flowls always keeps them,
-- so that VS Code shows them too.
vim.lsp.config('flowls', {
  cmd_env = { XDG_STATE_HOME = assert(os.getenv('FLOWLS_STATE_HOME')) },
  -- The examples are the workspace to trust, not the checkout around them.
  root_dir = function(_, on_dir)
    on_dir(root .. '/examples')
  end,
})

vim.o.statusline = '%f %m%= %{v:lua.require("flowls").status()} %l:%c '
vim.keymap.set('n', '<leader>l', vim.lsp.codelens.run, { desc = 'Run the lens in this line' })
