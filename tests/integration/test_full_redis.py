"""Redis refuses to write for a while, as when its memory or its disk is full."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from redis import Redis

from callsheet.run import RunState, Trigger
from tests.integration.conftest import Outside
from tests.integration.processes import Processes, until
from tests.integration.test_worker_processes import SLOW, Office, office

__all__ = ["office"]

pytestmark = pytest.mark.integration


@contextmanager
def full(redis: Redis) -> Iterator[None]:
    """Redis answers every write with an error, and every read."""
    redis.config_set("maxmemory", 1)
    try:
        yield
    finally:
        redis.config_set("maxmemory", 0)


def test_a_full_redis_costs_time_and_neither_rows_nor_runs(
    office: Office, processes: Processes, outside: Outside, redis: Redis
) -> None:
    outside.aircall("POST", "/faults", SLOW)
    scheduler, worker = processes.start("scheduler"), processes.start("worker")
    office.press("run")
    until(lambda: office.run("run").progress.rows_received > 0, 30, "rows are coming")

    with full(redis):
        outside.aircall("DELETE", "/faults")
        time.sleep(4)

    ended = office.ended("run", 60)
    assert (ended.state, ended.error) == (RunState.SUCCEEDED, None)
    office.assert_complete()
    with full(redis):
        time.sleep(2)
    office.press("next", Trigger.SCHEDULE)
    assert office.ended("next", 60).state is RunState.SUCCEEDED
    assert [scheduler.poll(), worker.poll()] == [None, None], "both are the same processes still"
