"""Due slots on a real Redis: handed over once, none lost, whoever dies when."""

from __future__ import annotations

import random
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from threading import Event

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from callsheet.cadence import planned
from callsheet.enqueue import new_run
from callsheet.run import RunState, Trigger
from callsheet.schedule import Cadence, Schedule
from callsheet.store import keys
from callsheet.store.flows import FlowStore
from callsheet.store.leader import Leadership
from callsheet.store.placing import place_again
from callsheet.store.runs import RunStore
from callsheet.store.schedules import Handover, ScheduleStore, Slot
from tests.builders import NOON, a_data_flow, ended
from worker.ticker import Ticker

pytestmark = pytest.mark.integration

HOUR = timedelta(hours=1)


class Clock:
    """A clock that tests move."""

    def __init__(self, moment: datetime = NOON) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def mark(redis: Redis) -> str:
    mark = Leadership(redis, "leader").take_or_keep()
    assert mark is not None
    return mark


def ticker_of(redis: Redis, clock: Clock) -> Ticker:
    return Ticker(redis, clock, job_timeout=60)


def end_all_runs(redis: Redis, *flow_ids: str) -> None:
    runs = RunStore(redis)
    for flow_id in flow_ids:
        for run in runs.of_flow(flow_id):
            if not run.state.is_over:
                ended(redis, run)


def test_only_what_has_come_is_due_and_a_removed_flow_never_is(redis: Redis) -> None:
    flows, schedules = FlowStore(redis), ScheduleStore(redis)
    flows.add(a_data_flow(id="now", next_run_at=NOON))
    flows.add(a_data_flow(id="later", next_run_at=NOON + timedelta(seconds=1)))
    flows.add(a_data_flow(id="never"))

    assert schedules.due(NOON, 10) == [Slot("now", NOON)]

    flows.remove(flows.get("sheet-1", "now"))
    assert schedules.due(NOON, 10) == []


def test_a_flow_that_is_due_gets_a_run_named_after_its_slot_and_its_next_one(
    redis: Redis, clock: Clock, mark: str
) -> None:
    flows = FlowStore(redis)
    flows.add(a_data_flow(next_run_at=NOON, account="company:1"))

    count = ticker_of(redis, clock).tick(mark)
    again = ticker_of(redis, clock).tick(mark)

    assert (count, again) == (1, 0)
    (run,) = RunStore(redis).of_flow("flow-1")
    assert run.id == f"flow-1_{int(NOON.timestamp())}"
    assert run.trigger is Trigger.SCHEDULE
    assert flows.get("sheet-1", "flow-1").next_run_at == NOON + HOUR


def test_after_a_downtime_each_flow_catches_up_once(redis: Redis, clock: Clock, mark: str) -> None:
    flows = FlowStore(redis)
    flows.add(a_data_flow(next_run_at=NOON))
    clock.sleep(3 * 3600 + 120)

    ticker_of(redis, clock).tick(mark)
    ticker_of(redis, clock).tick(mark)

    assert len(RunStore(redis).of_flow("flow-1")) == 1
    assert flows.get("sheet-1", "flow-1").next_run_at == NOON + 4 * HOUR


def test_a_slot_that_comes_while_a_run_is_active_starts_no_other(
    redis: Redis, clock: Clock, mark: str
) -> None:
    flows = FlowStore(redis)
    flows.add(a_data_flow(next_run_at=NOON))
    ticker_of(redis, clock).tick(mark)
    clock.sleep(3600)

    ticker_of(redis, clock).tick(mark)

    assert len(RunStore(redis).of_flow("flow-1")) == 1
    assert FlowStore(redis).get("sheet-1", "flow-1").next_run_at == NOON + 2 * HOUR


