-- What scripts share that follow an account's clock. Times are epoch seconds.

local function account_time(clock_key, real)
  local c = redis.call('HMGET', clock_key, 'rate', 'paused', 'real', 'shown')
  if not c[4] then return real, 1 end
  local rate = c[2] == '1' and 0 or tonumber(c[1])
  return tonumber(c[4]) + (real - tonumber(c[3])) * rate, rate
end

local function seconds(number) return string.format('%.6f', number) end

local function first_score(key)
  local head = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')
  return head[2] and tonumber(head[2])
end
