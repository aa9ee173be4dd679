-- KEYS: queue, clock, due index, accounts with something due. ARGV: real now, then 'from', offset, limit and bytes that are enough (the oldest messages), or
-- 'these' and message ids. Returns {id, content, receive count, first received or '', sent, group, sequence, source, state, until or ''} of those that are
-- there; nil where there is no such queue. Nothing is received by it.
local q, real = KEYS[1], tonumber(ARGV[1])
local c = read_config(q)
if not c then return false end
wake(q, settle(q, c, account_time(KEYS[2], real), real))
schedule(q, c, KEYS[3], KEYS[4])
local wanted, found, enough, bytes = {}, {}, nil, 0
if ARGV[2] == 'from' then
  enough = tonumber(ARGV[5])
  wanted = redis.call('ZRANGE', q .. 'sent', ARGV[3], ARGV[3] + ARGV[4] - 1)
else
  for i = 3, #ARGV do
    if redis.call('HEXISTS', q .. 'meta', ARGV[i]) == 1 then wanted[#wanted + 1] = ARGV[i] end
  end
end
for _, id in ipairs(wanted) do
  local m, state, until_ = load(q, id), 'available', ''
  local delayed, in_flight = redis.call('ZSCORE', q .. 'delayed', id), redis.call('ZSCORE', q .. 'inflight', id)
  if delayed then
    state, until_ = 'delayed', seconds(tonumber(delayed) + (c.fifo and c.delay or 0))
  elseif in_flight then
    state, until_ = 'in flight', seconds(tonumber(in_flight))
  elseif redis.call('ZSCORE', q .. 'leased', id) then
    state = 'in flight'
  end
  local body = redis.call('HGET', q .. 'body', id)
  found[#found + 1] = { id, body, m.c, m.f and seconds(m.f) or '', seconds(m.t), m.g or '', m.s or '', m.o or '', state, until_ }
  bytes = bytes + #body
  if enough and bytes >= enough then break end
end
return found