def test_a_slot_that_is_handed_over_again_after_its_run_is_over_does_not_run_again(
    redis: Redis, clock: Clock, mark: str
) -> None:
    FlowStore(redis).add(a_data_flow(next_run_at=NOON))
    ticker_of(redis, clock).tick(mark)
    end_all_runs(redis, "flow-1")
    redis.zadd("callsheet:schedule:due", {"flow-1": NOON.timestamp()})  # its crash lost a second

    assert ticker_of(redis, clock).tick(mark) == 1

    assert [run.state for run in RunStore(redis).of_flow("flow-1")] == [RunState.SUCCEEDED]
    assert FlowStore(redis).get("sheet-1", "flow-1").next_run_at == NOON + HOUR


def test_a_frozen_leader_that_wakes_up_claims_nothing(redis: Redis, clock: Clock) -> None:
    FlowStore(redis).add(a_data_flow(next_run_at=NOON))
    frozen = Leadership(redis, "frozen").take_or_keep()
    redis.delete("callsheet:scheduler:lease")  # its time is up
    assert frozen is not None
    assert ticker_of(redis, clock).tick(frozen) == 0, "even before another one leads"
    leader = Leadership(redis, "other").take_or_keep()
    assert leader is not None

    assert ticker_of(redis, clock).tick(frozen) == 0
    assert RunStore(redis).active() == []
    assert ticker_of(redis, clock).tick(leader) == 1


def test_a_leader_that_leads_again_does_nothing_under_its_former_mark(
    redis: Redis, clock: Clock
) -> None:
    FlowStore(redis).add(a_data_flow(next_run_at=NOON))
    marks = []
    for process in ("one", "other", "one"):
        redis.delete(keys.SCHEDULER_LEASE)  # the time of the one before is up
        marks.append(Leadership(redis, process).take_or_keep() or "")

    assert [ticker_of(redis, clock).tick(mark) for mark in marks] == [0, 0, 1]


def test_each_slot_that_is_handed_over_is_a_sign_of_life(
    redis: Redis, clock: Clock, mark: str
) -> None:
    FlowStore(redis).add(a_data_flow(next_run_at=NOON))
    redis.pexpire(keys.SCHEDULER_LEASE, 500)

    ticker_of(redis, clock).tick(mark)

    assert redis.pttl(keys.SCHEDULER_LEASE) > 1000


def test_a_flow_that_was_due_and_is_off_by_now_is_due_no_more(
    redis: Redis, clock: Clock, mark: str
) -> None:
    FlowStore(redis).add(a_data_flow(schedule=Schedule(), next_run_at=NOON))

    ticker_of(redis, clock).tick(mark)

    assert ScheduleStore(redis).count() == 0


def test_a_flow_that_is_changed_between_reading_and_handing_over_keeps_its_change(
    redis: Redis, mark: str
) -> None:
    flows, schedules = FlowStore(redis), ScheduleStore(redis)
    flow, slot = a_data_flow(next_run_at=NOON), Slot("flow-1", NOON)
    flows.add(flow)
    flows.change("sheet-1", "flow-1", lambda f: replace(f, next_run_at=NOON + 2 * HOUR))

    run = new_run(flow, Trigger.SCHEDULE, NOON, run_id=slot.name)
    done = schedules.hand_over(mark, [Handover(slot, NOON + HOUR, run)], NOON)

    assert done == (0, [])
    assert flows.get("sheet-1", "flow-1").next_run_at == NOON + 2 * HOUR
    assert RunStore(redis).active() == []


def test_a_flow_that_is_there_again_stays_scheduled(redis: Redis) -> None:
    flows, schedules = FlowStore(redis), ScheduleStore(redis)
    redis.zadd("callsheet:schedule:due", {"gone": NOON.timestamp()})
    flows.add(a_data_flow(next_run_at=NOON))

    schedules.set_aside(["gone", "flow-1"], NOON + HOUR)

    assert schedules.due(NOON + HOUR, 10) == [Slot("flow-1", NOON + HOUR)]


