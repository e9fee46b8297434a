"""Everything that is kept sealed for good, sealed again with the newest key.

What is sealed for minutes only (fetched pages, Google's access tokens) is left to end by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import cast

from redis import Redis
from redis.client import Pipeline

from callsheet.errors import ConfigError
from callsheet.store import keys
from callsheet.store.client import text_of
from callsheet.store.subscriptions import SLACK
from callsheet.store.vault import Vault


class Fate(StrEnum):
    """What became of a sealed thing. CURRENT: the newest key had sealed it already."""

    RESEALED = "resealed"
    CURRENT = "current"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Place:
    """Where something sealed stands. what: to be shown; field: of a hash."""

    what: str
    key: str
    field: str | None = None


_PATTERNS = {
    "connection": keys.connection_token("*"),
    "webhook": keys.webhook("*"),
    "Slack address": keys.subscriptions("*"),
}
_SCAN_AT_ONCE = 1000


class SealedThings:
    """All connections' tokens, webhooks and Slack addresses."""

    def __init__(self, redis: Redis, vault: Vault) -> None:
        self._redis = redis
        self._vault = vault

    def reseal(self) -> Iterator[tuple[Place, Fate]]:
        """Seal each thing again, one after the other, and yield what became of it.

        May be broken off and repeated at any time. What somebody saves meanwhile is never undone.
        """
        for place in self._places():
            fate = self._reseal(place)
            if fate is not None:
                yield place, fate

    def _places(self) -> Iterator[Place]:
        for kind, pattern in _PATTERNS.items():
            before, _, after = pattern.partition("*")
            field = SLACK if kind == "Slack address" else None
            seen = set[str]()  # SCAN may name a key twice
            for raw in self._redis.scan_iter(pattern, count=_SCAN_AT_ONCE):
                key = text_of(raw)
                if key not in seen:
                    seen.add(key)
                    yield Place(f"{kind} {key[len(before) : -len(after)]}", key, field)

    def _reseal(self, place: Place) -> Fate | None:
        """Return what became of it; None when there is nothing any more."""
        key, field = place.key, place.field
        fates: list[Fate | None] = []

        def transact(pipe: Pipeline) -> None:
            sealed = pipe.get(key) if field is None else pipe.hget(key, field)
            fate, again = self._again(cast(bytes | None, sealed))
            fates[:] = [fate]
            pipe.multi()
            if again is None:
                return
            if field is None:
                pipe.set(key, again, keepttl=True)
            else:
                pipe.hset(key, field, again)

        self._redis.transaction(transact, key)
        return fates[0]

    def _again(self, sealed: bytes | None) -> tuple[Fate | None, bytes | None]:
        if sealed is None:
            return None, None
        if self._vault.is_newest(sealed):
            return Fate.CURRENT, None
        try:
            return Fate.RESEALED, self._vault.reseal(sealed)
        except ConfigError:
            return Fate.UNREADABLE, None
