"""Which scheduler leads: one at a time, and the next one soon."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from redis import Redis

from callsheet.clock import SystemClock
from callsheet.redis_server import EmbeddedRedis
from callsheet.settings import Settings
from callsheet.store import keys
from callsheet.store.client import connect
from callsheet.store.flows import FlowStore
from callsheet.store.leader import LEASE_SECONDS, Leadership
from callsheet.store.runs import RunStore
from tests.builders import a_data_flow
from tests.integration.processes import until
from worker.scheduler import Scheduler

pytestmark = pytest.mark.integration


@contextmanager
def scheduling(server: EmbeddedRedis) -> Iterator[threading.Event]:
    """Run a scheduler in a thread; yield what ends it."""
    settings = Settings(
        _env_file=None, redis_url=server.url, sealing_keys=Fernet.generate_key().decode()
    )
    scheduler, stop = Scheduler(connect(settings), settings, SystemClock()), threading.Event()
    thread = threading.Thread(target=scheduler.run, args=(stop,))
    thread.start()
    try:
        yield stop
    finally:
        stop.set()
        thread.join()


def test_one_leads_until_it_gives_up(redis: Redis) -> None:
    first, second = Leadership(redis, "a"), Leadership(redis, "b")

    assert first.take_or_keep()
    assert first.take_or_keep()
    assert not second.take_or_keep()
    second.give_up()
    assert not second.take_or_keep()
    first.give_up()
    assert second.take_or_keep()


def test_a_leader_that_is_silent_loses_the_lease_within_seconds(redis: Redis) -> None:
    first, second = Leadership(redis, "a"), Leadership(redis, "b")
    first.take_or_keep()
    time.sleep(0.05)

    assert second.take_or_keep() is None
    remaining = redis.pttl(keys.SCHEDULER_LEASE)
    assert 0 < remaining <= LEASE_SECONDS * 1000 <= 2000
    assert second.free_in == pytest.approx(remaining / 1000, abs=0.02)

    assert first.take_or_keep(), "a sign of life"
    assert redis.pttl(keys.SCHEDULER_LEASE) > remaining


def test_a_leader_that_was_silent_too_long_gives_up_nothing(redis: Redis) -> None:
    first, second = Leadership(redis, "a"), Leadership(redis, "b")
    first.take_or_keep()
    redis.delete(keys.SCHEDULER_LEASE)  # its time is up
    mark = second.take_or_keep()

    first.give_up()

    assert second.take_or_keep() == mark


def test_each_change_of_hands_has_a_larger_number(redis: Redis) -> None:
    marks = []
    for process in ("a", "b", "a"):
        marks.append(Leadership(redis, process).take_or_keep() or "")
        redis.delete(keys.SCHEDULER_LEASE)  # its time is up

    numbers = [int(mark.partition("|")[0]) for mark in marks]
    assert numbers == sorted(set(numbers))


def test_a_scheduler_that_is_told_to_end_lets_the_next_one_lead_at_once(
    redis: Redis, redis_server: EmbeddedRedis
) -> None:
    with scheduling(redis_server) as stop:
        first = until(lambda: redis.get(keys.SCHEDULER_LEASE), 5, "one leads")
        with scheduling(redis_server):
            stop.set()
            told = time.monotonic()
            until(lambda: redis.get(keys.SCHEDULER_LEASE) not in (None, first), 5, "the next one")

            assert time.monotonic() - told < LEASE_SECONDS - 0.5


def test_the_next_one_leads_as_soon_as_the_lease_of_a_dead_one_ends_and_ticks(
    redis: Redis, redis_server: EmbeddedRedis
) -> None:
    redis.set(keys.SCHEDULER_LEASE, "7|dead", px=1_250)
    with scheduling(redis_server):
        FlowStore(redis).add(
            replace(a_data_flow(), next_run_at=SystemClock().now().replace(microsecond=0))
        )
        until(lambda: redis.get(keys.SCHEDULER_LEASE) != b"7|dead", 5, "the lease ends")
        ended = time.monotonic()
        until(lambda: RunStore(redis).of_flow("flow-1"), 5, "the slot has its run")

        assert time.monotonic() - ended < 0.3


def test_what_goes_wrong_beside_the_tick_does_not_end_the_schedules(
    redis: Redis, redis_server: EmbeddedRedis
) -> None:
    redis.hset(keys.subscriptions("sheet-1"), "digest", "Mars/Olympus")
    redis.zadd(keys.DIGESTS, {"sheet-1": 1})
    with scheduling(redis_server):
        for n in range(2):
            flow = a_data_flow(id=f"flow-{n}", next_run_at=SystemClock().now())
            FlowStore(redis).add(flow)
            until(lambda id=flow.id: RunStore(redis).of_flow(id), 5, "the slot has its run")


def test_slots_are_handed_over_as_they_come(redis: Redis, redis_server: EmbeddedRedis) -> None:
    """Not half a second later, whenever between two seconds the scheduler was started."""
    clock, late = SystemClock(), []
    for n, phase in enumerate((0.25, 0.35, 0.45)):
        time.sleep((phase - time.time()) % 0.5)
        with scheduling(redis_server):
            at = clock.now().replace(microsecond=0) + timedelta(seconds=2)
            FlowStore(redis).add(a_data_flow(id=f"flow-{n}", next_run_at=at))
            (run,) = until(lambda id=f"flow-{n}": RunStore(redis).of_flow(id), 5, "it has its run")
            late.append((run.created_at - at).total_seconds())

    assert min(late) >= 0
    assert sorted(late)[1] < 0.2
