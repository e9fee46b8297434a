"""Tabs that are to be deleted, until a worker has done it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from redis import Redis

from callsheet.store import keys
from callsheet.store.client import text_of


@dataclass(frozen=True, slots=True)
class TabRemoval:
    """The tab of a flow that is gone. tab_key: by which it is found in its metadata."""

    spreadsheet_id: str
    tab_key: str

    @property
    def flow_id(self) -> str:
        """The flow that had it."""
        return self.tab_key.partition(":")[0]


class TabRemovals:
    """What is still to be deleted, and when to try next; FlowStore.remove asks for it."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def postpone(self, removal: TabRemoval, until: datetime) -> None:
        """Set when to try next, if it is still wanted."""
        self._redis.zadd(keys.TAB_REMOVALS, {member(removal): until.timestamp()}, xx=True)

    def wants(self, removal: TabRemoval) -> bool:
        """Say whether the tab is still to be deleted."""
        return self._redis.zscore(keys.TAB_REMOVALS, member(removal)) is not None

    def forget(self, removal: TabRemoval) -> None:
        """It is done, or no longer wanted."""
        self._redis.zrem(keys.TAB_REMOVALS, member(removal))

    def due(self, now: datetime, limit: int = 100) -> list[TabRemoval]:
        """Return what is to be tried at or before `now`, the longest due first."""
        members = self._redis.zrange(
            keys.TAB_REMOVALS, "-inf", now.timestamp(), byscore=True, offset=0, num=limit
        )
        return [TabRemoval(*text_of(raw).split("|", 1)) for raw in members]


def member(removal: TabRemoval) -> str:
    """Return the removal as it stands in the sorted set."""
    return f"{removal.spreadsheet_id}|{removal.tab_key}"
