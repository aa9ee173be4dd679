-- ARGV: real now, id, holder, what becomes of it ("keep", "wait", "gone"), when it is due (for "wait") or for how many seconds its
-- fields can still be looked at (for "gone"), number of fields, fields and values,
-- then stream entries: key, number of fields, fields and values.
-- Returns 1, or 0 where the holder no longer holds the item: then nothing is changed.
local id, holder, fate = ARGV[2], ARGV[3], ARGV[4]
local item = prefix .. 'item:' .. id
if redis.call('HGET', item, 'holder') ~= holder then return 0 end
local lane = redis.call('HGET', prefix .. 'lane-of', id)
local at = 7
local count = tonumber(ARGV[6])
if count > 0 then redis.call('HSET', item, unpack(ARGV, at, at + 2 * count - 1)) end
at = at + 2 * count
while ARGV[at] do
  count = tonumber(ARGV[at + 1])
  redis.call('XADD', ARGV[at], '*', unpack(ARGV, at + 2, at + 1 + 2 * count))
  at = at + 2 + 2 * count
end
if fate == 'wait' then
  offer(lane, id, tonumber(ARGV[5]))
elseif fate == 'gone' then
  redis.call('HDEL', item, 'holder')
  local linger = tonumber(ARGV[5])
  redis.call('EXPIRE', item, linger)
  if linger > 0 then redis.call('SET', prefix .. 'over:' .. id, 1, 'EX', math.max(linger, OVER_SECONDS)) end
  redis.call('HDEL', prefix .. 'lane-of', id)
  redis.call('ZREM', prefix .. 'all:' .. lane, id)
  redis.call('ZREM', claims, claim_of(id))
end
return 1
