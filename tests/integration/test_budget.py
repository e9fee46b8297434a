"""The shared request budget: its scripts on a real Redis, in invented time."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis

from callsheet.errors import StoreUnavailable
from callsheet.store.budget import SharedBudget
from tests.integration.budget_world import BEGIN, RedisInAnyTime, World

pytestmark = pytest.mark.integration

RUNNERS = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.sampled_from("abcd"),
            "interactive": st.booleans(),
            "out": st.sampled_from([0.001, 0.2, 3.0, 20.0]),
            "back": st.floats(0, 5),
            "think": st.sampled_from([0.0, 0.0, 0.5, 5.0, 40.0]),
            "begins": st.floats(0, 100),
            "dies_waiting": st.integers(0, 6),
            "dies_sent": st.integers(0, 12),
            "refused": st.sampled_from([0, 0, 0, 7, 30]),
        }
    ),
    min_size=1,
    max_size=8,
)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    per_minute=st.integers(1, 25), reserve=st.sampled_from([0.0, 0.2, 0.9, 1.0]), runners=RUNNERS
)
def test_never_more_than_the_budget_arrive_in_any_rolling_minute(
    redis: Redis, per_minute: int, reserve: float, runners: list[dict[str, Any]]
) -> None:
    world = World(redis, per_minute, reserve=reserve)
    for runner in runners:
        world.add(**runner)
    world.live(250)

    assert world.fullest() <= per_minute
    assert world.arrivals


def test_one_run_takes_no_longer_than_it_must(redis: Redis) -> None:
    world = World(redis, 60)
    run = world.add("a", wants=400, out=0.1, back=0.1)
    world.live()

    least = (-(-400 // 60) - 1) * 60
    assert least < run.ended < 1.05 * least
    assert world.fullest() == 60
    assert run.takes < 2 * 400


def test_threads_of_one_run_together_take_no_longer_either(redis: Redis) -> None:
    world = World(redis, 60)
    threads = [world.add("a", wants=100, out=0.3, back=0.3) for _ in range(4)]
    world.live()

    assert max(thread.ended for thread in threads) < 1.05 * 6 * 60
    assert world.fullest() == 60


@pytest.mark.parametrize("latency", [0.01, 0.2])
def test_five_runs_get_a_fifth_each(redis: Redis, latency: float) -> None:
    world = World(redis, 60)
    for number in range(5):
        world.add(f"run-{number}", out=latency * (1 + number / 4), back=latency)
    world.live(5 * 60 - 1)

    shares = world.shares()
    assert sum(shares.values()) >= 5 * 60 - 15
    for share in shares.values():
        assert share == pytest.approx(sum(shares.values()) / 5, rel=0.2)


def test_a_slow_run_beside_a_quick_one_comes_to_its_share(redis: Redis) -> None:
    world = World(redis, 60)
    world.add("quick")
    world.add("slow", think=0.5)
    world.live(10 * 60)

    shares = world.shares(after=5 * 60)
    assert sum(shares.values()) >= 0.9 * 5 * 60
    assert shares["slow"] >= 0.8 * 5 * 30


def test_a_late_comer_is_served_before_the_thousandth_page_of_another(redis: Redis) -> None:
    world = World(redis, 60)
    world.add("old")
    late = world.add("late", begins=200, wants=20)
    world.live(300)

    assert late.ended < 245  # the slots that come free at 240 are its
    assert world.shares(after=240.2)["old"] > 0


def test_a_person_does_not_wait_behind_a_backfill(redis: Redis) -> None:
    world = World(redis, 60, reserve=0.2)
    for number in range(3):
        world.add(f"backfill-{number}", interactive=False)
    person = world.add("person", begins=147, wants=12)
    world.live(240)

    assert max(person.waited) < 1
    assert person.ended < 149
    assert sum(world.shares().values()) >= 4 * 48


def test_a_run_alone_may_use_all_but_the_reserve(redis: Redis) -> None:
    world = World(redis, 60, reserve=0.2)
    world.add("backfill", interactive=False)
    world.live(59)

    assert len(world.arrivals) == 48


def test_killed_waiters_and_killed_requests_hold_nobody_up(redis: Redis) -> None:
    world = World(redis, 60)
    for number in range(8):
        world.add(f"dies-waiting-{number}", begins=number * 7, dies_waiting=1)
    for number in range(4):
        world.add(f"dies-sent-{number}", dies_sent=5)
    world.add("lives", out=0.1, back=0.1)
    world.live(5 * 60 - 1)

    assert world.shares(after=120)["lives"] >= 0.95 * 3 * 60


def test_nobody_asks_again_and_again(redis: Redis) -> None:
    world = World(redis, 60)
    for number in range(20):
        world.add(f"run-{number}", out=0.05, back=0.05)
    world.live(5 * 60 - 1)

    assert len(world.arrivals) >= 290
    assert sum(runner.takes for runner in world.runners) < 4 * len(world.arrivals)


class Line:
    """Two runs in the line for two requests a minute, of which one comes free at 60, one at 90."""

    def __init__(self, redis: Redis) -> None:
        self.clock = RedisInAnyTime(redis)
        first, self.ahead, self.behind = (
            SharedBudget(self.clock, "x", 2, run=run)  # type: ignore[arg-type]
            for run in "abc"
        )
        first.take()
        self.at(30)
        first.take()
        self.at(31)
        assert self.ahead.take("1") == pytest.approx(29, abs=0.01)
        self.at(32)
        assert self.behind.take("2") == pytest.approx(29, abs=0.01)  # a second after the other

    def at(self, now: float) -> None:
        """Let it be so many seconds after the beginning."""
        self.clock.set(BEGIN + now)


def test_the_first_in_the_line_keeps_its_place_until_a_second_after_its_moment(
    redis: Redis,
) -> None:
    line = Line(redis)
    line.at(60.9)

    assert 0 < line.behind.take("2") < 0.2
    assert line.ahead.take("1") == 0
    assert line.behind.take("2") == pytest.approx(29.1, abs=0.01)


def test_the_slot_of_a_dead_waiter_goes_to_the_next(redis: Redis) -> None:
    line = Line(redis)
    line.at(61.01)

    assert line.behind.take("2") == 0
    assert line.ahead.take("1") > 0


def test_whoever_gives_up_leaves_the_line(redis: Redis) -> None:
    line = Line(redis)
    line.ahead.settle("1")
    line.at(60.01)

    assert line.behind.take("2") == 0


def test_many_threads_get_a_run_no_more_than_one(redis: Redis) -> None:
    world = World(redis, 60)
    for number in range(8):
        world.add("many", begins=number * 0.001)
    world.add("one", begins=1)
    world.live(10 * 60)

    shares = world.shares(after=5 * 60)
    assert shares["one"] == pytest.approx(sum(shares.values()) / 2, rel=0.2)


class Learning:
    """A budget of 60 a minute in a time that the test sets."""

    def __init__(self, redis: Redis) -> None:
        self.clock = RedisInAnyTime(redis)
        self.one, self.other = (
            SharedBudget(self.clock, "x", 60, run=run)  # type: ignore[arg-type]
            for run in "ab"
        )

    def rate(self, at: float) -> int:
        """Return how many requests are granted in the minute that begins then."""
        self.clock.set(BEGIN + at)
        return sum(self.other.take() == 0 for _ in range(61))

    def refuse(self, at: float) -> None:
        """A 429 at a moment."""
        self.clock.set(BEGIN + at)
        self.one.close(20)


def test_a_429_closes_the_tap_for_everybody_and_is_forgiven_once(redis: Redis) -> None:
    learning = Learning(redis)
    learning.refuse(0)
    learning.one.close(5)

    assert learning.other.take() == 20
    assert learning.rate(20.1) == 60


def test_repeated_429s_lower_the_rate_and_quiet_time_restores_it(redis: Redis) -> None:
    learning = Learning(redis)
    learning.refuse(0)
    learning.refuse(100)
    assert learning.rate(200) == 45
    learning.refuse(300)
    for _ in range(20):
        learning.one.close(20)  # requests that were under way: no new lesson
    assert learning.rate(400) == 33
    assert learning.rate(300 + 601) == 44
    assert learning.rate(300 + 1201) == 58
    assert learning.rate(300 + 1801) == 60


def test_the_rate_never_falls_below_ten_a_minute(redis: Redis) -> None:
    learning = Learning(redis)
    for number in range(20):
        learning.refuse(number * 100)

    assert learning.rate(2100) == 10


def test_a_server_clock_that_is_set_back_blocks_nobody(redis: Redis) -> None:
    learning = Learning(redis)
    assert learning.rate(4000) == 60
    learning.other.take("waits")

    assert learning.rate(0) == 0
    assert learning.rate(60.1) == 60


def test_the_share_of_other_integrations_stays_free(redis: Redis) -> None:
    budget = SharedBudget(redis, "x", 60, spare=0.25)

    assert sum(budget.take() == 0 for _ in range(61)) == 45


def test_without_redis_nothing_is_sent() -> None:
    budget = SharedBudget(Redis.from_url("redis://127.0.0.1:1/0"), "x", 60)

    budget.settle("x")
    with pytest.raises(StoreUnavailable):
        budget.take("x")
    with pytest.raises(StoreUnavailable):
        budget.close(1)
