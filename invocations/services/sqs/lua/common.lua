-- What all scripts of a queue share. Every key of a queue begins with its prefix, sqs:<account>:<name>:
--   config    hash: the attributes that matter to messages        body, meta  hashes: message id -> content, state
--   sent      sorted set of all messages by when they were sent   delayed     by when they become available (FIFO: by when sent)
--   ready     standard: available messages in their order         inflight    by when they become visible again
--   leased    overdue, but their holder's real lease still runs, by its end
--   groups    FIFO: groups one can take from, by their first message's order; group:<id>: its available messages; busy: how many are in flight
--   dedup, dedup_due  FIFO: deduplication ids of the last five minutes
--   waiting   exists while somebody may be waiting for messages
-- Times are seconds on the account's clock, except leases, which follow real time.

local DEDUPLICATION_SECONDS = 300
local AT_ONCE = 1000

local function name_of(q) return string.match(q, '^sqs:%d+:(.+):$') end

local function read_config(q)
  local c = redis.call('HMGET', q .. 'config', 'fifo', 'visibility', 'delay', 'retention', 'dead_letter', 'max_receive')
  if not c[1] then return nil end
  return {
    fifo = c[1] == '1', visibility = tonumber(c[2]), delay = tonumber(c[3]), retention = tonumber(c[4]),
    dead_letter = c[5] ~= '' and c[5] or nil, max_receive = tonumber(c[6]) or 0,
  }
end

-- A message's state: c receive count, f first received (s), w last received (s), r receipt, l end of its holder's lease,
-- t sent (s), g group, n order, s sequence number, o source queue's ARN.
local function load(q, id)
  local packed = redis.call('HGET', q .. 'meta', id)
  return packed and cmsgpack.unpack(packed)
end

local function save(q, id, m) redis.call('HSET', q .. 'meta', id, cmsgpack.pack(m)) end

local function wake(q, count)
  if count > 0 and redis.call('EXISTS', q .. 'waiting') == 1 then
    redis.call('PUBLISH', 'sqs-ready', count .. ' ' .. q)
  end
end

-- Enters a group among those one can take from, or takes it out.
local function rank(q, group)
  local head = redis.call('HEXISTS', q .. 'busy', group) == 0 and redis.call('ZRANGE', q .. 'group:' .. group, 0, 0, 'WITHSCORES') or {}
  if head[1] then
    redis.call('ZADD', q .. 'groups', head[2], group)
  else
    redis.call('ZREM', q .. 'groups', group)
  end
end

local function offer(q, c, id, m)
  if c.fifo then
    redis.call('ZADD', q .. 'group:' .. m.g, m.n, id)
    rank(q, m.g)
  else
    redis.call('ZADD', q .. 'ready', redis.call('INCR', q .. 'order'), id)
  end
end

local function hold(q, c, m)
  if c.fifo then
    redis.call('HINCRBY', q .. 'busy', m.g, 1)
    rank(q, m.g)
  end
end

local function let_go(q, c, m)
  if c.fifo then
    if redis.call('HINCRBY', q .. 'busy', m.g, -1) <= 0 then redis.call('HDEL', q .. 'busy', m.g) end
    rank(q, m.g)
  end
end

local function is_in_flight(q, id)
  return redis.call('ZSCORE', q .. 'inflight', id) or redis.call('ZSCORE', q .. 'leased', id)
end

-- From in flight to available. A FIFO queue's receipt has expired with that.
local function release(q, c, id, m)
  redis.call('ZREM', q .. 'inflight', id)
  redis.call('ZREM', q .. 'leased', id)
  m.l = 0
  if c.fifo then m.r = '' end
  save(q, id, m)
  let_go(q, c, m)
  offer(q, c, id, m)
end

local function forget(q, c, id, m)
  redis.call('HDEL', q .. 'body', id)
  redis.call('HDEL', q .. 'meta', id)
  redis.call('ZREM', q .. 'sent', id)
  if redis.call('ZREM', q .. 'inflight', id) + redis.call('ZREM', q .. 'leased', id) > 0 then
    let_go(q, c, m)
  elseif redis.call('ZREM', q .. 'delayed', id) == 0 then
    if c.fifo then
      redis.call('ZREM', q .. 'group:' .. m.g, id)
      rank(q, m.g)
    else
      redis.call('ZREM', q .. 'ready', id)
    end
  end
end

