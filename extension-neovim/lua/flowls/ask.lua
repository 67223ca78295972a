--- Asks for what the server's commands need: values and options of a run, a
--- task. What is typed is judged by the server.
local compat = require('flowls.compat')

local M = {}

local function text_of(value)
  if value == nil or value == vim.NIL then
    return ''
  end
  return type(value) == 'string' and value or vim.fn.json_encode(value)
end

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

local options = {
  { name = 'with', label = '--with, separated by blanks', list = '%s+' },
  { name = 'tags', label = '--tag, separated by commas', list = '%s*,%s*' },
  { name = 'maxWorkers', label = '--max-workers', number = true },
  { name = 'maxNumSplits', label = '--max-num-splits', number = true },
  { name = 'environment', label = '--environment' },
  { name = 'profile', label = 'METAFLOW_PROFILE' },
  { name = 'namespace', label = '--namespace' },
}

local function option_text(now, option)
  local value = now[option.name]
  if type(value) == 'table' then
    return table.concat(value, option.name == 'with' and ' ' or ', ')
  end
  return text_of(value)
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
local function ask_options(now, callback)
  local items = { { label = 'Run' } }
  vim.list_extend(items, options)
  vim.ui.select(items, {
    prompt = 'Options:',
    kind = 'flowls.options',
    format_item = function(item)
      local value = item.name and option_text(now, item) or ''
      return item.label .. (value ~= '' and ' = ' .. value or '')
    end,
  }, function(choice)
    if not choice then
      callback(nil)
    elseif not choice.name then
      callback(now)
    else
      vim.ui.input({ prompt = choice.label .. ': ', default = option_text(now, choice) }, function(text)
        if text then
          set_option(now, choice, text)
        end
        ask_options(now, callback)
      end)
    end
  end)
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
  for _, option in ipairs(options) do
    local value = option_text(form.options, option)
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
        ask_options(form.options, function(chosen)
          if chosen then
            given.options = next(chosen) and chosen or nil
            callback(given)
          end
        end)
      end)
    end)
  end, buffer)
end

--- Ask for the task whose inputs a step shall have.
---@param argument table uri, flow, step
---@param callback fun(runId: string?, taskId: string?) neither: the server chooses, or says what is missing
function M.task(client, argument, buffer, callback)
  compat.request(client, 'flowls/tasks', argument, function(err, answer)
    if err then
      callback(nil, nil)
      return
    end
    vim.ui.select(answer.tasks, {
      prompt = ('Inputs of which task of run %s?'):format(answer.runId),
      kind = 'flowls.task',
      format_item = function(task)
        return task.label
      end,
    }, function(task)
      if task then
        callback(answer.runId, task.taskId)
      end
    end)
  end, buffer)
end

return M
