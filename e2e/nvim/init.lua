-- The configuration of the test's Neovim: the plugin of this checkout, nothing else.
local env = os.getenv
local dir = env('FLOWLS_E2E_DIR')
package.path = dir .. '/?.lua;' .. package.path
vim.o.runtimepath = dir .. '/../../extension-neovim,' .. vim.o.runtimepath
vim.o.columns = 160
vim.o.lines = 50
vim.g.flowls = { cmd = { env('FLOWLS_E2E_BINARY'), 'serve' }, interpreter = env('FLOWLS_E2E_PYTHON') }

vim.api.nvim_create_autocmd('VimEnter', {
  once = true,
  callback = function()
    vim.schedule(function()
      require('harness').main(env('FLOWLS_E2E_SCRIPT'))
    end)
  end,
})
