if vim.g.loaded_flowls then
  return
end
vim.g.loaded_flowls = true

if vim.fn.has('nvim-0.7') == 0 then
  vim.notify('flowls needs Neovim 0.7 or newer (0.11 for everything it can do)', vim.log.levels.ERROR)
  return
end

require('flowls.attach').enable()
