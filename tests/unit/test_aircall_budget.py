"""The request budget of one process."""

from __future__ import annotations

import heapq
import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callsheet.aircall.budget import LocalBudget
from callsheet.clock import SystemClock
from tests.clock import FrozenClock


@given(
    per_minute=st.integers(1, 10),
    pauses=st.lists(st.floats(0, 90, allow_nan=False), min_size=1, max_size=120),
)
def test_never_more_than_the_budget_in_any_rolling_minute(
    per_minute: int, pauses: list[float]
) -> None:
    clock = FrozenClock()
    budget = LocalBudget(per_minute, clock)
    sent: list[float] = []
    for pause in pauses:
        clock.move(pause)
        while (wait := budget.take()) > 0:
            clock.move(wait)
        sent.append(clock.now().timestamp())

    for i, first in enumerate(sent):
        within = [t for t in sent[i:] if t - first < 60 - 1e-3]
        assert len(within) <= per_minute


def test_a_wait_is_just_long_enough() -> None:
    clock = FrozenClock()
    budget = LocalBudget(2, clock)

    assert budget.take() == 0
    clock.move(10)
    assert budget.take() == 0
    assert budget.take() == 50
    clock.move(50)
    assert budget.take() == 0


def test_a_closed_budget_opens_again_by_itself() -> None:
    clock = FrozenClock()
    budget = LocalBudget(5, clock)
    budget.close(30)

    assert budget.take() == 30
    clock.move(30)
    assert budget.take() == 0


class Elapsed:
    """Seconds that pass by `move` only."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds

    def move(self, seconds: float) -> None:
        self.seconds += seconds


def fullest(arrivals: list[float]) -> int:
    """Return the most arrivals in any rolling minute, a microsecond aside."""
    arrivals = sorted(arrivals)
    return max(sum(0 <= t - first < 60 - 1e-6 for t in arrivals) for first in arrivals)


TIMES = st.floats(0, 25, allow_nan=False)


@given(
    per_minute=st.integers(1, 8),
    threads=st.lists(
        st.lists(st.tuples(TIMES, TIMES, TIMES), min_size=1, max_size=15), min_size=1, max_size=4
    ),
)
def test_never_more_than_the_budget_arrive_however_long_requests_are_under_way(
    per_minute: int, threads: list[list[tuple[float, float, float]]]
) -> None:
    elapsed = Elapsed()
    budget = LocalBudget(per_minute, SystemClock(), elapsed=elapsed)
    arrivals: list[float] = []

    def live(name: int, requests: list[tuple[float, float, float]]) -> Iterator[float]:
        for number, (out, back, think) in enumerate(requests):
            while (wait := budget.take(f"{name}.{number}")) > 0:
                yield wait
            yield out
            arrivals.append(elapsed.seconds)
            yield back
            budget.settle(f"{name}.{number}")
            yield think

    lives = [live(name, requests) for name, requests in enumerate(threads)]
    agenda = [(elapsed.seconds, name) for name in range(len(lives))]
    while agenda:
        elapsed.seconds, name = heapq.heappop(agenda)
        pause = next(lives[name], None)
        if pause is not None:
            heapq.heappush(agenda, (elapsed.seconds + pause, name))

    assert len(arrivals) == sum(map(len, threads))
    assert fullest(arrivals) <= per_minute


@given(steps=st.lists(st.tuples(st.floats(0, 20), st.floats(-5000, 5000)), max_size=60))
def test_a_clock_that_jumps_neither_opens_the_budget_nor_shuts_it(
    steps: list[tuple[float, float]],
) -> None:
    clock, elapsed = FrozenClock(), Elapsed()
    budget = LocalBudget(3, clock, elapsed=elapsed)
    sent = []
    for pause, jump in steps:
        elapsed.move(pause)
        clock.move(pause + jump)
        asked = elapsed.seconds
        while (wait := budget.take()) > 0:
            elapsed.move(wait)
            clock.move(wait)
        assert elapsed.seconds - asked <= 60 + 1e-6
        sent.append(elapsed.seconds)

    assert not sent or fullest(sent) <= 3


@given(jumps=st.lists(st.floats(-5000, 0), min_size=1, max_size=20))
def test_without_a_steady_clock_a_jump_backwards_opens_nothing(jumps: list[float]) -> None:
    clock = FrozenClock()
    budget = LocalBudget(1, clock)
    assert budget.take() == 0
    for jump in jumps:
        clock.move(jump)
        assert budget.take() == pytest.approx(60)
    clock.move(60)
    assert budget.take() == pytest.approx(0, abs=1e-5)


def test_four_hundred_requests_take_no_longer_than_they_must() -> None:
    elapsed = Elapsed()
    budget = LocalBudget(60, SystemClock(), elapsed=elapsed)
    for number in range(400):
        while (wait := budget.take(f"{number}")) > 0:
            elapsed.move(wait)
        elapsed.move(0.1)
        budget.settle(f"{number}")

    assert 360 < elapsed.seconds - 1000 < 1.05 * 360


def test_a_request_that_nobody_settles_counts_for_a_minute_and_a_half() -> None:
    elapsed = Elapsed()
    budget = LocalBudget(1, SystemClock(), elapsed=elapsed)
    assert budget.take("lost") == 0
    elapsed.move(89)
    assert budget.take("next") > 0
    elapsed.move(1)
    assert budget.take("next") == 0


def test_threads_share_one_budget() -> None:
    budget = LocalBudget(30, SystemClock(), elapsed=time.monotonic)
    granted: list[float] = []

    def take() -> None:
        granted.extend(wait for wait in (budget.take() for _ in range(20)) if wait == 0)

    threads = [threading.Thread(target=take) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(granted) == 30


def test_repeated_429s_lower_the_rate_and_quiet_time_restores_it() -> None:
    elapsed = Elapsed()
    budget = LocalBudget(60, SystemClock(), elapsed=elapsed)

    def rate(at: float) -> int:
        elapsed.seconds = 1000 + at
        return sum(budget.take() == 0 for _ in range(61))

    def refuse(at: float) -> None:
        elapsed.seconds = 1000 + at
        for _ in range(4):  # those that were under way are no new lesson
            budget.close(20)

    refuse(0)
    assert rate(20.1) == 60
    refuse(100)
    assert rate(200) == 45
    refuse(300)
    assert rate(400) == 33
    assert rate(300 + 601) == 44
    assert rate(300 + 1201) == 58
    assert rate(300 + 1801) == 60
    for number in range(20):
        refuse(3000 + number * 100)
    assert rate(5100) == 10
