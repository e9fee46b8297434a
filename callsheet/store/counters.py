"""Counters that all processes add to, read when the metrics are asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from redis import Redis
from redis.client import Pipeline
from redis.exceptions import RedisError

from callsheet.run import Run
from callsheet.store import keys
from callsheet.store.client import text_of

WAIT_BUCKETS = (0.3, 1.0, 2.0, 5.0, 15.0, 60.0, 300.0, 1800.0)
"""Upper bounds, in seconds, of how long runs waited in the queue."""

RUNS = "runs"
WAIT = "wait"
REQUESTS = "requests"
SUM = "sum"

_ACCOUNTS_KEPT = timedelta(hours=1)


class Counters:
    """One hash: metric and labels to a number."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def answered(self, service: str) -> Callable[[str], None]:
        """Return what counts an answer of this service by its status, at once.

        Counting is no reason to stop: without Redis it is left out.
        """

        def count(status: str) -> None:
            with suppress(RedisError):
                self.add({(REQUESTS, service, status): 1})

        return count

    def add(self, amounts: Mapping[Sequence[str], float]) -> None:
        """Add to several counters at once."""
        with self._redis.pipeline() as pipe:
            _add(pipe, amounts)
            pipe.execute()

    def account_seen(self, account: str, now: datetime) -> None:
        """Note that an Aircall account's budget is in use."""
        with self._redis.pipeline() as pipe:
            pipe.zadd(keys.ACCOUNTS_SEEN, {account: now.timestamp()})
            pipe.zremrangebyscore(keys.ACCOUNTS_SEEN, "-inf", (now - _ACCOUNTS_KEPT).timestamp())
            pipe.execute()

    def accounts(self) -> list[str]:
        """Return the accounts whose budget was used in the last hour."""
        return [text_of(raw) for raw in self._redis.zrange(keys.ACCOUNTS_SEEN, 0, -1)]

    def read(self) -> dict[tuple[str, ...], float]:
        """Return all counters by metric and labels."""
        raw = self._redis.hgetall(keys.COUNTERS)
        return {tuple(text_of(name).split("|")): float(value) for name, value in raw.items()}


def run_ended(pipe: Pipeline, run: Run) -> None:
    """With the end of a run: count it, and how long it had waited."""
    amounts: dict[Sequence[str], float] = {(RUNS, run.state, run.entity, run.trigger): 1}
    if run.started_at is not None:
        waited = max(0.0, (run.started_at - run.created_at).total_seconds())
        amounts[WAIT, run.trigger, SUM] = waited
        amounts[WAIT, run.trigger, bucket_of(waited)] = 1
    _add(pipe, amounts)


def bucket_of(seconds: float) -> str:
    """Return the upper bound of the bucket that these seconds fall into."""
    return next((str(bound) for bound in WAIT_BUCKETS if seconds <= bound), "+Inf")


def _add(pipe: Pipeline, amounts: Mapping[Sequence[str], float]) -> None:
    for labels, amount in amounts.items():
        pipe.hincrbyfloat(keys.COUNTERS, "|".join(labels), amount)
