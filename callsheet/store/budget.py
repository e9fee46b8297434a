"""The request budget of an Aircall account, shared by all workers on all machines.

docs/decisions/0009-request-budget.md has the reasons.
"""

from __future__ import annotations

import logging
import secrets

from redis import Redis
from redis.exceptions import RedisError

from callsheet.errors import StoreUnavailable
from callsheet.retry import FLIGHT_SHARE, LOWER, LOWEST, MINUTE, QUIET_PERIODS
from callsheet.store import keys

log = logging.getLogger(__name__)

_GRACE_SECONDS = 1.0
"""A waiter that comes so much later than it was told is taken for dead."""

# What both scripts below begin with. The time is the server's, in milliseconds, so the workers'
# clocks need not agree. learned: the rate that earlier 429s have left, raised by one step for each
# stretch of quiet since.
_PRELUDE = f"""
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function learned(key, limit, quiet)
  local kept = redis.call('HMGET', key, 'rate', 'since')
  if not kept[1] then return limit end
  local steps = math.min(100, math.max(0, math.floor((now - kept[2]) / quiet)))
  return math.min(limit, math.floor(kept[1] / {LOWER} ^ steps + 1e-9))
end
"""

# KEYS: counted requests, waiters, closed mark, learned rate. ARGV: run, ticket, limit, reserve,
# 1 if the run may use the reserve, period, flight (0: counts from now and never stands in line),
# grace; times in milliseconds. Answers 0 when the request may be sent and is counted, else the
# milliseconds after which to ask again.
#
# Waiters are served in the order of how much their run has had in this period, then of asking.
# The slots that come free next are handed out in that order, so each waiter learns its own moment.
# A run that has had its share leaves room for runs that asked a moment ago and have had less.
_TAKE = (
    _PRELUDE
    + """
local run, me = ARGV[1], ARGV[1] .. '/' .. ARGV[2]
local reserve, period = tonumber(ARGV[4]), tonumber(ARGV[6])
local flight, grace = tonumber(ARGV[7]), tonumber(ARGV[8])
local limit = learned(KEYS[4], tonumber(ARGV[3]), QUIET * period)
local count, waiting, active, frees, line = {}, {}, {[run] = true}, {}, {}

redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - period - 1)
local counted = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
for i = 1, #counted, 2 do
  local name, from = string.match(counted[i], '^(.*)/'), tonumber(counted[i + 1])
  if from > now + period then -- the server's clock was set back
    from = now
    redis.call('ZADD', KEYS[1], now, counted[i])
  end
  count[name] = (count[name] or 0) + 1
  if from >= now - period / 12 then active[name] = true end
  frees[#frees + 1] = math.min(from, now) + period + 1
end
table.sort(frees)

local asked_first = now
local held = redis.call('HGETALL', KEYS[2])
for i = 1, #held, 2 do
  local asked, till, kind = string.match(held[i + 1], '(%d+) (%d+) (%d)')
  asked, till = tonumber(asked), tonumber(till)
  if till < now or till > now + 4 * period then
    redis.call('HDEL', KEYS[2], held[i])
  elseif held[i] == me then
    asked_first = math.min(asked, now)
  else
    local name = string.match(held[i], '^(.*)/')
    active[name] = true
    line[#line + 1] = {name = held[i], run = name, asked = asked, till = till, kind = kind}
  end
end
line[#line + 1] = {name = me, run = run, asked = asked_first, kind = ARGV[5]}

local function wait(ms)
  ms = math.max(1, math.ceil(ms))
  if flight > 0 then
    local till = now + ms + grace
    redis.call('HSET', KEYS[2], me, string.format('%d %d %s', asked_first, till, ARGV[5]))
    redis.call('PEXPIRE', KEYS[2], ms + grace + period)
  end
  return ms
end

local closed = tonumber(redis.call('GET', KEYS[3]) or 0)
if closed > now then return wait(closed - now) end

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

local function room(kind) return math.max(1, limit - (kind == '1' and 0 or reserve)) end
local runs, left_for_others = 0, 0
for _ in pairs(active) do runs = runs + 1 end
local share = math.floor(room(ARGV[5]) / runs)
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
    if at > now then return wait(math.min(at, again) - now) end
    break
  end
  local at = moment(room(w.kind))
  if at <= now then again = math.min(again, w.till + 1) end
  given[#given + 1] = at
end
redis.call('HDEL', KEYS[2], me)
redis.call('ZADD', KEYS[1], now + flight, me)
redis.call('PEXPIRE', KEYS[1], 3 * period)
return 0
""".replace("QUIET", str(QUIET_PERIODS))
)

