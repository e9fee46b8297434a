"""Which scheduler process leads: a short lease."""

from __future__ import annotations

from redis import Redis

from callsheet.store import keys

LEASE_SECONDS = 15

# KEYS: lease. ARGV: owner, milliseconds. Takes a free lease or prolongs the owner's; 1 if held.
_TAKE_OR_KEEP = """
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""

# KEYS: lease. ARGV: owner. Frees the lease if it is the owner's.
_GIVE_UP = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""


class Leadership:
    """The scheduler lease as seen by one process."""

    def __init__(self, redis: Redis, owner: str) -> None:
        self._owner = owner
        self._take = redis.register_script(_TAKE_OR_KEEP)
        self._free = redis.register_script(_GIVE_UP)

    def take_or_keep(self) -> bool:
        """Say whether this process leads for the next 15 seconds."""
        milliseconds = LEASE_SECONDS * 1000
        return bool(self._take(keys=[keys.SCHEDULER_LEASE], args=[self._owner, milliseconds]))

    def give_up(self) -> None:
        """Let another process lead at once."""
        self._free(keys=[keys.SCHEDULER_LEASE], args=[self._owner])
