--- :checkhealth flowls
local compat = require('flowls.compat')
local server = require('flowls.server')

local M = {}

--- vim.health was called differently before Neovim 0.10.
local function reporter()
  local health = vim.health or require('health')
  return {
    start = health.start or health.report_start,
    ok = health.ok or health.report_ok,
    info = health.info or health.report_info,
    warn = health.warn or health.report_warn,
    error = health.error or health.report_error,
  }
end

local function check_neovim(report)
  local version = vim.version()
  local text = ('Neovim %d.%d.%d'):format(version.major, version.minor, version.patch)
  if compat.has.v11 then
    report.ok(text)
  elseif compat.has.v10 then
    report.warn(text .. ': works by the older API; 0.11 is better supported')
  else
    report.warn(text .. ': works by the older API, without inlay hints (they need 0.10)')
  end
end

local function check_binary(report)
  local command = server.command()
  local path = vim.fn.exepath(command[1])
  if path == '' then
    report.error(command[1] .. ' is not executable', {
      'Put flowls on PATH, run `make bin` in its checkout, or name it: vim.g.flowls = { cmd = { "/path/to/flowls", "serve" } }',
    })
    return
  end
  local out = vim.fn.system({ path, 'version' })
  if vim.v.shell_error ~= 0 then
    report.error(path .. ' does not run: ' .. vim.trim(out))
    return
  end
  report.ok(('%s: %s'):format(path, vim.trim(out):gsub('\n.*', '')))
end

local function check_client(report, client)
  local root = server.root_of(client)
  report.ok(('client %d serves %s (%d buffers)'):format(client.id, root, #compat.buffers_of(client)))
  local decided = require('flowls.trust').decided(root)
  if decided then
    report.ok('trusted: commands run the code of this workspace')
  elseif decided == false then
    report.info('not trusted, by the setting `trusted`: no command runs code')
  else
    report.info('not trusted yet: the first command that runs code asks (:Flowls trust)')
  end
  local status = require('flowls.status').server(client)
  if not status then
    report.info('the server has not reported its status')
    return
  end
  local line = status.health == 'ok' and report.ok or report.warn
  line(('server: %s %s'):format(status.health, status.message or ''))
  if status.interpreter and status.interpreter ~= vim.NIL and status.interpreter ~= '' then
    report.ok('interpreter: ' .. status.interpreter)
  else
    report.info('interpreter: looked up on the first run')
  end
  if status.metaflowVersion and status.metaflowVersion ~= vim.NIL and status.metaflowVersion ~= '' then
    report.ok('Metaflow ' .. status.metaflowVersion)
  else
    report.info('Metaflow: looked up on the first run')
  end
end

function M.check()
  local report = reporter()
  report.start('flowls')
  check_neovim(report)
  check_binary(report)
  local clients = compat.clients()
  if #clients == 0 then
    report.warn('no client is running: open a Python file')
  end
  for _, client in ipairs(clients) do
    check_client(report, client)
  end
  for _, path in ipairs(require('flowls.trust').list()) do
    report.info('trusted folder: ' .. path)
  end
end

return M
