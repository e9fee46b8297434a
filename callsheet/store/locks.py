"""One writer a tab: a lock with an end and a number that only grows.

docs/decisions/0014-one-writer-a-tab.md has the reasons.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from callsheet.errors import LeaseLost, StoreUnavailable, TabInUse
from callsheet.store import keys

log = logging.getLogger(__name__)

LOCK_SECONDS = 20.0
_BEATS = 4  # signs of life within that time
_REMEMBERED_MS = 86_400_000

# KEYS of all: lock, last number.

# ARGV: milliseconds. Answers the number of the new holder, or 0 while somebody holds the tab.
# Numbers follow the server's clock, so they grow even where the last one is forgotten.
_TAKE = f"""
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local number = math.max(now, tonumber(redis.call('GET', KEYS[2]) or 0) + 1)
redis.call('SET', KEYS[1], string.format('%d', number), 'PX', ARGV[1])
redis.call('SET', KEYS[2], string.format('%d', number), 'PX', {_REMEMBERED_MS})
return number
"""

# ARGV: number, milliseconds. Prolongs the holder's lock, also one that has run out while nobody
# else has had the tab: then the last number is still the holder's.
_RENEW = f"""
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
redis.call('PEXPIRE', KEYS[2], {_REMEMBERED_MS})
return 1
"""

# ARGV: number. Ends the holder's lock; the number counts for nobody any more.
_RELEASE = """
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
redis.call('INCR', KEYS[2])
return redis.call('DEL', KEYS[1])
"""


@dataclass(frozen=True, slots=True)
class TabToken:
    """What the holder of a tab shows. number: larger than that of every earlier holder."""

    spreadsheet_id: str
    flow_key: str
    number: int

    @property
    def keys(self) -> list[str]:
        """The keys of the lock and of the last number."""
        return [
            keys.tab_lock(self.spreadsheet_id, self.flow_key),
            keys.tab_lock_number(self.spreadsheet_id, self.flow_key),
        ]


class TabLocks:
    """Who may write the tab of a flow; everything raises StoreUnavailable without Redis.

    seconds: how long a lock lasts without a sign of life.
    """

    def __init__(self, redis: Redis, *, seconds: float = LOCK_SECONDS) -> None:
        self._redis = redis
        self._ms = int(seconds * 1000)
        self._take = redis.register_script(_TAKE)
        self._renew = redis.register_script(_RENEW)
        self._release = redis.register_script(_RELEASE)

    def take(self, spreadsheet_id: str, flow_key: str) -> TabToken:
        """Return the token of a new holder. Raises TabInUse while there is another."""
        names = TabToken(spreadsheet_id, flow_key, 0).keys
        number = _answer(self._take, names, self._ms)
        if number == 0:
            raise TabInUse(f"tab of {flow_key}")
        return TabToken(spreadsheet_id, flow_key, number)

    def renew(self, token: TabToken) -> bool:
        """Prolong the lock; False when somebody else has had the tab since, or it was released."""
        return _answer(self._renew, token.keys, token.number, self._ms) == 1

    def is_current(self, token: TabToken) -> bool:
        """Say whether the token's holder has the tab now, without prolonging it."""
        try:
            return self._redis.get(token.keys[0]) == str(token.number).encode()
        except RedisError as error:
            raise StoreUnavailable(type(error).__name__) from None

    def release(self, token: TabToken) -> None:
        """Give the tab back, if it is still the holder's."""
        _answer(self._release, token.keys, token.number)

    @contextmanager
    def hold(self, spreadsheet_id: str, flow_key: str) -> Iterator[Holding]:
        """Hold the tab for the block, with signs of life from a thread. Raises TabInUse."""
        token = self.take(spreadsheet_id, flow_key)
        holding = Holding(self, token)
        over = threading.Event()
        pulse = self._ms / 1000 / _BEATS
        beating = threading.Thread(target=holding.beat, args=(over, pulse), daemon=True)
        beating.start()
        try:
            yield holding
        finally:
            over.set()
            beating.join()
            try:
                self.release(token)
            except StoreUnavailable:  # it ends by itself
                log.warning("tab_not_released")


class Holding:
    """A tab that is held."""

    def __init__(self, locks: TabLocks, token: TabToken) -> None:
        self._locks = locks
        self.token = token

    def guard(self) -> None:
        """Raise LeaseLost when somebody else has had the tab meanwhile; before each write."""
        if not self._locks.renew(self.token):
            raise LeaseLost(f"tab of {self.token.flow_key}")

    def beat(self, over: threading.Event, pulse: float) -> None:
        """Give a sign of life every `pulse` seconds until it is over or the tab is lost."""
        while not over.wait(pulse):
            try:
                if not self._locks.renew(self.token):
                    return
            except StoreUnavailable:
                log.warning("tab_not_renewed")


def _answer(script: Any, names: list[str], *about: int) -> int:
    try:
        return int(script(keys=names, args=about))
    except RedisError as error:
        raise StoreUnavailable(type(error).__name__) from None
