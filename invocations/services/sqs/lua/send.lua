-- KEYS: queue, clock, due index, accounts with something due. ARGV: real now, then for each message: id, content, delay or '', group, deduplication key.
-- Returns a list of {id, sequence number} or, of a duplicate, those of the first; nil where there is no such queue.
-- A message whose id is in the queue already is the same one, sent again by somebody who did not hear the answer.
local q, real = KEYS[1], tonumber(ARGV[1])
local c = read_config(q)
if not c then return false end
local now = account_time(KEYS[2], real)
local offered = settle(q, c, now, real)
for _, key in ipairs(redis.call('ZRANGEBYSCORE', q .. 'dedup_due', '-inf', seconds(now), 'LIMIT', 0, AT_ONCE)) do
  redis.call('HDEL', q .. 'dedup', key)
  redis.call('ZREM', q .. 'dedup_due', key)
end
local results = {}
for i = 2, #ARGV, 5 do
  local id, key = ARGV[i], ARGV[i + 4]
  local known = key ~= '' and redis.call('HGET', q .. 'dedup', key)
  local same = not known and load(q, id)
  if known then
    results[#results + 1] = cmsgpack.unpack(known)
  elseif same then
    results[#results + 1] = { id, same.s or '' }
  else
    local m = { c = 0, r = "", l = 0, t = sent_at(now) }
    if ARGV[i + 3] ~= '' then m.g = ARGV[i + 3] end
    if c.fifo then next_sequence(q, m) end
    insert(q, c, id, ARGV[i + 1], m)
    local delay = tonumber(ARGV[i + 2]) or c.delay
    if delay > 0 then
      redis.call('ZADD', q .. 'delayed', seconds(c.fifo and now or now + delay), id)
    else
      offer(q, c, id, m)
      offered = offered + 1
    end
    results[#results + 1] = { id, m.s or '' }
    if key ~= '' then
      redis.call('HSET', q .. 'dedup', key, cmsgpack.pack({ id, m.s or '' }))
      redis.call('ZADD', q .. 'dedup_due', seconds(now + DEDUPLICATION_SECONDS), key)
    end
  end
end
schedule(q, c, KEYS[3], KEYS[4])
wake(q, offered)
return results
