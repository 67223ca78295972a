--- Cards of tasks: HTML pages, which the browser shows.
local compat = require('flowls.compat')

local M = {}

local function title(card)
  local name = card.id and ('%s (%s)'):format(card.id, card.type) or card.type
  return ('%s of task %s'):format(name, card.taskId)
end

--- Have the server open a card; one that must not be shown is refused there. Its
--- scripts run in the browser: only those of a trusted workspace.
local function show(client, argument, card, buffer)
  require('flowls.trust').ensure(client, function(granted)
    if not granted then
      compat.notify_user('the card was not opened: this workspace is not trusted (:Flowls trust)', vim.log.levels.WARN)
      return
    end
    local chosen = vim.tbl_extend('force', argument, { path = card.path })
    require('flowls.commands').execute(client, 'flowls.showCard', chosen, buffer)
  end)
end

--- Show the card of a step; of several the user chooses.
---@param argument { runId: string, uri: string?, flow: string?, step: string, taskId: string? }
function M.open(client, argument, buffer)
  compat.request(client, 'flowls/cards', argument, function(err, result)
    if err then
      compat.notify_user(err.message or tostring(err), vim.log.levels.ERROR)
      return
    end
    local cards = result.cards or {}
    if #cards == 0 then
      compat.notify_user(
        ('step %s has no card: a card is there when its task has ended'):format(argument.step),
        vim.log.levels.WARN
      )
    elseif #cards == 1 then
      show(client, argument, cards[1], buffer)
    else
      vim.ui.select(
        cards,
        { prompt = 'Card of ' .. argument.step, kind = 'flowls.card', format_item = title },
        function(card)
          if card then
            show(client, argument, card, buffer)
          end
        end
      )
    end
  end, buffer)
end

return M
