-- What vim.lsp.enable('flowls') starts (Neovim 0.11 and newer). Override any
-- field with vim.lsp.config('flowls', { … }).
return require('flowls.server').lsp_config()
