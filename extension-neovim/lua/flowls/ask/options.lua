--- Options of Metaflow for a run, asked for one by one.
local M = {}

--- A value as one would type it.
function M.value_text(value)
  if value == nil or value == vim.NIL then
    return ''
  end
  return type(value) == 'string' and value or vim.fn.json_encode(value)
end

M.all = {
  { name = 'with', label = '--with, separated by blanks', list = '%s+' },
  { name = 'tags', label = '--tag, separated by commas', list = '%s*,%s*' },
  { name = 'maxWorkers', label = '--max-workers', number = true },
  { name = 'maxNumSplits', label = '--max-num-splits', number = true },
  { name = 'environment', label = '--environment' },
  { name = 'profile', label = 'METAFLOW_PROFILE' },
  { name = 'namespace', label = '--namespace' },
}

function M.text(now, option)
  local value = now[option.name]
  if type(value) == 'table' then
    return table.concat(value, option.name == 'with' and ' ' or ', ')
  end
  return M.value_text(value)
end

local function set_option(now, option, text)
  if text == '' then
    now[option.name] = nil
  elseif option.list then
    now[option.name] = vim.split(vim.trim(text), option.list)
  elseif option.number then
    now[option.name] = tonumber(text) or text -- the server says what is wrong with it
  else
    now[option.name] = text
  end
end

--- The first entry runs; each option can be set before.
function M.ask(form, callback)
  local now = form.options
  local items = { { label = 'Run' } }
  for _, option in ipairs(M.all) do
    if vim.tbl_contains(form.takes, option.name) then
      table.insert(items, option)
    end
  end
  vim.ui.select(items, {
    prompt = 'Options:',
    kind = 'flowls.options',
    format_item = function(item)
      local value = item.name and M.text(now, item) or ''
      return item.label .. (value ~= '' and ' = ' .. value or '')
    end,
  }, function(choice)
    if not choice then
      callback(nil)
    elseif not choice.name then
      callback(now)
    else
      vim.ui.input({ prompt = choice.label .. ': ', default = M.text(now, choice) }, function(text)
        if text then
          set_option(now, choice, text)
        end
        M.ask(form, callback)
      end)
    end
  end)
end

return M
