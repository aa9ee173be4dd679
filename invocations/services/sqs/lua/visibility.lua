-- KEYS: queue, clock, due index, accounts with something due. ARGV: real now, then message id, receipt and seconds of each.
-- Returns for each 'ok', 'gone', 'visible' or 'limit'; nil where there is no such queue.
local LONGEST = 43200
local q, real = KEYS[1], tonumber(ARGV[1])
local c = read_config(q)
if not c then return false end
local now = account_time(KEYS[2], real)
local offered = settle(q, c, now, real)

local function change(id, receipt, timeout)
  local m = load(q, id)
  if not m or m.r ~= receipt or receipt == '' then return 'gone' end
  if now + timeout - m.w > LONGEST then return 'limit' end
  if not is_in_flight(q, id) then return 'visible' end
  redis.call('ZREM', q .. 'leased', id)
  redis.call('ZADD', q .. 'inflight', seconds(now + timeout), id)
  if timeout == 0 then
    release(q, c, id, m)
    offered = offered + 1
  end
  return 'ok'
end

local results = {}
for i = 2, #ARGV, 3 do
  results[#results + 1] = change(ARGV[i], ARGV[i + 1], tonumber(ARGV[i + 2]))
end
schedule(q, c, KEYS[3], KEYS[4])
wake(q, offered)
return results