def test_a_change_that_began_before_the_tick_does_not_turn_the_clock_back(
    redis: Redis, clock: Clock, mark: str
) -> None:
    flows = FlowStore(redis)
    flows.add(a_data_flow(next_run_at=NOON))

    def slowly(flow: object) -> object:
        ticker_of(redis, clock).tick(mark)
        return replace(flow, tab_id=7)  # type: ignore[type-var]

    flows.change("sheet-1", "flow-1", slowly)  # type: ignore[arg-type]

    flow = flows.get("sheet-1", "flow-1")
    assert flow.tab_id == 7
    assert flow.next_run_at == NOON + HOUR


def test_a_failed_run_is_tried_again_as_a_retry(redis: Redis, clock: Clock, mark: str) -> None:
    retry = NOON + timedelta(minutes=2)
    FlowStore(redis).add(a_data_flow(next_run_at=retry, retry_at=retry, failures=1))
    clock.sleep(120)

    ticker_of(redis, clock).tick(mark)

    assert [run.trigger for run in RunStore(redis).of_flow("flow-1")] == [Trigger.RETRY]
    assert FlowStore(redis).get("sheet-1", "flow-1").next_run_at == NOON + HOUR


def test_one_flow_that_cannot_be_planned_does_not_hold_up_the_others(
    redis: Redis, clock: Clock, mark: str
) -> None:
    flows = FlowStore(redis)
    flows.add(a_data_flow(id="odd", zone="Mars/Olympus"))
    redis.zadd("callsheet:schedule:due", {"odd": NOON.timestamp() - 60, "gone": 1})
    flows.add(a_data_flow(next_run_at=NOON))

    assert ticker_of(redis, clock).tick(mark) == 2
    assert ScheduleStore(redis).count(NOON) == 0


def test_a_flow_that_this_version_cannot_read_does_not_hold_up_the_others_either(
    redis: Redis, clock: Clock, mark: str, caplog: pytest.LogCaptureFixture
) -> None:
    flows = FlowStore(redis)
    flows.add(a_data_flow(id="newer", next_run_at=NOON, name="secret"))
    text = redis.get(keys.flow("newer"))
    assert isinstance(text, bytes)
    redis.set(keys.flow("newer"), text.replace(b'"hourly"', b'"every_full_moon"'))
    flows.add(a_data_flow(next_run_at=NOON))

    assert ticker_of(redis, clock).tick(mark) == 1

    assert [slot.flow_id for slot in ScheduleStore(redis).due(NOON + HOUR, 9)] == [
        "flow-1",
        "newer",
    ]
    assert "flow_not_readable flow_id=newer" in caplog.text
    assert "secret" not in caplog.text


class Mortal(Redis):
    """A client whose process dies at its n-th command, before or after the server has acted."""

    lives = 0
    dies_before = True

    def execute_command(self, *args: object, **options: object) -> object:
        Mortal.lives -= 1
        if self.lives == 0 and self.dies_before:
            raise Killed
        answer = super().execute_command(*args, **options)
        if self.lives == 0:
            raise Killed
        return answer


class Killed(BaseException):
    """What no handler catches."""


def test_a_leader_that_is_told_to_end_leaves_the_rest_of_a_long_tick_to_the_next(
    redis: Redis, clock: Clock, mark: str
) -> None:
    for n in range(5):
        FlowStore(redis).add(a_data_flow(id=f"flow-{n}", next_run_at=NOON))
    told = Event()
    told.set()

    count = Ticker(redis, clock, job_timeout=60, batch=2).tick(mark, told)

    assert count == 2
    assert ScheduleStore(redis).count(NOON) == 3


