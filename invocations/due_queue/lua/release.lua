-- ARGV: real now, id. Makes an item due again whose holder's lease has run out. Returns 1 if it did.
local id = ARGV[2]
local ends = redis.call('ZSCORE', claims, claim_of(id))
if not ends or tonumber(ends) > real then return 0 end
local lane = redis.call('HGET', prefix .. 'lane-of', id)
if not lane then
  redis.call('ZREM', claims, claim_of(id))
  return 0
end
offer(lane, id, account_time(clock_key, real))
return 1
