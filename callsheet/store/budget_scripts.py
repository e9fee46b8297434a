"""The scripts of request budgets, in Lua: each one atomic step on the Redis server.

A request is counted on one or several levels, such as one service account and its whole project.
docs/decisions/0009-request-budget.md has the reasons.
"""

from __future__ import annotations

from callsheet.retry import LOWER, LOWEST, QUIET_PERIODS

# What both scripts below begin with. The time is the server's, in milliseconds, so the workers'
# clocks need not agree. learned: the rate that earlier 429s have left, raised by one step for each
# stretch of quiet since.
PRELUDE = f"""
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function learned(key, limit, quiet)
  local kept = redis.call('HMGET', key, 'rate', 'since')
  if not kept[1] then return limit end
  local steps = math.min(100, math.max(0, math.floor((now - kept[2]) / quiet)))
  return math.min(limit, math.floor(kept[1] / {LOWER} ^ steps + 1e-9))
end
"""

# KEYS of each level: counted requests, waiters, closed mark, learned rate. ARGV: run, ticket, 1 if
# the run may use the reserve, period, flight (0: counts from now and never stands in line), grace;
# then limit and reserve of each level; times in milliseconds. Answers 0 when the request may be
# sent and is counted on every level, else the milliseconds after which to ask again.
#
# Waiters are served in the order of how much their run has had in this period, then of asking.
# The slots that come free next are handed out in that order, so each waiter learns its own moment.
# A run that has had its share leaves room for runs that asked a moment ago and have had less.
# Whoever has to wait on one level keeps its place on the others as long. Where nobody waits and the
# level is so empty that there is room for whatever a run would leave to others (below: at most a
# quarter of what they have had, and three for each), nothing has to be counted: what one request
# costs then does not grow with how many others there are.
TAKE = (
    PRELUDE
    + """
local run, me, my_kind = ARGV[1], ARGV[1] .. '/' .. ARGV[2], ARGV[3]
local period, flight, grace = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])

-- Answers the milliseconds to wait on this level, and when this ticket first asked.
local function ask(counted_key, waiters_key, closed_key, learned_key, given, reserve)
  local limit = learned(learned_key, given, QUIET * period)
  local count, waiting, active, frees, line = {}, {}, {[run] = true}, {}, {}

  redis.call('ZREMRANGEBYSCORE', counted_key, '-inf', now - period - 1)
  local function room(kind) return math.max(1, limit - (kind == '1' and 0 or reserve)) end
  local had_by_all, waiters = redis.call('ZCARD', counted_key), redis.call('HLEN', waiters_key)
  if waiters == 0 and had_by_all * 4.25 + 1 <= room(my_kind)
      and redis.call('EXISTS', closed_key) == 0 then
    return 0, now
  end
  local counted = redis.call('ZRANGE', counted_key, 0, -1, 'WITHSCORES')
  for i = 1, #counted, 2 do
    local name, from = string.match(counted[i], '^(.*)/'), tonumber(counted[i + 1])
    if from > now + period then -- the server's clock was set back
      from = now
      redis.call('ZADD', counted_key, now, counted[i])
    end
    count[name] = (count[name] or 0) + 1
    if from >= now - period / 12 then active[name] = true end
    frees[#frees + 1] = math.min(from, now) + period + 1
  end
  table.sort(frees)

  local asked_first = now
  local held = redis.call('HGETALL', waiters_key)
  for i = 1, #held, 2 do
    local asked, till, kind = string.match(held[i + 1], '(%d+) (%d+) (%d)')
    asked, till = tonumber(asked), tonumber(till)
    if till < now or till > now + 4 * period then
      redis.call('HDEL', waiters_key, held[i])
    elseif held[i] == me then
      asked_first = math.min(asked, now)
    else
      local name = string.match(held[i], '^(.*)/')
      active[name] = true
      line[#line + 1] = {name = held[i], run = name, asked = asked, till = till, kind = kind}
    end
  end
  line[#line + 1] = {name = me, run = run, asked = asked_first, kind = my_kind}

  local closed = tonumber(redis.call('GET', closed_key) or 0)
  if closed > now then return closed - now, asked_first end

  local function older(a, b)
    if a.asked ~= b.asked then return a.asked < b.asked end
    return a.name < b.name
  end
  table.sort(line, older)
  for _, w in ipairs(line) do
    w.had = (count[w.run] or 0) + (waiting[w.run] or 0)
    waiting[w.run] = (waiting[w.run] or 0) + 1
  end
  table.sort(line, function(a, b)
    if a.had ~= b.had then return a.had < b.had end
    return older(a, b)
  end)

  local runs, left_for_others = 0, 0
  for _ in pairs(active) do runs = runs + 1 end
  local share = math.floor(room(my_kind) / runs)
  if (count[run] or 0) >= share then
    for name in pairs(active) do
      local had = count[name] or 0
      local soon = math.min(share, had + math.floor(had / 4) + 3) - had - (waiting[name] or 0)
      if name ~= run then left_for_others = left_for_others + math.max(0, soon) end
    end
  end

  local given = {}
  local function moment(space)
    local ahead = 0
    while true do
      local at = now
      if #frees + ahead >= space then at = frees[#frees + ahead - space + 1] or now + period end
      local before = 0
      for _, other in ipairs(given) do if other <= at then before = before + 1 end end
      if before <= ahead then return at end
      ahead = before
    end
  end
  local again = math.huge
  if left_for_others > 0 then again = now + period / 12 end
  for place, w in ipairs(line) do
    if w.name == me then
      local at = moment(room(w.kind) - left_for_others)
      -- Whoever is next before us may be dead by then: its slot is ours.
      if place > 1 then again = math.min(again, line[place - 1].till + 1) end
      if at > now then return math.min(at, again) - now, asked_first end
      break
    end
    local at = moment(room(w.kind))
    if at <= now then again = math.min(again, w.till + 1) end
    given[#given + 1] = at
  end
  return 0, asked_first
end

local asked, longest = {}, 0
for i = 1, #KEYS, 4 do
  local about = 6 + (i + 1) / 2
  local ms, first = ask(
    KEYS[i], KEYS[i + 1], KEYS[i + 2], KEYS[i + 3], tonumber(ARGV[about]), tonumber(ARGV[about + 1])
  )
  asked[i], longest = first, math.max(longest, ms)
end
longest = math.ceil(longest)
for i = 1, #KEYS, 4 do
  if longest == 0 then
    redis.call('HDEL', KEYS[i + 1], me)
    redis.call('ZADD', KEYS[i], now + flight, me)
    redis.call('PEXPIRE', KEYS[i], 3 * period)
  elseif flight > 0 then
    local till = now + longest + grace
    redis.call('HSET', KEYS[i + 1], me, string.format('%d %d %s', asked[i], till, my_kind))
    redis.call('PEXPIRE', KEYS[i + 1], longest + grace + period)
  end
end
return longest
""".replace("QUIET", str(QUIET_PERIODS))
)

