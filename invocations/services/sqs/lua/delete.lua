-- KEYS: queue, clock, due index, accounts with something due. ARGV: real now, then message id and receipt of each.
-- Returns for each 1, or 0 where a FIFO queue's receipt has expired; nil where there is no such queue.
local q, real = KEYS[1], tonumber(ARGV[1])
local c = read_config(q)
if not c then return false end
local offered = settle(q, c, account_time(KEYS[2], real), real)
local results = {}
for i = 2, #ARGV, 2 do
  local m = load(q, ARGV[i])
  if m and c.fifo and m.r ~= ARGV[i + 1] then
    results[#results + 1] = 0
  else
    if m then
      forget(q, c, ARGV[i], m)
      if c.fifo then offered = offered + 1 end
    end
    results[#results + 1] = 1
  end
end
schedule(q, c, KEYS[3], KEYS[4])
wake(q, offered)
return results
