-- Marks messages of a FIFO topic as handed on to its subscribers: from now on the same is a duplicate.
-- KEYS: topic. ARGV: deduplication keys.
for _, key in ipairs(ARGV) do
  local known = redis.call('HGET', KEYS[1] .. 'dedup', key)
  if known then
    local entry = cmsgpack.unpack(known)
    entry[3] = 1
    redis.call('HSET', KEYS[1] .. 'dedup', key, cmsgpack.pack(entry))
  end
end
