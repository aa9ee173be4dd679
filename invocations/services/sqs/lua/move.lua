-- KEYS: queue, clock, due index. ARGV: real now, prefix of the target or '' for each message's source, then a new id for each
-- message that may be moved.
-- Returns {how many were moved, 'empty', 'more' or the reason why the next cannot be}; nil where there is no such queue.
local q, real = KEYS[1], tonumber(ARGV[1])
local c = read_config(q)
if not c then return false end
local now = account_time(KEYS[2], real)
settle(q, c, now, real)

local function target_of(m)
  if ARGV[2] ~= '' then return ARGV[2] end
  local account, name = string.match(m.o or '', '^arn:[^:]+:sqs:[^:]+:(%d+):(.+)$')
  return account and 'sqs:' .. account .. ':' .. name .. ':'
end

local function owner_of(prefix) return string.match(prefix, '^sqs:(%d+):') end

local outcome = 'more'
local moved = 0
for i = 3, #ARGV do
  local id = first_available(q, c)
  if not id then outcome = 'empty' break end
  local m = load(q, id)
  local target = target_of(m)
  if not target then outcome = 'CouldNotDetermineMessageSource' break end
  local t = read_config(target)
  if not t then outcome = 'AWS.SimpleQueueService.NonExistentQueue' break end
  -- A queue of another type or owner would lose the message: nothing of it is forgotten before this is clear.
  if t.fifo ~= c.fifo or owner_of(target) ~= owner_of(q) then outcome = 'AWS.SimpleQueueService.UnsupportedOperation' break end
  local copy = { c = 0, r = '', l = 0, t = now, g = m.g }
  if t.fifo then next_sequence(target, copy) end
  local body = redis.call('HGET', q .. 'body', id)
  forget(q, c, id, m)
  insert(target, t, ARGV[i], body, copy)
  offer(target, t, ARGV[i], copy)
  wake(target, 1)
  moved = moved + 1
end
schedule(q, c, KEYS[3])
return { moved, outcome }
