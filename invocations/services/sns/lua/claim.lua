-- Gives messages of a FIFO topic their ids and sequence numbers; one sent again within five minutes gets those of the first.
-- KEYS: topic, clock. ARGV: real now, then for each message: a new id, deduplication key.
-- Returns for each {id, sequence number, 1 if it has been handed on before}.
--   order  string: the last sequence number    dedup, dedup_due  deduplication keys, and when they are forgotten
local DEDUPLICATION_SECONDS = 300
local t, real = KEYS[1], tonumber(ARGV[1])
local c = redis.call('HMGET', KEYS[2], 'rate', 'paused', 'real', 'shown')
local now = c[4] and tonumber(c[4]) + (real - tonumber(c[3])) * (c[2] == '1' and 0 or tonumber(c[1])) or real
for _, key in ipairs(redis.call('ZRANGEBYSCORE', t .. 'dedup_due', '-inf', string.format('%.6f', now), 'LIMIT', 0, 1000)) do
  redis.call('HDEL', t .. 'dedup', key)
  redis.call('ZREM', t .. 'dedup_due', key)
end
local results = {}
for i = 2, #ARGV, 2 do
  local id, key = ARGV[i], ARGV[i + 1]
  local known = redis.call('HGET', t .. 'dedup', key)
  if known then
    results[#results + 1] = cmsgpack.unpack(known)
  else
    local sequence = '1' .. string.format('%019d', redis.call('INCR', t .. 'order'))
    local entry = { id, sequence, 0 }
    redis.call('HSET', t .. 'dedup', key, cmsgpack.pack(entry))
    redis.call('ZADD', t .. 'dedup_due', string.format('%.6f', now + DEDUPLICATION_SECONDS), key)
    results[#results + 1] = entry
  end
end
return results
