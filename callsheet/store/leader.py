"""Which scheduler process leads: a short lease with a growing number.

Each time another process takes the lease over, the number grows. What only the leader may do is
done by a script that compares the whole mark, number and process, first: a leader that was frozen
and wakes up when another one has taken over changes nothing.
"""

from __future__ import annotations

from redis import Redis

from callsheet.store import keys
from callsheet.store.client import text_of

LEASE_SECONDS = 1.5
"""How long a leader that gives no sign of life keeps the others waiting."""

# KEYS: lease, number. ARGV: process, milliseconds. Takes a free lease, with the next number, or
# prolongs the process's own. Answers its mark; if another process has it: milliseconds to its end.
_TAKE_OR_KEEP = """
local mark = redis.call('GET', KEYS[1])
if mark then
  if string.match(mark, '^%d+|(.*)$') ~= ARGV[1] then return redis.call('PTTL', KEYS[1]) end
else
  mark = redis.call('INCR', KEYS[2]) .. '|' .. ARGV[1]
end
redis.call('SET', KEYS[1], mark, 'PX', ARGV[2])
return mark
"""

# KEYS: lease. ARGV: mark. Frees the lease if it is still under this mark.
_GIVE_UP = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""


class Leadership:
    """The scheduler lease as seen by one process."""

    def __init__(self, redis: Redis, process: str) -> None:
        """process: a name that no other process has."""
        self._process = process
        self._mark: str | None = None
        self._take = redis.register_script(_TAKE_OR_KEEP)
        self._free = redis.register_script(_GIVE_UP)
        self.free_in = 0.0
        """Seconds to the end of another process's lease, as last seen."""

    def take_or_keep(self) -> str | None:
        """Return the mark under which this process leads for the next seconds; else None."""
        about = [keys.SCHEDULER_LEASE, keys.SCHEDULER_NUMBER]
        answer = self._take(keys=about, args=[self._process, int(LEASE_SECONDS * 1000)])
        if isinstance(answer, int):
            self._mark, self.free_in = None, max(0, answer) / 1000
        else:
            self._mark = text_of(answer)
        return self._mark

    def give_up(self) -> None:
        """Let another process lead at once."""
        if self._mark is not None:
            self._free(keys=[keys.SCHEDULER_LEASE], args=[self._mark])
            self._mark = None
