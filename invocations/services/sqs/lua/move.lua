-- KEYS: queue, clock, due index, accounts with something due. ARGV: real now, prefix of the target or '' for each message's source, then a new id for each
-- message that may be moved.
-- Returns {how many were moved, 'empty', 'more' or the reason why the next cannot be}; nil where there is no such queue.
local q, real = KEYS[1], tonumber(ARGV[1])
local c = read_config(q)
if not c then return false end
local now = account_time(KEYS[2], real)
settle(q, c, now, real)

local outcome = 'more'
local moved = 0
for i = 3, #ARGV do
  local id = first_available(q, c)
  if not id then outcome = 'empty' break end
  local m = load(q, id)
  local problem = send_on(q, c, id, m, ARGV[2], ARGV[i], now)
  if problem then outcome = problem break end
  moved = moved + 1
end
schedule(q, c, KEYS[3], KEYS[4])
return { moved, outcome }
