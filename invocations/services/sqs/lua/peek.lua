-- KEYS: queue, clock, due index. ARGV: real now, offset, limit.
-- Returns {id, content, receive count, first received or '', sent, group, sequence, source, state, until or ''} of the oldest
-- messages; nil where there is no such queue. Nothing is received by it.
local q, real = KEYS[1], tonumber(ARGV[1])
local c = read_config(q)
if not c then return false end
wake(q, settle(q, c, account_time(KEYS[2], real), real))
schedule(q, c, KEYS[3])
local found = {}
for _, id in ipairs(redis.call('ZRANGE', q .. 'sent', ARGV[2], ARGV[2] + ARGV[3] - 1)) do
  local m, state, until_ = load(q, id), 'available', ''
  local delayed, in_flight = redis.call('ZSCORE', q .. 'delayed', id), redis.call('ZSCORE', q .. 'inflight', id)
  if delayed then
    state, until_ = 'delayed', seconds(tonumber(delayed) + (c.fifo and c.delay or 0))
  elseif in_flight then
    state, until_ = 'in flight', seconds(tonumber(in_flight))
  elseif redis.call('ZSCORE', q .. 'leased', id) then
    state = 'in flight'
  end
  found[#found + 1] = {
    id, redis.call('HGET', q .. 'body', id), m.c, m.f and seconds(m.f) or '', seconds(m.t), m.g or '', m.s or '', m.o or '', state, until_,
  }
end
return found
