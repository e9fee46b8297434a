"""The shared request budget between processes, measured where the requests arrive."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from urllib.parse import parse_qs

import httpx
import pytest
from redis import Redis

from callsheet.aircall.client import AircallClient
from callsheet.connection import AircallKey
from callsheet.errors import LeaseLost
from callsheet.redis_server import EmbeddedRedis
from callsheet.store.budget import SharedBudget
from sandbox.aircall.server import AircallStandIn
from tests.integration.budget_world import fullest
from tests.integration.processes import ROOT

pytestmark = pytest.mark.integration

PERIOD, PER_PERIOD = 2.0, 40


@pytest.fixture
def aircall() -> Iterator[AircallStandIn]:
    with AircallStandIn(calls=10, days=1, arrivals_per_minute=0, rate_limit=None) as server:
        yield server


def arrivals(aircall: AircallStandIn) -> list[tuple[float, str]]:
    """When each request arrived, and of which run it was."""
    log = httpx.get(f"{aircall.url}/_admin/requests").json()["requests"]
    return [(entry["at"], parse_qs(entry["query"]).get("run", [""])[0]) for entry in log]


def reader(aircall: AircallStandIn, server: EmbeddedRedis, run: str) -> subprocess.Popen[bytes]:
    """Start a process that reads within the budget."""
    about = (aircall.url, aircall.api_id, aircall.api_token, server.url, run)
    command = [sys.executable, "-m", "tests.integration.budget_reader", *about]
    return subprocess.Popen([*command, str(PER_PERIOD), str(PERIOD)], cwd=ROOT)


def test_processes_share_the_budget_evenly_though_two_are_killed(
    aircall: AircallStandIn, redis_server: EmbeddedRedis, redis: Redis
) -> None:
    runs = [reader(aircall, redis_server, f"run-{number}") for number in range(6)]
    try:
        time.sleep(2 * PERIOD)
        runs[0].kill()
        runs[1].kill()
        time.sleep(4 * PERIOD)
    finally:
        for run in runs:
            run.kill()
        for run in runs:
            run.wait()

    log = arrivals(aircall)
    end = max(at for at, _ in log)
    shares = Counter(run for at, run in log if at > end - 3 * PERIOD)
    assert PER_PERIOD * 0.9 <= fullest([at for at, _ in log], PERIOD) <= PER_PERIOD
    assert set(shares) == {"run-2", "run-3", "run-4", "run-5"}
    assert sum(shares.values()) >= 0.9 * 3 * PER_PERIOD
    for share in shares.values():
        assert share == pytest.approx(sum(shares.values()) / 4, rel=0.2)


def test_threads_read_within_the_budget_and_every_try_is_counted(
    aircall: AircallStandIn, redis: Redis
) -> None:
    fault = {"kind": "drop", "fraction": 0.1, "times": None}
    httpx.post(f"{aircall.url}/_admin/faults", json=fault).raise_for_status()
    budget = SharedBudget(redis, "account", 40, run="run", period=1.0)
    key = AircallKey(aircall.api_id, aircall.api_token)
    with AircallClient(aircall.url, key, budget) as client:

        def read() -> None:
            for _ in range(30):
                client.page("/v1/tags", "tags", {})

        threads = [threading.Thread(target=read) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    moments = [at for at, _ in arrivals(aircall)]
    assert client.requests == len(moments) >= 120
    assert fullest(moments, 1.0) <= 40


def test_a_stop_ends_the_wait_within_a_second_and_leaves_the_line(
    aircall: AircallStandIn, redis: Redis
) -> None:
    stop = threading.Event()

    def guard() -> None:
        if stop.is_set():
            raise LeaseLost("stopped")

    budget = SharedBudget(redis, "account", 1, run="run")
    budget.take()
    key = AircallKey(aircall.api_id, aircall.api_token)
    threading.Timer(0.5, stop.set).start()
    began = time.monotonic()
    with (
        AircallClient(aircall.url, key, budget, guard=guard) as client,
        pytest.raises(LeaseLost),
    ):
        client.company()

    assert time.monotonic() - began < 1.5
    assert redis.hlen("callsheet:budget:account:waiters") == 0
    assert arrivals(aircall) == []
