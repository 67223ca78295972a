--- Scratch buffers: what the server tells, shown as text.
local M = {}

--- The window and buffer of a view, made when it does not exist. Views are named
--- flowls://KIND/NAME, one window each, below the current one.
---@param name string such as 'log/abc'
---@param options { filetype: string?, height: integer? }?
---@return integer buffer, integer window
function M.open(name, options)
  options = options or {}
  local uri = 'flowls://' .. name
  local buffer = M.find(name)
  if not buffer then
    buffer = vim.api.nvim_create_buf(false, true)
    vim.api.nvim_buf_set_name(buffer, uri)
    vim.bo[buffer].bufhidden = 'wipe'
    vim.bo[buffer].swapfile = false
    vim.bo[buffer].modifiable = false
    vim.bo[buffer].filetype = options.filetype or 'flowls'
    vim.api.nvim_buf_set_keymap(buffer, 'n', 'q', '<cmd>close<cr>', { noremap = true, silent = true })
  end
  local window = vim.fn.bufwinid(buffer)
  if window == -1 then
    vim.cmd(('botright %dsplit'):format(options.height or 15))
    window = vim.api.nvim_get_current_win()
    vim.api.nvim_win_set_buf(window, buffer)
    vim.wo[window].number = false
    vim.wo[window].relativenumber = false
    vim.wo[window].signcolumn = 'no'
  end
  return buffer, window
end

--- The buffer of a view, or nil.
---@param name string
---@return integer?
function M.find(name)
  local uri = 'flowls://' .. name
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_is_valid(buffer) and vim.api.nvim_buf_get_name(buffer) == uri then
      return buffer
    end
  end
  return nil
end

--- Replace lines first..last (0-based, end-exclusive) of a view.
---@param lines string[]
function M.set(buffer, lines, first, last)
  vim.bo[buffer].modifiable = true
  vim.api.nvim_buf_set_lines(buffer, first or 0, last or -1, false, lines)
  vim.bo[buffer].modifiable = false
  vim.bo[buffer].modified = false
end

--- Text as lines for a buffer: terminal colours and carriage returns taken out.
---@param text string
---@return string[]
function M.lines(text)
  text = text:gsub('\27%[[%d;?]*%a', ''):gsub('\r\n', '\n'):gsub('%z', '')
  local lines = vim.split(text, '\n', { plain = true })
  for i, line in ipairs(lines) do
    -- A progress bar draws over itself: its last state counts.
    lines[i] = line:match('([^\r]*)\r?$')
  end
  return lines
end

return M
