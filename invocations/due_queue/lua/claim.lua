-- ARGV: real now, lane, holder, how many at the most, end of the lease (real).
-- Returns {the account's time, {id, fields…}, …} of items that are due; nobody else gets them while the lease lasts.
local lane, holder = ARGV[2], ARGV[3]
local now = account_time(clock_key, real)
local found = { seconds(now) }
for _, id in ipairs(redis.call('ZRANGEBYSCORE', prefix .. 'due:' .. lane, '-inf', seconds(now), 'LIMIT', 0, tonumber(ARGV[4]))) do
  redis.call('ZREM', prefix .. 'due:' .. lane, id)
  redis.call('HSET', prefix .. 'item:' .. id, 'holder', holder)
  redis.call('ZADD', claims, ARGV[5], claim_of(id))
  found[#found + 1] = { id, redis.call('HGETALL', prefix .. 'item:' .. id) }
end
enter(lane)
return found