-- Whatever time has brought: expired messages go, delayed and overdue ones become available.
local function settle(q, c, now, real)
  local offered = 0
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', q .. 'sent', '-inf', seconds(now - c.retention), 'LIMIT', 0, AT_ONCE)) do
    forget(q, c, id, load(q, id))
  end
  local available = c.fifo and now - c.delay or now
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', q .. 'delayed', '-inf', seconds(available), 'LIMIT', 0, AT_ONCE)) do
    redis.call('ZREM', q .. 'delayed', id)
    offer(q, c, id, load(q, id))
    offered = offered + 1
  end
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', q .. 'inflight', '-inf', seconds(now), 'LIMIT', 0, AT_ONCE)) do
    local m = load(q, id)
    if m.l > real then
      redis.call('ZREM', q .. 'inflight', id)
      redis.call('ZADD', q .. 'leased', seconds(m.l), id)
    else
      release(q, c, id, m)
      offered = offered + 1
    end
  end
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', q .. 'leased', '-inf', seconds(real), 'LIMIT', 0, AT_ONCE)) do
    release(q, c, id, load(q, id))
    offered = offered + 1
  end
  return offered
end

-- Writes when time next brings something into the account's due index, and returns it (nil: never).
local function schedule(q, c, due_key, accounts)
  local delayed, inflight = first_score(q .. 'delayed'), first_score(q .. 'inflight')
  if delayed and c.fifo then delayed = delayed + c.delay end
  local at = delayed and inflight and math.min(delayed, inflight) or delayed or inflight
  if at then
    redis.call('ZADD', due_key, seconds(at), 'sqs:' .. name_of(q))
    redis.call('SADD', accounts, string.match(q, '^sqs:(%d+):'))
  else
    redis.call('ZREM', due_key, 'sqs:' .. name_of(q))
  end
  return at
end

local function next_sequence(q, m)
  m.n = redis.call('INCR', q .. 'order')
  m.s = '18870' .. string.format('%015d', m.n)
end

local function insert(q, c, id, body, m)
  redis.call('HSET', q .. 'body', id, body)
  redis.call('ZADD', q .. 'sent', seconds(m.t), id)
  save(q, id, m)
end

-- The next available message, or nil; in a FIFO queue the first of the group that has waited longest.
local function first_available(q, c)
  if not c.fifo then return redis.call('ZRANGE', q .. 'ready', 0, 0)[1] end
  local group = redis.call('ZRANGE', q .. 'groups', 0, 0)[1]
  return group and redis.call('ZRANGE', q .. 'group:' .. group, 0, 0)[1]
end

local function owner_of(q) return string.match(q, '^sqs:(%d+):') end

-- When a message that a script stores counts as sent: the next of the same run a little later, so that they keep their order.
-- Half of it could be lost in rounding.
local APART_SECONDS = 2e-6
local stored = 0
local function sent_at(now)
  stored = stored + 1
  return now + (stored - 1) * APART_SECONDS
end

-- To the queue's dead-letter queue, as the message that it is. False where that is gone or of another type.
local function bury(q, c, id, m, now)
  local dead = 'sqs:' .. owner_of(q) .. ':' .. c.dead_letter .. ':'
  local d = read_config(dead)
  if not d or d.fifo ~= c.fifo then return false end
  local body = redis.call('HGET', q .. 'body', id)
  forget(q, c, id, m)
  local copy = { c = 0, r = '', l = 0, t = c.fifo and sent_at(now) or m.t, g = m.g, o = redis.call('HGET', q .. 'config', 'arn') }
  if d.fifo then next_sequence(dead, copy) end
  insert(dead, d, id, body, copy)
  offer(dead, d, id, copy)
  wake(dead, 1)
  return true
end

-- To the queue with the prefix target ('': to where the message came from), as a new message. Returns why it cannot be.
local function send_on(q, c, id, m, target, new_id, now)
  if target == '' then
    local account, name = string.match(m.o or '', '^arn:[^:]+:sqs:[^:]+:(%d+):(.+)$')
    if not account then return 'CouldNotDetermineMessageSource' end
    target = 'sqs:' .. account .. ':' .. name .. ':'
  end
  local t = read_config(target)
  if not t then return 'AWS.SimpleQueueService.NonExistentQueue' end
  -- A queue of another type or owner would lose the message: nothing of it is forgotten before this is clear.
  if t.fifo ~= c.fifo or owner_of(target) ~= owner_of(q) then return 'AWS.SimpleQueueService.UnsupportedOperation' end
  local copy = { c = 0, r = '', l = 0, t = sent_at(now), g = m.g }
  if t.fifo then next_sequence(target, copy) end
  local body = redis.call('HGET', q .. 'body', id)
  forget(q, c, id, m)
  insert(target, t, new_id, body, copy)
  offer(target, t, new_id, copy)
  wake(target, 1)
end
