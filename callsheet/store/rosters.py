"""Who the users of an Aircall account are, as last read: for the quality card of Calls."""

from __future__ import annotations

import json
from collections.abc import Iterable

from redis import Redis

from callsheet.store import keys

_SECONDS = 26 * 3600
"""A little more than a day: Users are refreshed daily, and so is the deep look-back of Calls."""


class RosterStore:
    """Ids of users by account."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def save(self, account: str, users: Iterable[str]) -> None:
        """Keep the ids of all users that the account has now."""
        self._redis.set(keys.roster(account), json.dumps(sorted(users)), ex=_SECONDS)

    def of(self, account: str) -> frozenset[str] | None:
        """Return the ids, or None if they were not read within the last day."""
        text = self._redis.get(keys.roster(account))
        return None if text is None else frozenset(json.loads(text))
