-- KEYS: queue, clock, due index, accounts with something due. ARGV: real now, how many, visibility timeout or '', real seconds of lease, ms the caller will
-- wait, receipt for this call, attempt id or ''.
-- Returns {real seconds until time may bring more or '', {id, content, receive count, first received, sent, group, sequence,
-- source, receipt}, …}; nil where there is no such queue, 'OverLimit' where too much is in flight.
local MOST_IN_FLIGHT = 120000
local q, real, wanted = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2])
local c = read_config(q)
if not c then return false end
local now, rate = account_time(KEYS[2], real)
settle(q, c, now, real)
local visibility = tonumber(ARGV[3]) or c.visibility
local lease = tonumber(ARGV[4])
local receipt, attempt = ARGV[6], ARGV[7] ~= '' and q .. 'attempt:' .. ARGV[7]
local taken = {}

local function take(id, m)
  m.c = m.c + 1
  m.f = m.f or now
  m.w = now
  m.r = receipt
  m.l = lease > 0 and real + lease or 0
  save(q, id, m)
  redis.call('ZADD', q .. 'inflight', seconds(now + visibility), id)
  hold(q, c, m)
  taken[#taken + 1] = { id, m }
end

local function again()
  local known = redis.call('GET', attempt)
  if not known then return end
  known = cmsgpack.unpack(known)
  for i = 2, #known do
    local m = load(q, known[i])
    if m and m.r == known[1] and is_in_flight(q, known[i]) then
      redis.call('ZREM', q .. 'leased', known[i])
      redis.call('ZADD', q .. 'inflight', seconds(now + visibility), known[i])
      taken[#taken + 1] = { known[i], m }
    end
  end
end

if attempt then again() end
if #taken == 0 then
  if redis.call('ZCARD', q .. 'inflight') + redis.call('ZCARD', q .. 'leased') >= MOST_IN_FLIGHT then return 'OverLimit' end
  local group, buried = nil, 0
  while #taken < wanted and buried < AT_ONCE do
    -- Messages of one group are handed out together, before the group counts as busy for everybody else.
    local id = group and redis.call('ZRANGE', q .. 'group:' .. group, 0, 0)[1] or first_available(q, c)
    if not id then break end
    local m = load(q, id)
    if c.dead_letter and c.max_receive > 0 and m.c >= c.max_receive and bury(q, c, id, m, now) then
      buried = buried + 1
    else
      redis.call('ZREM', c.fifo and q .. 'group:' .. m.g or q .. 'ready', id)
      take(id, m)
      group = c.fifo and m.g
    end
  end
  if attempt and #taken > 0 then
    local known = { receipt }
    for _, each in ipairs(taken) do known[#known + 1] = each[1] end
    redis.call('SET', attempt, cmsgpack.pack(known), 'EX', DEDUPLICATION_SECONDS)
  end
end

local found = {}
for _, each in ipairs(taken) do
  local id, m = each[1], each[2]
  found[#found + 1] = {
    id, redis.call('HGET', q .. 'body', id), m.c, seconds(m.f), seconds(m.t), m.g or '', m.s or '', m.o or '', m.r,
  }
  if visibility == 0 then release(q, c, id, m) end
end
local at, leased = schedule(q, c, KEYS[3], KEYS[4]), first_score(q .. 'leased')
local hint = at and rate > 0 and math.max(0, (at - now) / rate) or nil
if leased then hint = math.min(hint or math.huge, leased - real) end
local wait = tonumber(ARGV[5])
if #found == 0 and wait > 0 and redis.call('PTTL', q .. 'waiting') < wait then
  redis.call('SET', q .. 'waiting', 1, 'PX', wait + 1000)
end
table.insert(found, 1, hint and seconds(hint) or '')
return found
