"""The request budget of an Aircall account, shared by all workers on all machines."""

from __future__ import annotations

import secrets

from redis import Redis

from callsheet.store import keys

# KEYS: requests of the last minute, closed mark. ARGV: limit, a name for this request.
# Answers 0 when the request may be sent and is counted, else the milliseconds to wait. The time is
# the server's, so the workers' clocks need not agree.
_TAKE = """
local closed = redis.call('PTTL', KEYS[2])
if closed > 0 then return closed end
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - 60000)
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[1]) then
  local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
  return first[2] + 60001 - now
end
redis.call('ZADD', KEYS[1], now, ARGV[2])
redis.call('PEXPIRE', KEYS[1], 120000)
return 0
"""

# KEYS: closed mark. ARGV: milliseconds. Closes for so long, unless it is closed for longer.
_CLOSE = """
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then
  redis.call('SET', KEYS[1], 1, 'PX', ARGV[1])
end
return 0
"""


class SharedBudget:
    """Never more than `per_minute` requests to the account in any rolling minute."""

    def __init__(self, redis: Redis, account: str, per_minute: int) -> None:
        self._keys = [keys.request_budget(account), keys.request_budget_closed(account)]
        self._per_minute = per_minute
        self._take = redis.register_script(_TAKE)
        self._close = redis.register_script(_CLOSE)

    def take(self) -> float:
        """Return 0 when a request may be sent now (and count it), else the seconds to wait."""
        wait = self._take(keys=self._keys, args=[self._per_minute, secrets.token_hex(8)])
        return int(wait) / 1000.0  # type: ignore[call-overload,no-any-return,unused-ignore]

    def close(self, seconds: float) -> None:
        """Let nobody send for so many seconds: Aircall has told us to wait."""
        self._close(keys=self._keys[1:], args=[max(1, int(seconds * 1000))])