# KEYS of each level: counted requests, waiters. ARGV: run and ticket. The request has arrived: it
# counts from now; whoever waited waits no longer.
SETTLE = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for i = 1, #KEYS, 2 do
  redis.call('HDEL', KEYS[i + 1], ARGV[1])
  if redis.call('ZSCORE', KEYS[i], ARGV[1]) then redis.call('ZADD', KEYS[i], now, ARGV[1]) end
end
return 0
"""

# KEYS: a level's closed mark and learned rate. ARGV: milliseconds, limit, period in milliseconds.
# Closes for so long, unless it is closed for longer. The first 429 is a warning; another one within
# the quiet time lowers the rate; those that come while it is closed were sent before and say
# nothing new.
CLOSE = (
    PRELUDE
    + f"""
local closed, limit = tonumber(redis.call('GET', KEYS[1]) or 0), tonumber(ARGV[2])
local quiet = {QUIET_PERIODS} * ARGV[3]
if closed < now + ARGV[1] then redis.call('SET', KEYS[1], now + ARGV[1], 'PX', ARGV[1]) end
if closed > now then return 0 end
local rate = learned(KEYS[2], limit, quiet)
local struck = redis.call('HGET', KEYS[2], 'struck')
if struck and now - struck < quiet then
  rate = math.max(math.min({LOWEST}, limit), math.floor(rate * {LOWER}))
end
redis.call('HSET', KEYS[2], 'rate', rate, 'since', now, 'struck', now)
redis.call('PEXPIRE', KEYS[2], 86400000)
return 0
"""
)
