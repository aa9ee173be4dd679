-- ARGV: real now, lane, id, due ('' for now), then fields. 
-- Returns 2 where a worker is to be woken, 1 where somebody else wakes one, 0 where an item of that id is there already, or was lately.
local WAKE_MS = 1000 -- while a wake-up of an account is on its way, for so long at the most, no other is sent
local lane, id = ARGV[2], ARGV[3]
local item = prefix .. 'item:' .. id
if redis.call('EXISTS', item, prefix .. 'over:' .. id) > 0 then return 0 end
redis.call('HSET', prefix .. 'lane-of', id, lane)
local now = account_time(clock_key, real)
redis.call('HSET', item, 'put_at', seconds(now), unpack(ARGV, 5))
redis.call('ZADD', prefix .. 'all:' .. lane, seconds(now), id)
offer(lane, id, ARGV[4] == '' and now or tonumber(ARGV[4]))
return redis.call('SET', 'wake:' .. account, 1, 'NX', 'PX', WAKE_MS) and 2 or 1
