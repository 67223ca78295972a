--- Checks with a deadline, and what a user would do with hands and eyes.
local M = { workspace = os.getenv('FLOWLS_E2E_WORKSPACE') }

local uv = vim.uv or vim.loop
local passed, failed = 0, 0

--- What vim.notify said.
M.messages = {}
--- Questions of vim.ui.select: kind -> function(items, options) that returns the choice.
M.answers = {}
M.questions = {}
--- Answers of vim.ui.input: function(options) that returns the text, or nil.
M.input = nil

local function print_line(text)
  io.stdout:write(text .. '\n')
  io.stdout:flush()
end

--- One check. `condition` is asked again until it holds or the time is over; what
--- it returns second is printed on failure. Returns whether it held.
---@param name string
---@param condition fun(): any, any
---@param seconds number? default 30
function M.check(name, condition, seconds)
  local detail, err
  local held = vim.wait((seconds or 30) * 1000, function()
    local ok, value, more = pcall(condition)
    err = not ok and value or nil
    detail = more
    return ok and value and true or false
  end, 25)
  if held then
    passed = passed + 1
    print_line('ok   ' .. name)
  else
    failed = failed + 1
    print_line('FAIL ' .. name)
    print_line('     ' .. (err or (type(detail) == 'string' and detail) or vim.inspect(detail)))
    for i = math.max(1, #M.messages - 3), #M.messages do
      print_line('     said: ' .. M.messages[i])
    end
  end
  return held
end

--- A check without which the rest makes no sense: ends the script when it fails.
function M.need(...)
  if not M.check(...) then
    error('the rest needs: ' .. (...), 2)
  end
end

function M.main(script)
  vim.notify = function(text)
    table.insert(M.messages, tostring(text))
  end
  vim.ui.select = function(items, options, callback)
    table.insert(M.questions, options)
    local answer = M.answers[options.kind or '']
    callback(answer and answer(items, options) or nil)
  end
  vim.ui.input = function(options, callback)
    callback(M.input and M.input(options) or nil)
  end
  local ok, err = xpcall(dofile, debug.traceback, script)
  if not ok then
    failed = failed + 1
    print_line('FAIL the script itself\n' .. tostring(err))
  end
  print_line(('%d passed, %d failed'):format(passed, failed))
  -- Leaves the way a user does, with the server's ordinary shutdown.
  vim.cmd(failed == 0 and passed > 0 and 'qall!' or '1cquit')
end

--- Open a file of the workspace, as :edit does.
---@return integer buffer
function M.open(name)
  vim.cmd('edit ' .. vim.fn.fnameescape(M.workspace .. '/' .. name))
  vim.bo.filetype = 'python' -- init.lua alone does not switch filetype detection on everywhere
  return vim.api.nvim_get_current_buf()
end

function M.client(buffer)
  return require('flowls.compat').client(buffer)
end

--- Number (1-based) of the first line that contains the text.
function M.line_of(buffer, text)
  for number, line in ipairs(vim.api.nvim_buf_get_lines(buffer, 0, -1, false)) do
    if line:find(text, 1, true) then
      return number, line
    end
  end
  error('no line contains ' .. text)
end

--- Replace a text in the line that contains it.
function M.replace(buffer, old, new)
  local number, line = M.line_of(buffer, old)
  local at = line:find(old, 1, true)
  vim.api.nvim_buf_set_text(buffer, number - 1, at - 1, number - 1, at - 1 + #old, { new })
end

--- Titles of the lenses in a buffer, with `line: ` before each.
function M.lenses(buffer)
  local titles = {}
  for _, lens in ipairs(vim.lsp.codelens.get(buffer)) do
    table.insert(titles, ('%d: %s'):format(lens.range.start.line + 1, lens.command.title))
  end
  return titles
end

--- Whether a lens with the pattern stands at the line with the text; all lenses as detail.
function M.has_lens(buffer, text, pattern)
  local number = M.line_of(buffer, text)
  local titles = M.lenses(buffer)
  for _, title in ipairs(titles) do
    if title:match('^' .. number .. ': ') and title:match(pattern) then
      return true, titles
    end
  end
  return false, titles
end

--- Run a lens as a user does: wait for it, cursor in its line, vim.lsp.codelens.run(), choose.
function M.run_lens(buffer, text, pattern)
  local stands, all
  vim.wait(60 * 1000, function()
    stands, all = M.has_lens(buffer, text, pattern)
    return stands
  end, 25)
  if not stands then
    error(('no lens %s at %s: %s'):format(pattern, text, vim.inspect(all)), 2)
  end
  vim.api.nvim_win_set_cursor(0, { (M.line_of(buffer, text)), 0 })
  local function choose(items, options)
    for _, item in ipairs(items) do
      local title = options.format_item and options.format_item(item) or item
      if type(title) == 'string' and title:match(pattern) then
        return item
      end
    end
  end
  M.answers['codelens'] = choose
  M.answers[''] = choose -- Neovim 0.7 gives no kind
  vim.lsp.codelens.run()
end

--- Diagnostics of flowls in a buffer.
function M.diagnostics(buffer)
  return vim.tbl_filter(function(d)
    return d.source == nil or d.source:lower():match('flowls') ~= nil or d.source:lower():match('metaflow') ~= nil
  end, vim.diagnostic.get(buffer))
end

--- Text of the view flowls://KIND/…, or ''.
function M.view(kind)
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_is_valid(buffer) and vim.startswith(vim.api.nvim_buf_get_name(buffer), 'flowls://' .. kind .. '/') then
      return table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), '\n')
    end
  end
  return ''
end

--- Processes that run below the workspace, as command lines (Linux).
function M.processes()
  local found = {}
  local scan = assert(uv.fs_scandir('/proc'))
  while true do
    local name = uv.fs_scandir_next(scan)
    if not name then
      return found
    end
    if name:match('^%d+$') and tonumber(name) ~= uv.os_getpid() then
      local cwd = uv.fs_readlink('/proc/' .. name .. '/cwd')
      local file = io.open('/proc/' .. name .. '/cmdline', 'rb')
      local command = file and file:read('*a'):gsub('%z', ' ') or ''
      if file then
        file:close()
      end
      local runs = command:find('python', 1, true) or command:find('supervise', 1, true)
      if runs and (vim.startswith(cwd or '', M.workspace) or command:find(M.workspace, 1, true)) then
        table.insert(found, command)
      end
    end
  end
end

--- The records of what was started from this editor, the newest last.
function M.launches()
  local found = {}
  for _, path in ipairs(vim.fn.glob(os.getenv('XDG_STATE_HOME') .. '/flowls/runs/*/run.json', true, true)) do
    local record = vim.fn.json_decode(table.concat(vim.fn.readfile(path), '\n'))
    record.ended = vim.fn.filereadable(vim.fn.fnamemodify(path, ':h') .. '/exit.json') == 1
    table.insert(found, record)
  end
  table.sort(found, function(a, b)
    return a.startedAt < b.startedAt
  end)
  return found
end

--- The last message that matches, or nil.
function M.said(pattern)
  for i = #M.messages, 1, -1 do
    if M.messages[i]:match(pattern) then
      return M.messages[i]
    end
  end
end

return M
