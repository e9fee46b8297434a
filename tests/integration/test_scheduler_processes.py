"""Real scheduler processes: killed, frozen, and with Redis away; no slot twice, none lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from redis import Redis
from redis.exceptions import RedisError

from callsheet.redis_server import EmbeddedRedis
from callsheet.store import keys
from callsheet.store.flows import FlowStore
from callsheet.store.leader import LEASE_SECONDS
from callsheet.store.runs import RunStore
from callsheet.store.schedules import Slot
from tests.builders import a_data_flow
from tests.integration.processes import ROOT, until

pytestmark = pytest.mark.integration

FLOWS = 60


@pytest.fixture
def server() -> Iterator[EmbeddedRedis]:
    """A server of our own that the test may stop and start."""
    with tempfile.TemporaryDirectory(prefix="cs-") as folder:
        server = EmbeddedRedis(Path(folder))
        server.start()
        yield server
        server.stop()


@pytest.fixture
def schedulers(server: EmbeddedRedis) -> Iterator[dict[int, subprocess.Popen[bytes]]]:
    """Two scheduler processes by their ids."""
    environment = {
        "PATH": os.environ["PATH"],
        "REDIS_URL": server.url,
        "CALLSHEET_SEALING_KEYS": Fernet.generate_key().decode(),
    }
    command = [sys.executable, "-m", "callsheet", "scheduler"]
    started = [subprocess.Popen(command, env=environment, cwd=ROOT) for _ in range(2)]
    yield {process.pid: process for process in started}
    for process in started:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGCONT)
        process.kill()
        process.wait()


def leader_of(redis: Redis) -> int:
    """Return the process id of the scheduler that leads, or 0."""
    try:
        mark = redis.get("callsheet:scheduler:lease")
    except RedisError:
        return 0
    return int(mark.decode().split("@")[0].split("|")[1]) if isinstance(mark, bytes) else 0


def plan_slots(redis: Redis, seconds: float, count: int = FLOWS) -> list[Slot]:
    """Make flows of which each has one slot, spread over so many seconds from now on."""
    flows, now = FlowStore(redis), datetime.now(UTC).replace(microsecond=0)
    slots = []
    for n in range(count):
        at = now + timedelta(seconds=round(n * seconds / count))
        flow = a_data_flow(id=f"flow-{n}", created_at=now)
        flows.add(replace(flow, next_run_at=at))
        slots.append(Slot(flow.id, at))
    return slots


def runs_of(redis: Redis, slots: list[Slot]) -> list[list[str]]:
    return [[run.id for run in RunStore(redis).of_flow(slot.flow_id)] for slot in slots]


def test_when_the_leader_is_killed_another_takes_over_and_each_slot_runs_once(
    server: EmbeddedRedis, schedulers: dict[int, subprocess.Popen[bytes]]
) -> None:
    with Redis.from_url(server.url) as redis:
        first = until(lambda: leader_of(redis), 40, "somebody leads")
        slots = plan_slots(redis, seconds=12)
        time.sleep(3)

        schedulers[first].kill()
        killed_at = time.monotonic()
        until(lambda: leader_of(redis) not in (0, first), 15, "the other one leads")
        took = time.monotonic() - killed_at
        until(lambda: all(runs_of(redis, slots)), 20, "every slot has a run")
        time.sleep(1)

        assert took < LEASE_SECONDS + 1
        assert runs_of(redis, slots) == [[slot.name] for slot in slots]


def test_a_leader_that_is_killed_in_the_middle_of_a_long_tick_doubles_and_loses_nothing(
    server: EmbeddedRedis, schedulers: dict[int, subprocess.Popen[bytes]]
) -> None:
    with Redis.from_url(server.url) as redis:
        until(lambda: leader_of(redis), 40, "somebody leads")
        for process in schedulers.values():
            process.send_signal(signal.SIGSTOP)
        slots = plan_slots(redis, seconds=0, count=1000)
        for process in schedulers.values():
            process.send_signal(signal.SIGCONT)

        while not redis.zcard(keys.ACTIVE_RUNS):
            pass
        leader = schedulers[leader_of(redis)]
        leader.kill()
        leader.wait()
        handed_over = redis.zcard(keys.ACTIVE_RUNS)
        until(lambda: redis.zcard(keys.ACTIVE_RUNS) == len(slots), 30, "every slot has a run")

        assert 0 < handed_over < len(slots)
        assert runs_of(redis, slots) == [[slot.name] for slot in slots]


def test_a_frozen_leader_and_a_restart_of_redis_cost_and_double_nothing(
    server: EmbeddedRedis, schedulers: dict[int, subprocess.Popen[bytes]]
) -> None:
    with Redis.from_url(server.url) as redis:
        frozen = until(lambda: leader_of(redis), 40, "somebody leads")
        slots = plan_slots(redis, seconds=10)
        schedulers[frozen].send_signal(signal.SIGSTOP)
        until(lambda: leader_of(redis) not in (0, frozen), 15, "the other one leads")
        time.sleep(1.5)  # what Redis has not yet written to disk would be gone

        server.stop()
        time.sleep(1)
        server.start()
        schedulers[frozen].send_signal(signal.SIGCONT)
        until(lambda: all(runs_of(redis, slots)), 30, "every slot has a run")
        time.sleep(1)

        assert runs_of(redis, slots) == [[slot.name] for slot in slots]
        assert all(process.poll() is None for process in schedulers.values())


def test_a_scheduler_whose_janitor_breaks_ends_so_that_it_is_started_anew(
    server: EmbeddedRedis, schedulers: dict[int, subprocess.Popen[bytes]]
) -> None:
    with Redis.from_url(server.url) as redis:
        until(lambda: leader_of(redis), 40, "somebody leads")

        redis.hset(keys.PLACES, "broken", "nowhere|account")
        redis.zadd(keys.WAITING, {"broken": 1})

        ended = until(lambda: [p for p in schedulers.values() if p.poll() is not None], 20, "end")
        assert [process.returncode for process in ended] == [1]
