--- Asks with which values and options a flow shall be run. What is typed is
--- judged by the server.
local compat = require('flowls.compat')
local options = require('flowls.ask.options')

local text_of = options.value_text

local M = {}

--- The value that goes to the server: of a Config, JSON is the value itself and
--- anything else the path of a file.
local function typed(field, text)
  if field.kind == 'Config' and text:match('^%s*[%[{]') then
    local ok, value = pcall(vim.fn.json_decode, text)
    if ok then
      return value
    end
  end
  return text
end

local function about(field)
  local facts = {}
  if field.type then
    table.insert(facts, field.type)
  end
  if field.required then
    table.insert(facts, 'needed')
  elseif field.default ~= nil and field.default ~= vim.NIL then
    table.insert(facts, 'default ' .. text_of(field.default))
  end
  return ('%s%s: '):format(field.name, #facts > 0 and ' (' .. table.concat(facts, ', ') .. ')' or '')
end

--- Values of all fields, one after the other; nil when the user lets it be.
local function ask_fields(fields, given, callback, i)
  i = i or 1
  local field = fields[i]
  if not field then
    callback(given)
    return
  end
  local function take(text)
    if text == nil then
      callback(nil)
      return
    end
    if text ~= '' then
      local values = field.kind == 'Config' and 'configs' or 'parameters'
      given[values] = given[values] or {}
      given[values][field.name] = typed(field, text)
    end
    ask_fields(fields, given, callback, i + 1)
  end
  local before = text_of(field.last)
  if before == '' and field.kind ~= 'Config' then
    before = text_of(field.default)
  end
  local choices = field.choices or (field.type == 'bool' and { 'true', 'false' })
  if choices then
    table.sort(choices, function(a, b)
      return (a == before and 1 or 0) > (b == before and 1 or 0)
    end)
    vim.ui.select(choices, { prompt = about(field), kind = 'flowls.value' }, take)
    return
  end
  if field.secret then
    take(vim.fn.inputsecret(about(field)))
    return
  end
  vim.ui.input({ prompt = about(field), default = before }, take)
end

local function last_values(form)
  local given = { options = form.options }
  for _, field in ipairs(form.fields) do
    if field.last ~= nil and field.last ~= vim.NIL then
      local values = field.kind == 'Config' and 'configs' or 'parameters'
      given[values] = given[values] or {}
      given[values][field.name] = field.last
    end
  end
  return given
end

local function last_text(form)
  local words = {}
  for _, field in ipairs(form.fields) do
    if field.last ~= nil and field.last ~= vim.NIL then
      table.insert(words, field.name .. '=' .. text_of(field.last))
    end
  end
  for _, option in ipairs(options.all) do
    local value = options.text(form.options, option)
    if value ~= '' then
      table.insert(words, option.name .. '=' .. value)
    end
  end
  return table.concat(words, ' ')
end

--- Ask with which values a flow shall be run.
---@param callback fun(given: table) members for the argument of flowls.run
function M.values(client, uri, flow, buffer, callback)
  compat.request(client, 'flowls/runForm', { uri = uri, flow = flow }, function(err, form)
    if err then
      compat.notify_user(err.message or tostring(err), vim.log.levels.ERROR)
      return
    end
    local ways = {}
    if form.remembered and not form.problem then
      table.insert(ways, { label = 'Run with the last values: ' .. last_text(form), run = last_values })
    end
    table.insert(ways, { label = 'Enter values' })
    local needed = vim.tbl_filter(function(field)
      return field.required
    end, form.fields)
    if #needed == 0 then
      table.insert(ways, {
        label = 'Run with defaults',
        run = function()
          return {}
        end,
      })
    end
    vim.ui.select(ways, {
      prompt = ('Run %s:'):format(flow),
      kind = 'flowls.values',
      format_item = function(way)
        return way.label
      end,
    }, function(way)
      if not way then
        return
      end
      if way.run then
        callback(way.run(form))
        return
      end
      ask_fields(form.fields, {}, function(given)
        if not given then
          return
        end
        options.ask(form, function(chosen)
          if chosen then
            given.options = next(chosen) and chosen or nil
            callback(given)
          end
        end)
      end)
    end)
  end, buffer)
end

return M