def test_whoever_is_killed_at_any_command_of_a_long_tick_each_slot_runs_once(
    redis: Redis, clock: Clock
) -> None:
    """Five slots handed over two at a time, so that the death comes between any two as well."""
    names = [f"flow-{n}" for n in range(5)]
    Mortal.lives, Mortal.dies_before, deaths, halfway = 0, False, 0, 0
    while Mortal.lives <= 0:
        Mortal.dies_before = not Mortal.dies_before
        deaths += Mortal.dies_before
        redis.flushdb()
        for name in names:
            FlowStore(redis).add(a_data_flow(id=name, next_run_at=NOON))
        mark = Leadership(redis, "first").take_or_keep()
        assert mark is not None
        mortal = Mortal(connection_pool=redis.connection_pool)
        ticker = Ticker(mortal, clock, job_timeout=60, batch=2)
        Mortal.lives = deaths
        with suppress(Killed):
            ticker.tick(mark)
        halfway += 0 < ScheduleStore(redis).count(NOON) < len(names)

        redis.delete("callsheet:scheduler:lease")
        mark = Leadership(redis, "second").take_or_keep()
        assert mark is not None
        ticker_of(redis, clock).tick(mark)

        for name in names:
            assert [run.id for run in RunStore(redis).of_flow(name)] == [Slot(name, NOON).name]
            assert FlowStore(redis).get("sheet-1", name).next_run_at == NOON + HOUR
        assert sum(RunStore(redis).backlog().values()) == len(names)
    assert deaths > 12
    assert halfway > 8


class Unlucky(Redis):
    """A client whose connection breaks now and then, before or after the server has acted."""

    luck = random.Random(7)
    broken = 0

    def execute_command(self, *args: object, **options: object) -> object:
        where = self.luck.random()
        if where < 0.06:
            Unlucky.broken += 1
            raise RedisConnectionError("before")
        answer = super().execute_command(*args, **options)
        if where > 0.94:
            Unlucky.broken += 1
            raise RedisConnectionError("after")
        return answer


def test_whatever_breaks_between_any_two_steps_each_slot_runs_once(
    redis: Redis, clock: Clock
) -> None:
    """Two schedulers, a connection that breaks at every step, a lease that is lost now and then."""
    Unlucky.broken = 0
    flows = FlowStore(redis)
    names = [f"flow-{n}" for n in range(6)]
    for name in names:
        flow = a_data_flow(id=name, schedule=Schedule(Cadence.EVERY_15_MINUTES))
        flows.add(planned(flow, NOON))
    pools = [Unlucky(connection_pool=redis.connection_pool) for _ in range(2)]
    leaders = [Leadership(pool, f"process-{n}") for n, pool in enumerate(pools)]
    tickers = [ticker_of(pool, clock) for pool in pools]

    for step in range(8 * 30):
        clock.sleep(30)
        if step % 23 == 0:
            redis.delete("callsheet:scheduler:lease")
        for leader, ticker in zip(leaders, tickers, strict=True):
            try:
                mark = leader.take_or_keep()
                if mark is not None:
                    ticker.tick(mark)
            except RedisConnectionError:
                continue
        end_all_runs(redis, *names)

    calm = Leadership(redis, "calm")
    redis.delete("callsheet:scheduler:lease")
    mark = calm.take_or_keep()
    assert mark is not None
    ticker_of(redis, clock).tick(mark)
    assert Unlucky.broken > 20
    quarters = [NOON + timedelta(minutes=15) * n for n in range(1, 9)]
    for name in names:
        ids = [run.id for run in RunStore(redis).of_flow(name, limit=100)]
        assert sorted(ids) == [Slot(name, at).name for at in quarters]


def test_flows_of_one_account_are_placed_in_all_its_spreadsheets(redis: Redis) -> None:
    flows = FlowStore(redis)
    for n in range(4):
        flow = a_data_flow(id=f"flow-{n}", spreadsheet_id=f"sheet-{n % 2}", account="company:1")
        flows.add(planned(replace(flow, created_at=NOON + timedelta(seconds=n)), NOON))
        place_again(redis, "company:1", NOON)

    placed = flows.of_account("company:1")
    offsets = sorted(flow.offset for flow in placed if flow.offset is not None)
    flows.remove(placed[1])
    place_again(redis, "company:1", NOON)

    assert all(b - a >= 600 for a, b in pairwise(offsets))
    assert len(offsets) == 4
    assert flows.of_account("company:1") == [placed[0], *placed[2:]], "nobody moves"
    assert flows.of_account("company:2") == []
    for flow in placed:
        assert flow.next_run_at is not None
        assert flow.next_run_at > NOON
        assert (flow.next_run_at - NOON).seconds == flow.offset
