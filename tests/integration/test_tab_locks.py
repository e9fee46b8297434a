"""Two writers of one tab never overlap: on a real Redis, between threads and processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis

from callsheet.errors import LeaseLost, Recovery, StoreUnavailable, TabInUse
from callsheet.redis_server import EmbeddedRedis
from callsheet.store import keys
from callsheet.store.locks import TabLocks, TabToken
from tests.integration.processes import ROOT, until

pytestmark = pytest.mark.integration


@pytest.fixture
def locks(redis: Redis) -> TabLocks:
    return TabLocks(redis)


def expire(redis: Redis) -> None:
    """Let the lock run out now."""
    redis.delete(keys.tab_lock("sheet", "flow"))


def test_a_second_owner_is_told_to_come_later(locks: TabLocks) -> None:
    held = locks.take("sheet", "flow")

    with pytest.raises(TabInUse) as refused:
        locks.take("sheet", "flow")

    assert refused.value.recovery is Recovery.RETRY_LATER
    assert locks.is_current(held)
    assert locks.renew(held)
    locks.take("sheet", "other flow")
    locks.take("other sheet", "flow")


def test_a_tab_is_free_after_release_and_the_former_holder_is_out(locks: TabLocks) -> None:
    first = locks.take("sheet", "flow")
    locks.release(first)
    assert not locks.renew(first), "released is released"

    second = locks.take("sheet", "flow")
    locks.release(first)

    assert second.number > first.number
    assert locks.is_current(second)
    assert not locks.is_current(first)
    assert not locks.renew(first)


def test_a_lock_runs_out_by_itself(redis: Redis) -> None:
    brief = TabLocks(redis, seconds=0.05)
    first = brief.take("sheet", "flow")
    time.sleep(0.1)
    assert not brief.is_current(first)

    second = brief.take("sheet", "flow")

    assert second.number > first.number
    assert not brief.renew(first)


def test_a_lock_that_ran_out_is_taken_up_again_if_nobody_has_had_the_tab(
    locks: TabLocks, redis: Redis
) -> None:
    held = locks.take("sheet", "flow")
    expire(redis)

    assert locks.renew(held)
    with pytest.raises(TabInUse):
        locks.take("sheet", "flow")


def test_a_redis_that_lost_everything_gives_larger_numbers_still(
    locks: TabLocks, redis: Redis
) -> None:
    before = locks.take("sheet", "flow")
    redis.flushall()
    time.sleep(0.002)

    after = locks.take("sheet", "flow")

    assert after.number > before.number
    assert not locks.renew(before)


def test_without_redis_nobody_writes() -> None:
    locks = TabLocks(Redis.from_url("redis://127.0.0.1:1/0"))
    token = TabToken("sheet", "flow", 1)

    for ask in (
        lambda: locks.take("sheet", "flow"),
        lambda: locks.renew(token),
        lambda: locks.is_current(token),
        lambda: locks.release(token),
    ):
        with pytest.raises(StoreUnavailable):
            ask()


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["take", "renew", "write", "release", "expire", "forget"]),
        st.integers(0, 3),
    ),
    max_size=40,
)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_whatever_happens_numbers_of_writers_only_grow(
    redis: Redis, steps: list[tuple[str, int]]
) -> None:
    """Four owners, locks that run out at any time, a Redis that forgets who holds the tab."""
    redis.flushall()
    locks = TabLocks(redis)
    tokens: dict[int, TabToken] = {}
    writers: list[int] = []
    for action, owner in steps:
        token = tokens.get(owner)
        if action == "take":
            with suppress(TabInUse):
                tokens[owner] = locks.take("sheet", "flow")
        elif action == "expire":
            expire(redis)
        elif action == "forget":
            redis.flushall()
            time.sleep(0.001)
        elif token is not None:
            if action == "release":
                locks.release(token)
                assert not locks.renew(token)
            elif locks.renew(token) and action == "write":
                assert locks.is_current(token)
                writers.append(token.number)

    assert all(before <= after for before, after in pairwise(writers))


def test_of_many_threads_one_holds_the_tab_at_a_time(locks: TabLocks) -> None:
    inside: list[int] = []
    most: list[int] = []
    held: list[int] = []

    def work() -> None:
        for _ in range(40):
            try:
                with locks.hold("sheet", "flow") as holding:
                    inside.append(1)
                    most.append(len(inside))
                    held.append(holding.token.number)
                    holding.guard()
                    inside.pop()
            except TabInUse:
                time.sleep(0.001)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert max(most) == 1
    assert len(held) >= 8
    assert held == sorted(set(held))


def test_a_holder_gives_signs_of_life_while_it_is_busy(redis: Redis) -> None:
    brief = TabLocks(redis, seconds=0.4)
    with brief.hold("sheet", "flow") as holding:
        time.sleep(1.0)
        with pytest.raises(TabInUse):
            brief.take("sheet", "flow")
        holding.guard()

    brief.take("sheet", "flow")


def test_a_guard_stops_a_holder_that_was_replaced(locks: TabLocks, redis: Redis) -> None:
    with locks.hold("sheet", "flow") as holding:
        expire(redis)
        other = locks.take("sheet", "flow")

        with pytest.raises(LeaseLost):
            holding.guard()

    assert locks.is_current(other), "the former holder's end takes nothing from the next"


class Writers:
    """Processes that write in turns; a lock lasts 0.6 s, a turn about 0.8 s."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._running: list[subprocess.Popen[str]] = []

    def start(self) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.integration.tab_writer", self._url]
        process = subprocess.Popen(
            [*command, "0.6", "40", "0.02"], stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        self._running.append(process)
        return process

    def end(self) -> None:
        for process in self._running:
            process.kill()  # also ends a process that is stopped
            process.communicate()


@pytest.fixture
def writers(redis_server: EmbeddedRedis, redis: Redis) -> Iterator[Writers]:
    started = Writers(redis_server.url)
    yield started
    started.end()


def test_a_holder_that_was_stopped_and_wakes_up_does_not_write_again(
    redis: Redis, writers: Writers
) -> None:
    """SIGSTOP for longer than the lock lasts, then SIGCONT; and another one is killed outright."""

    def written(more: int) -> None:
        before = redis.llen("test:tab")
        until(lambda: redis.llen("test:tab") >= before + more, 20, f"{more} more writes")

    frozen = writers.start()
    _stop_between_two_writes(redis, frozen)
    killed, _ = writers.start(), writers.start()
    written(30)
    os.kill(frozen.pid, signal.SIGCONT)
    assert frozen.wait(20) == 0, "it stops at its next write"
    killed.kill()
    written(60)

    numbers = [int(raw) for raw in redis.lrange("test:tab", 0, -1)]
    assert numbers == sorted(numbers), "whoever came later was never followed by an earlier one"
    assert len(set(numbers)) >= 3


def _stop_between_two_writes(redis: Redis, process: subprocess.Popen[str]) -> None:
    """Stop the process while it holds the tab and has no write under way."""
    assert process.stdout is not None
    holder = keys.tab_lock("sheet", "flow")
    while True:
        number = process.stdout.readline().strip().encode()
        while redis.get(holder) == number:
            os.kill(process.pid, signal.SIGSTOP)
            if redis.get("test:at rest") == redis.get(holder) == number:
                return
            os.kill(process.pid, signal.SIGCONT)
            time.sleep(0.01)
