"""What a slice hears from its watcher: go on, step aside, stop."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
from redis import Redis

from callsheet.checkpoint import Checkpoint, StepAside
from callsheet.clock import SystemClock
from callsheet.errors import LeaseLost, RunCancelled
from callsheet.run import Counts, Run, RunState, Trigger
from callsheet.store import codec, keys
from callsheet.store.flows import FlowStore
from callsheet.store.locks import TabLocks
from callsheet.store.runs import RunStore
from tests.builders import NOON, a_data_flow, a_run
from worker.stopping import Stopping
from worker.watching import Limits, RunWatcher

pytestmark = pytest.mark.integration


@dataclass
class Slice:
    """One slice of a run: its watcher, and what its worker would be told by."""

    watcher: RunWatcher
    stopping: Stopping
    runs: RunStore


def a_slice(
    redis: Redis, *, seconds: float = 60, flow_id: str = "flow-1", trigger: Trigger = Trigger.MANUAL
) -> Slice:
    flow, runs, stopping = a_data_flow(id=flow_id), RunStore(redis), Stopping()
    FlowStore(redis).add(flow)
    runs.start(a_run(id=flow_id.replace("flow", "run"), flow_id=flow_id, trigger=trigger))
    picked = runs.pick("mine")
    assert picked is not None
    run = picked.moved(RunState.RUNNING)
    runs.save(run, "mine")
    limits = Limits(seconds, stopping)
    return Slice(RunWatcher(redis, run, flow, "mine", SystemClock(), limits), stopping, runs)


def taken_over(redis: Redis) -> Run:
    redis.zadd(keys.HELD, {"run-1": 1})
    RunStore(redis).wake()
    run = RunStore(redis).pick("other")
    assert run is not None
    return run


def test_before_a_write_a_slice_hears_that_another_job_has_its_run(redis: Redis) -> None:
    one = a_slice(redis)
    one.watcher.guard()

    taken_over(redis)

    with pytest.raises(LeaseLost):
        one.watcher.guard()
    with pytest.raises(LeaseLost):
        one.watcher.check()


def test_before_a_write_a_slice_hears_that_somebody_else_has_had_its_tab(redis: Redis) -> None:
    one, locks = a_slice(redis), TabLocks(redis, seconds=60)
    with locks.hold("sheet-1", "flow-1") as tab:
        one.watcher.holds_tab(tab)
        one.watcher.guard()

        redis.delete(keys.tab_lock("sheet-1", "flow-1"))
        other = locks.take("sheet-1", "flow-1")

        with pytest.raises(LeaseLost):
            one.watcher.guard()
        assert locks.is_current(other)


def test_before_a_write_a_slice_hears_of_a_cancel(redis: Redis) -> None:
    one = a_slice(redis)

    assert not one.runs.cancel(one.watcher.run, "a person")

    with pytest.raises(RunCancelled):
        one.watcher.guard()


def test_how_far_a_slice_is_counts_only_while_the_run_is_its_own(redis: Redis) -> None:
    one = a_slice(redis)
    early = Checkpoint(NOON, fetch="f", counts=Counts(rows_added=3))
    one.watcher.noted(early)
    taken_over(redis)

    with pytest.raises(LeaseLost):
        one.watcher.noted(Checkpoint(NOON, fetch="f", pages=7))

    kept = one.runs.checkpoint("run-1")
    assert kept is not None
    assert codec.load(Checkpoint, kept) == early
    run = one.runs.find("run-1")
    assert run is not None
    assert run.counts.rows_added == 3, "what is written so far can be seen"


@pytest.mark.parametrize("why", ["time", "deploy"])
def test_a_slice_whose_time_is_up_steps_aside_unless_it_must_go_on(redis: Redis, why: str) -> None:
    one = a_slice(redis, seconds=0 if why == "time" else 60)
    if why == "deploy":
        one.watcher.pause()
        one.stopping.request()

    with pytest.raises(StepAside):
        one.watcher.pause()

    one.watcher.hold()
    one.watcher.pause()


def test_a_slice_that_has_to_wait_long_steps_aside_for_so_long(redis: Redis) -> None:
    one = a_slice(redis)

    one.watcher.waiting(0.5)
    with pytest.raises(StepAside) as aside:
        one.watcher.waiting(30)

    assert aside.value.seconds == 30
    one.watcher.hold()
    one.watcher.waiting(30)


def test_what_comes_by_itself_shares_a_fetch_and_a_person_gets_what_there_is_now(
    redis: Redis,
) -> None:
    first = a_slice(redis, flow_id="flow-1", trigger=Trigger.SCHEDULE)
    later = NOON + timedelta(seconds=30)

    begun = first.watcher.begins(Checkpoint(NOON))
    other = a_slice(redis, flow_id="flow-2", trigger=Trigger.SCHEDULE)
    joined = other.watcher.begins(Checkpoint(later))
    person = a_slice(redis, flow_id="flow-3", trigger=Trigger.MANUAL)
    asked = person.watcher.begins(Checkpoint(later))

    assert (joined.fetch, joined.began_at) == (begun.fetch, NOON)
    assert asked.fetch != begun.fetch
    assert asked.began_at == later