# KEYS: counted requests, waiters. ARGV: run and ticket. The request has arrived: it counts from
# now; whoever waited waits no longer.
_SETTLE = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HDEL', KEYS[2], ARGV[1])
if redis.call('ZSCORE', KEYS[1], ARGV[1]) then redis.call('ZADD', KEYS[1], now, ARGV[1]) end
return 0
"""

# KEYS: closed mark, learned rate. ARGV: milliseconds, limit, period in milliseconds. Closes for so
# long, unless it is closed for longer. The first 429 is a warning; another one within the quiet
# time lowers the rate; those that come while it is closed were sent before and say nothing new.
_CLOSE = (
    _PRELUDE
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


class SharedBudget:
    """Never more than `per_minute` requests to the account in any rolling minute.

    run: whose requests these are; the runs of an account share its budget evenly. interactive: a
    person waits for the run, so it may use the reserve too. reserve: share of the budget, 0 to 1,
    that only interactive runs may use. spare: share left to the customer's other integrations.
    period: what a minute is, in seconds.
    """

    def __init__(  # noqa: PLR0913 - each is a share or a size of the budget
        self,
        redis: Redis,
        account: str,
        per_minute: int,
        *,
        run: str = "",
        interactive: bool = True,
        reserve: float = 0.0,
        spare: float = 0.0,
        period: float = MINUTE,
    ) -> None:
        self._run = run or secrets.token_hex(8)
        self._keys = [
            keys.request_budget(account),
            keys.request_budget_waiters(account),
            keys.request_budget_closed(account),
            keys.request_budget_learned(account),
        ]
        self._limit = max(1, int(per_minute * (1 - spare) + 1e-9))
        self._period = int(period * 1000)
        self._about = [self._limit, int(self._limit * reserve), int(interactive), self._period]
        self._grace = int(_GRACE_SECONDS * 1000)
        self._take = redis.register_script(_TAKE)
        self._settle = redis.register_script(_SETTLE)
        self._close = redis.register_script(_CLOSE)

    def take(self, ticket: str = "") -> float:
        """Return 0 when the request may be sent now (and count it), else the seconds to wait.

        Raises StoreUnavailable: without Redis nobody knows what is left.
        """
        flight = int(self._period * FLIGHT_SHARE) if ticket else 0
        whose = [self._run, ticket or secrets.token_hex(8)]
        try:
            wait = self._take(keys=self._keys, args=[*whose, *self._about, flight, self._grace])
        except RedisError as error:
            raise StoreUnavailable(type(error).__name__) from None
        return int(wait) / 1000.0  # type: ignore[call-overload,no-any-return,unused-ignore]

    def settle(self, ticket: str) -> None:
        """Say that the request has reached Aircall, or never will; also gives up a wait."""
        try:
            self._settle(keys=self._keys[:2], args=[f"{self._run}/{ticket}"])
        except RedisError as error:  # it counts for longer than it had to: harmless
            log.warning("budget_not_settled error=%s", type(error).__name__)

    def close(self, seconds: float) -> None:
        """Let nobody send for so many seconds: Aircall has told us to wait."""
        about = [max(1, int(seconds * 1000)), self._limit, self._period]
        try:
            self._close(keys=self._keys[2:], args=about)
        except RedisError as error:
            raise StoreUnavailable(type(error).__name__) from None
