"""Which flows are stale, and when to look at each of the others: nothing fails in silence.

The cost of a look is that of the flows whose time has come, not of all that there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, cast

from redis import Redis
from redis.client import Pipeline

from callsheet.data_flow import DataFlow
from callsheet.freshness import fresh_until
from callsheet.store import keys
from callsheet.store.client import text_of


class FreshnessStore:
    """When each scheduled flow is to be looked at, and those that were found stale."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def due(self, now: datetime, limit: int = 100) -> list[tuple[str, str]]:
        """Return spreadsheet and flow ids of those whose time has come."""
        raw = self._redis.zrange(
            keys.FRESH_UNTIL, "-inf", now.timestamp(), byscore=True, offset=0, num=limit
        )
        return [_ids(text_of(member)) for member in raw]

    def look_again(self, spreadsheet_id: str, flow_id: str, at: datetime) -> None:
        """Look at the flow at this moment: it has turned out to be fresh until then."""
        member = _member(spreadsheet_id, flow_id)
        self._redis.zadd(keys.FRESH_UNTIL, {member: at.timestamp()}, xx=True)

    def is_stale(self, spreadsheet_id: str, flow_id: str, since: datetime) -> None:
        """Count the flow as stale, from this moment until it succeeds."""
        member = _member(spreadsheet_id, flow_id)
        with self._redis.pipeline() as pipe:
            pipe.zrem(keys.FRESH_UNTIL, member)
            pipe.zadd(keys.STALE_FLOWS, {member: since.timestamp()}, nx=True)
            pipe.execute()

    def forget(self, spreadsheet_id: str, flow_id: str) -> None:
        """Look at the flow no more."""
        with self._redis.pipeline() as pipe:
            forget(pipe, spreadsheet_id, flow_id)
            pipe.execute()

    def count_stale(self) -> int:
        """Return how many flows are stale."""
        return int(self._redis.zcard(keys.STALE_FLOWS))

    def stale_since(self, flows: Sequence[DataFlow]) -> list[datetime | None]:
        """Return since when each of the flows is stale; None for one that is fresh."""
        members = [_member(flow.spreadsheet_id, flow.id) for flow in flows]
        scores = cast(Any, self._redis.zmscore(keys.STALE_FLOWS, members)) if members else []
        return [None if one is None else datetime.fromtimestamp(int(one), UTC) for one in scores]


def expect(pipe: Pipeline, flow: DataFlow) -> None:
    """With each writing of a flow: see that it is looked at, unless it rests on purpose."""
    if flow.next_run_at is not None:
        until = fresh_until(flow, flow.next_run_at)
        if until is not None:
            member = _member(flow.spreadsheet_id, flow.id)
            pipe.zadd(keys.FRESH_UNTIL, {member: until.timestamp()}, lt=True)
    elif flow.paused_because is None:
        forget(pipe, flow.spreadsheet_id, flow.id)


def succeeded(pipe: Pipeline, flow: DataFlow, at: datetime) -> None:
    """With the end of a run that succeeded: the flow is fresh from then on."""
    member, until = _member(flow.spreadsheet_id, flow.id), fresh_until(flow, at)
    pipe.zrem(keys.STALE_FLOWS, member)
    if until is None:
        pipe.zrem(keys.FRESH_UNTIL, member)
    else:
        pipe.zadd(keys.FRESH_UNTIL, {member: until.timestamp()})


def forget(pipe: Pipeline, spreadsheet_id: str, flow_id: str) -> None:
    """With the removal of a flow: look at it no more."""
    member = _member(spreadsheet_id, flow_id)
    pipe.zrem(keys.FRESH_UNTIL, member)
    pipe.zrem(keys.STALE_FLOWS, member)


def _member(spreadsheet_id: str, flow_id: str) -> str:
    return f"{spreadsheet_id}|{flow_id}"


def _ids(member: str) -> tuple[str, str]:
    spreadsheet_id, _, flow_id = member.rpartition("|")
    return spreadsheet_id, flow_id
