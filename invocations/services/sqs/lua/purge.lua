-- KEYS: queue, clock, due index. ARGV: real now, seconds that must lie between two purges, 'purge' or 'delete'.
-- Returns 1, or 0 where the last purge is too recent; nil where there is no such queue.
local q = KEYS[1]
local c = read_config(q)
if not c then return false end
local now = account_time(KEYS[2], tonumber(ARGV[1]))
if ARGV[3] == 'purge' then
  local last = tonumber(redis.call('GET', q .. 'purged'))
  if last and now < last + tonumber(ARGV[2]) then return 0 end
  redis.call('SET', q .. 'purged', seconds(now))
else
  redis.call('DEL', q .. 'config', q .. 'purged', q .. 'order', q .. 'dedup', q .. 'dedup_due')
end
for _, group in ipairs(redis.call('ZRANGE', q .. 'groups', 0, -1)) do redis.call('UNLINK', q .. 'group:' .. group) end
for _, group in ipairs(redis.call('HKEYS', q .. 'busy')) do redis.call('UNLINK', q .. 'group:' .. group) end
redis.call('UNLINK', q .. 'body', q .. 'meta', q .. 'sent', q .. 'delayed', q .. 'ready', q .. 'inflight', q .. 'leased', q .. 'groups', q .. 'busy')
redis.call('ZREM', KEYS[3], 'sqs:' .. name_of(q))
return 1
