"""Pure: from snapshots of who is available to intervals, honest about when nobody looked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

NOT_OBSERVED = "not observed"
"""The status of the time between two snapshots that lie too far apart."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A stretch of time in which an agent had one status: start <= t <= end, whole seconds, aware.

    end: of an agent's latest interval, when we last saw the status.
    """

    agent_id: str
    status: str
    start: datetime
    end: datetime

    @property
    def id(self) -> str:
        """Agent and first second: stays the same while the interval grows.

        A gap may begin in the very second of the only sight before it, hence its own ending.
        """
        ending = "-gap" if self.status == NOT_OBSERVED else ""
        return f"{self.agent_id}-{int(self.start.timestamp())}{ending}"

    @property
    def minutes(self) -> float:
        """Its length, to a ten-thousandth of a minute."""
        return round((self.end - self.start).total_seconds() / 60, 4)

    def record(self, name: str | None = None, email: str | None = None) -> dict[str, Any]:
        """Return the interval as a record of the entity `user_availability_history`."""
        return {
            "interval_id": self.id,
            "agent_id": self.agent_id,
            "name": name,
            "email": email,
            "availability": self.status,
            "from": int(self.start.timestamp()),
            "to": int(self.end.timestamp()),
            "minutes": self.minutes,
        }


def interval_of(interval_id: str, status: str, minutes: float) -> Interval | None:
    """Return the interval that stands in a tab, or None if a person has changed its id or minutes.

    The id holds the agent and the first second, so that clock changes cannot blur them.
    """
    agent_id, _, rest = interval_id.removesuffix("-gap").rpartition("-")
    if not agent_id or not rest.isdecimal() or not minutes >= 0:
        return None
    try:
        start = datetime.fromtimestamp(int(rest), UTC)
        end = start + timedelta(seconds=round(minutes * 60))
    except (ValueError, OverflowError):  # in no year of ours
        return None
    return Interval(agent_id, status, start, end)


def next_intervals(
    latest: Mapping[str, Interval], seen: Mapping[str, str], at: datetime, gap: timedelta
) -> list[Interval]:
    """Return the intervals to write, by their ids, after a snapshot.

    latest: each agent's interval with the latest end. seen: the statuses of the snapshot by agent.
    at: when it was taken. gap: snapshots further apart than this tell nothing of the time between.

    The same status prolongs the interval. Another one ends it now and begins a new one: the change
    happened since the last look, we cannot know when. After a gap the old interval stays ended at
    its last sight, "not observed" covers the gap, and a new interval begins. A snapshot that is
    older than what we know changes nothing. An agent who is not in it ends where last seen.
    """
    at = at.replace(microsecond=0)
    found: list[Interval] = []
    for agent_id, status in seen.items():
        known = latest.get(agent_id)
        if known is None:
            found.append(Interval(agent_id, status, at, at))
        elif at >= known.end:
            found += _continued(known, status, at, gap)
    return found


def latest_of(intervals: Iterable[Interval]) -> dict[str, Interval]:
    """Return each agent's latest interval: what the next snapshot goes on from."""
    latest: dict[str, Interval] = {}
    for interval in intervals:
        other = latest.get(interval.agent_id)
        if other is None or (interval.end, interval.start) >= (other.end, other.start):
            latest[interval.agent_id] = interval
    return latest


def _continued(known: Interval, status: str, at: datetime, gap: timedelta) -> list[Interval]:
    new = Interval(known.agent_id, status, at, at)
    if at - known.end > gap:
        return [Interval(known.agent_id, NOT_OBSERVED, known.end, at), new]
    if status == known.status:
        return [replace(known, end=at)]
    ended = replace(known, end=at)
    # Two snapshots in the second in which the interval began: the later one is right.
    return [new] if ended.id == new.id else [ended, new]


def next_records(
    table: Iterable[list[object]], snapshot: Iterable[Mapping[str, Any]], gap: timedelta
) -> list[dict[str, Any]]:
    """Return the records to write into a history tab after a snapshot.

    table: what the tab holds: interval id, status, minutes. snapshot: records of the moment with
    id, name, email, availability and read_at (UNIX seconds). gap: as for next_intervals. Records
    without a status are passed over.
    """
    agents = {str(one["id"]): one for one in snapshot if one.get("availability") is not None}
    if not agents:
        return []
    known = (interval_of(*_cells(row)) for row in table)
    seen = {agent_id: str(one["availability"]) for agent_id, one in agents.items()}
    at = datetime.fromtimestamp(max(one["read_at"] for one in agents.values()), UTC)
    latest = latest_of(one for one in known if one is not None)
    return [
        interval.record(
            agents[interval.agent_id].get("name"), agents[interval.agent_id].get("email")
        )
        for interval in next_intervals(latest, seen, at, gap)
    ]


def _cells(row: list[object]) -> tuple[str, str, float]:
    interval_id, status, minutes = row
    return str(interval_id), str(status), minutes if isinstance(minutes, int | float) else 0.0
