-- What all scripts of a due queue share. Its keys begin with <kind>:<account>: and are
--   lane-of     hash: item id -> lane                     item:<id>   hash: the item's fields, and who holds it
--   all:<lane>  sorted set of its items by when they were put     due:<lane>  those that nobody holds, by when they are due (clock)
--   over:<id>   there for OVER_SECONDS after an item that lingers was settled: it is not put again
-- Beside them <kind>:claims, over all accounts: "<account> <id>" -> real time at which its holder's lease ends.
-- KEYS of every script: prefix, clock, due index, claims, accounts with something due. ARGV[1]: real now.

local prefix, clock_key, due_index, claims, accounts = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local kind, account = string.match(prefix, '^([%w-]+):(%d+):$')
local real = tonumber(ARGV[1])

local OVER_SECONDS = 15 -- longer than a lease and a sweep, after which somebody who died may put the same item again

local function claim_of(id) return account .. ' ' .. id end

-- Writes into the account's due index when the lane's next item is due.
local function enter(lane)
  local at = first_score(prefix .. 'due:' .. lane)
  if at then
    redis.call('ZADD', due_index, seconds(at), kind .. ':' .. lane)
    redis.call('SADD', accounts, account)
  else
    redis.call('ZREM', due_index, kind .. ':' .. lane)
  end
end

local function offer(lane, id, at)
  redis.call('ZREM', claims, claim_of(id))
  redis.call('HDEL', prefix .. 'item:' .. id, 'holder')
  redis.call('ZADD', prefix .. 'due:' .. lane, seconds(at), id)
  enter(lane)
end
