--- How the language server is started and what it is told.
local compat = require('flowls.compat')
local config = require('flowls.config')

local M = {}

--- A workspace is the nearest folder that holds one of these.
M.root_markers = { 'pyproject.toml', 'setup.py', 'setup.cfg', 'requirements.txt', '.git' }

--- The checkout that this plugin is part of, if it is part of one.
local function checkout()
  local here = debug.getinfo(1, 'S').source:gsub('^@', '')
  return vim.fn.fnamemodify(here, ':p:h:h:h:h')
end

--- The command that starts the server: setting, PATH, this checkout's build.
---@return string[]
function M.command()
  local given = config.get('cmd')
  if given then
    return given
  end
  local found = vim.fn.exepath('flowls')
  if found == '' then
    local built = checkout() .. '/bin/flowls'
    found = vim.fn.executable(built) == 1 and built or 'flowls'
  end
  return { found, 'serve' }
end

--- The workspace folder of a buffer; a lone file's workspace is its own folder.
--- nil for buffers that are no files.
---@param buffer integer
---@param markers string[]?
---@return string?
function M.root(buffer, markers)
  local name = vim.api.nvim_buf_get_name(buffer)
  if name == '' or name:match('^%a[%w+.-]+://') or vim.bo[buffer].buftype ~= '' then
    return nil
  end
  local path = vim.fn.fnamemodify(name, ':p')
  return compat.find_above(path, markers or M.root_markers) or vim.fn.fnamemodify(path, ':h')
end

--- What the server reads, in initialize and whenever it changes.
---@param root string
function M.settings(root)
  return {
    trusted = require('flowls.trust').decided(root) == true,
    interpreter = config.get_for('interpreter', root) or '',
    select = config.get('select'),
    ignore = config.get('ignore'),
    severity = config.get('severity'),
    inlayHints = { enabled = config.get('inlay_hints') },
    codeLens = { enabled = config.get('code_lens') },
    kubernetes = config.get('kubernetes'),
  }
end

--- The workspace folder that a client was started for.
---@return string
function M.root_of(client)
  return client.config.root_dir or vim.fn.getcwd()
end

--- Tell a running server its settings anew (trust was given or taken back).
function M.push_settings(client)
  local settings = { flowls = M.settings(M.root_of(client)) }
  compat.set_settings(client, settings)
  compat.notify(client, 'workspace/didChangeConfiguration', { settings = settings })
end

--- What this plugin adds to Neovim's own client capabilities.
local function capabilities()
  return {
    workspace = { codeLens = { refreshSupport = true } },
    experimental = {
      flowls = {
        runChanged = true,
        serverStatus = true,
        graphChanged = true,
        commandLine = true,
        commands = {},
      },
    },
  }
end

local function handlers()
  local status = require('flowls.status')
  return {
    ['flowls/serverStatus'] = status.on_server_status,
    ['flowls/runChanged'] = status.on_run_changed,
    ['flowls/graphChanged'] = require('flowls.graph').on_changed,
    ['workspace/codeLens/refresh'] = require('flowls.lens').on_refresh,
  }
end

--- The part of the client configuration that every Neovim understands.
local function common()
  return {
    name = 'flowls',
    cmd = M.command(),
    capabilities = capabilities(),
    handlers = handlers(),
    commands = require('flowls.commands').lens_commands(),
    before_init = function(params, client_config)
      params.initializationOptions = M.settings(client_config.root_dir or vim.fn.getcwd())
    end,
    on_init = function(client)
      compat.set_settings(client, { flowls = M.settings(M.root_of(client)) })
    end,
  }
end

--- For lsp/flowls.lua: Neovim 0.11 and newer.
function M.lsp_config()
  local result = common()
  result.filetypes = { 'python' }
  result.root_markers = M.root_markers
  result.root_dir = function(buffer, on_dir)
    local markers = (vim.lsp.config.flowls or {}).root_markers
    local root = M.root(buffer, markers)
    if root then
      on_dir(root)
    end
  end
  return result
end

--- For vim.lsp.start and vim.lsp.start_client: Neovim 0.7 to 0.10.
---@param root string
function M.legacy_config(root)
  local result = common()
  result.root_dir = root
  result.capabilities =
    vim.tbl_deep_extend('force', vim.lsp.protocol.make_client_capabilities(), result.capabilities)
  result.on_attach = function(client, buffer)
    require('flowls.attach').on_attach(client, buffer)
  end
  return result
end

return M
