"""What stands in Redis right now, as numbers for the metrics and for /readyz."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from redis import Redis
from rq import Worker

from callsheet.run import Run, RunState
from callsheet.store import codec, keys
from callsheet.store.client import text_of

_MINUTE = timedelta(minutes=1)
_BEATS_WITHIN = timedelta(seconds=90)
"""A worker that has not been heard of for so long is gone: RQ keeps its name for a while."""


class Gauges:
    """Reads only; the cost is that of the runs that are not over."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def active_runs(self) -> list[Run]:
        """Return all runs that are not over."""
        ids = [text_of(raw) for raw in self._redis.zrange(keys.ACTIVE_RUNS, 0, -1)]
        texts = self._redis.mget([keys.run(run_id) for run_id in ids]) if ids else []
        return [codec.load(Run, text_of(text)) for text in texts if text is not None]

    def budget_used(self, account: str, now: datetime) -> int:
        """Return how many requests count in the minute of an Aircall account, or of a quota."""
        since = (now - _MINUTE).timestamp() * 1000
        return int(self._redis.zcount(keys.request_budget(account), since, "+inf"))

    def schedule_lag(self, now: datetime) -> float:
        """Return by how many seconds the longest due slot is late; 0 when none is due."""
        first = self._redis.zrange(keys.DUE_FLOWS, 0, 0, withscores=True)
        return max(0.0, now.timestamp() - float(first[0][1])) if first else 0.0

    def scheduled_flows(self) -> int:
        """Return how many flows have a next refresh."""
        return int(self._redis.zcard(keys.DUE_FLOWS))

    def has_leader(self) -> bool:
        """Say whether a scheduler leads."""
        return bool(self._redis.exists(keys.SCHEDULER_LEASE))

    def workers(self, now: datetime) -> int:
        """Return how many workers are alive."""
        beats = (worker.last_heartbeat for worker in Worker.all(connection=self._redis))
        return sum(1 for beat in beats if beat is not None and now - beat < _BEATS_WITHIN)


def by_state(runs: list[Run]) -> Counter[tuple[str, str]]:
    """Count runs by state and entity."""
    return Counter((run.state.value, run.entity) for run in runs)


def longest_wait(runs: list[Run], now: datetime) -> float:
    """Return for how many seconds the first of the queued runs has waited."""
    queued = [run.created_at for run in runs if run.state is RunState.QUEUED]
    return max((now - min(queued)).total_seconds(), 0.0) if queued else 0.0
