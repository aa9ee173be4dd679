-- KEYS: queue, clock, due index, accounts with something due. ARGV: real now.
-- Makes available what time has brought. Returns {available, in flight, delayed, oldest sent or ''}; nil where there is no such queue.
local q, real = KEYS[1], tonumber(ARGV[1])
local c = read_config(q)
if not c then
  redis.call('ZREM', KEYS[3], 'sqs:' .. name_of(q))
  return false
end
wake(q, settle(q, c, account_time(KEYS[2], real), real))
schedule(q, c, KEYS[3], KEYS[4])
local delayed = redis.call('ZCARD', q .. 'delayed')
local in_flight = redis.call('ZCARD', q .. 'inflight') + redis.call('ZCARD', q .. 'leased')
local oldest = first_score(q .. 'sent')
return { redis.call('ZCARD', q .. 'sent') - delayed - in_flight, in_flight, delayed, oldest and seconds(oldest) or '' }
