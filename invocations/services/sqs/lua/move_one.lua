-- KEYS: queue, clock, due index, accounts with something due. ARGV: real now, message id, 'bury' or 'back', prefix of the target or '' for the message's source, a new id.
-- Returns '' or why the message cannot be moved; nil where there is no such queue.
local q, real, id = KEYS[1], tonumber(ARGV[1]), ARGV[2]
local c = read_config(q)
if not c then return false end
local now = account_time(KEYS[2], real)
wake(q, settle(q, c, now, real))
local m = load(q, id)
local problem
if not m then
  problem = 'gone'
elseif is_in_flight(q, id) then
  problem = 'in flight'
elseif ARGV[3] == 'back' then
  problem = send_on(q, c, id, m, ARGV[4], ARGV[5], now)
elseif not c.dead_letter or not bury(q, c, id, m, now) then
  problem = 'AWS.SimpleQueueService.NonExistentQueue'
end
schedule(q, c, KEYS[3], KEYS[4])
return problem or ''
