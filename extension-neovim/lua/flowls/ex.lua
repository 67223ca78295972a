--- The user command :Flowls.
local compat = require('flowls.compat')

local M = {}

local sub = vim.tbl_extend('error', require('flowls.ex.run'), require('flowls.ex.show'), require('flowls.ex.kube'))

--- Subcommands that need no running server.
local always = {}

function always.restart()
  require('flowls.attach').restart(function()
    compat.notify_user('restarted')
  end)
end

function always.info()
  vim.cmd('checkhealth flowls')
end

function always.trust(buffer)
  require('flowls.trust').set_for_buffer(buffer, true)
end

function always.untrust(buffer)
  require('flowls.trust').set_for_buffer(buffer, false)
end

local takes_step = {
  step = true,
  resume = true,
  launch = true,
  task = true,
  choose = true,
  log = true,
  card = true,
  shell = true,
  forward = true,
}
local takes_flow = {
  run = true,
  graph = true,
  runs = true,
  values = true,
  rerun = true,
  yank = true,
  clear = true,
  remote = true,
  s3 = true,
  cleanup = true,
  preflight = true,
}

local function subcommands()
  local found = vim.list_extend(vim.tbl_keys(sub), vim.tbl_keys(always))
  table.sort(found)
  return found
end

local function starting_with(candidates, prefix)
  return vim.tbl_filter(function(candidate)
    return candidate:sub(1, #prefix) == prefix
  end, candidates)
end

--- Completion of :Flowls: the subcommand, then flows or steps of this buffer.
function M.complete(prefix, line, position)
  local words = vim.split(line:sub(1, position), '%s+')
  if #words <= 2 then
    return starting_with(subcommands(), prefix)
  end
  local wanted = words[2]
  if wanted == 'with' then
    if #words == 3 then
      return starting_with({ 'step', 'resume', 'rerun' }, prefix)
    end
    wanted = words[3]
  end
  if not (takes_step[wanted] or takes_flow[wanted]) then
    return {}
  end
  local found = {}
  for _, flow in ipairs(require('flowls.flows').now(vim.api.nvim_get_current_buf())) do
    if takes_flow[wanted] then
      table.insert(found, flow.name)
    else
      for _, step in ipairs(flow.steps or {}) do
        table.insert(found, step.name)
      end
    end
  end
  return starting_with(found, prefix)
end

---@param words string[] the subcommand and its arguments
---@param bang boolean?
function M.dispatch(buffer, words, bang)
  local name = table.remove(words, 1)
  if always[name] then
    always[name](buffer)
    return
  end
  if not sub[name] then
    compat.notify_user(
      ('no subcommand %s: %s'):format(name or '', table.concat(subcommands(), ', ')),
      vim.log.levels.ERROR
    )
    return
  end
  local client = compat.client(buffer)
  if not client then
    compat.notify_user('the server does not serve this buffer, see :checkhealth flowls', vim.log.levels.ERROR)
    return
  end
  sub[name](client, buffer, words, bang)
end

--- Define :Flowls in a buffer.
---@param buffer integer
function M.define(buffer)
  vim.api.nvim_buf_create_user_command(buffer, 'Flowls', function(options)
    M.dispatch(buffer, vim.list_extend({}, options.fargs), options.bang)
  end, {
    nargs = '*',
    bang = true,
    desc = 'Run, follow and inspect Metaflow flows',
    complete = M.complete,
  })
end

return M
