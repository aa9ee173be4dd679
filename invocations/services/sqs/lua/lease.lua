-- KEYS: queue. ARGV: end of the lease in real time, then message id and receipt of each.
-- Returns how many of them their caller still holds.
local q, held = KEYS[1], 0
for i = 2, #ARGV, 2 do
  local id = ARGV[i]
  local m = load(q, id)
  if m and m.r == ARGV[i + 1] and is_in_flight(q, id) then
    m.l = tonumber(ARGV[1])
    save(q, id, m)
    if redis.call('ZSCORE', q .. 'leased', id) then redis.call('ZADD', q .. 'leased', seconds(m.l), id) end
    held = held + 1
  end
end
return held
