"""Runs on a real Redis server: one place at a time, one run a flow, fair queues."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from redis import Redis
from redis.typing import KeyT

from callsheet.errors import IllegalMove, LeaseLost
from callsheet.flows.ending import cancel
from callsheet.redis_server import EmbeddedRedis
from callsheet.run import Counts, Progress, QueueName, Run, RunState, Trigger
from callsheet.store import keys
from callsheet.store.runs import KEEP_PER_FLOW, Pulse, RunStore
from tests.builders import NOON, a_run, ended, finish
from tests.integration.stores import stores

pytestmark = pytest.mark.integration


def at_once(work: Callable[[int], None], times: int) -> None:
    threads = [threading.Thread(target=work, args=(n,)) for n in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def expire_leases(redis: Redis) -> None:
    for run_id in redis.zrange(keys.HELD, 0, -1):
        redis.zadd(keys.HELD, {run_id: 1})


def picked(runs: RunStore, owner: str = "job") -> Run:
    run = runs.pick(owner)
    assert run is not None
    return run


def test_a_flow_has_one_active_run_however_many_ask(redis: Redis) -> None:
    runs = RunStore(redis)
    results: list[tuple[str, bool]] = []

    at_once(lambda n: results.append(_start(runs, a_run(id=f"run-{n}"))), 12)

    assert sum(is_new for _, is_new in results) == 1
    assert len({run_id for run_id, _ in results}) == 1
    assert runs.backlog() == {QueueName.NOW: 1, QueueName.SCHEDULED: 0, QueueName.BACKFILL: 0}


def test_a_slot_that_is_started_again_and_again_runs_once(redis: Redis) -> None:
    runs = RunStore(redis)
    results: list[tuple[str, bool]] = []
    at_once(lambda _: results.append(_start(runs, a_run(id="flow-1_1700000000"))), 12)
    assert sum(is_new for _, is_new in results) == 1

    ended(redis, picked(runs))
    again, is_new = runs.start(a_run(id="flow-1_1700000000"))

    assert (again.state, is_new) == (RunState.SUCCEEDED, False)
    assert runs.pick("job") is None


def test_after_a_run_is_over_the_next_may_start(redis: Redis) -> None:
    runs = RunStore(redis)
    runs.start(a_run())
    ended(redis, picked(runs))

    run, is_new = runs.start(a_run(id="run-2", created_at=NOON + timedelta(minutes=1)))

    assert (run.id, is_new) == ("run-2", True)
    assert [r.id for r in runs.of_flow("flow-1")] == ["run-2", "run-1"]


def test_an_active_mark_without_its_run_does_not_block(redis: Redis) -> None:
    runs = RunStore(redis)
    redis.set("callsheet:flow:flow-1:active", "run-that-was-never-written")

    assert runs.start(a_run())[1]


@pytest.mark.parametrize("record", [None, b'{"id": "broken"}'])
def test_a_record_that_is_gone_or_cannot_be_read_holds_up_nobody(
    redis: Redis, record: bytes | None
) -> None:
    runs = RunStore(redis)
    runs.start(a_run(id="broken", flow_id="f1"))
    runs.start(a_run(id="good", flow_id="f2"))
    redis.delete(keys.run("broken"))
    if record is not None:
        redis.set(keys.run("broken"), record)

    assert picked(runs).id == "good"

    assert [run.id for run in runs.active()] == ["good"]
    assert runs.wake().taken_back == ()
    assert runs.start(a_run(id="again", flow_id="f1"))[1]


def test_only_the_job_that_has_a_run_writes_it(redis: Redis) -> None:
    runs = RunStore(redis)
    runs.start(a_run())
    run = picked(runs, "first").moved(RunState.RUNNING)
    runs.save(run, "first")

    expire_leases(redis)
    assert runs.wake().taken_back == ("run-1",)

    assert picked(runs, "second").state is RunState.RUNNING
    assert runs.pulse(run, "first") is Pulse.LOST
    late: list[Callable[[], None]] = [
        lambda: runs.save(run, "first", b"checkpoint"),
        lambda: runs.park(run, "first", 1, b"checkpoint"),
        lambda: finish(redis, run, "first"),
    ]
    for write in late:
        with pytest.raises(LeaseLost):
            write()
    assert runs.checkpoint("run-1") is None
    assert runs.pulse(run, "second") is Pulse.FINE


def test_a_late_sign_of_life_keeps_the_run_if_nobody_took_it(redis: Redis) -> None:
    runs = RunStore(redis)
    runs.start(a_run())
    run = picked(runs)
    expire_leases(redis)

    assert runs.pulse(run, "job") is Pulse.FINE
    assert runs.wake().taken_back == ()


def test_a_parked_run_goes_on_when_its_time_has_come(redis: Redis) -> None:
    runs = RunStore(redis)
    runs.start(a_run())
    run = picked(runs).moved(RunState.RUNNING)
    runs.park(run.moved(RunState.WAITING), "job", 0.2, b"how far")

    early = runs.wake()
    assert runs.pick("job") is None
    time.sleep(0.25)
    late = runs.wake()

    assert early.queues == ()
    assert early.next_in is not None
    assert 0.1 < early.next_in <= 0.2
    assert late.queues == (QueueName.NOW,)
    assert late.next_in is None
    assert picked(runs).state is RunState.WAITING
    assert runs.checkpoint("run-1") == b"how far"


def test_a_run_that_steps_aside_comes_back_through_its_queue(redis: Redis) -> None:
    runs = RunStore(redis)
    runs.start(a_run(id="long", flow_id="f1"))
    run = picked(runs).moved(RunState.RUNNING)

    runs.park(replace(run.moved(RunState.WAITING), queue=QueueName.BACKFILL), "job", 0)

    assert runs.backlog()[QueueName.BACKFILL] == 1
    runs.start(a_run(id="short", flow_id="f2"))
    assert [picked(runs).id for _ in range(2)] == ["short", "long"]


def test_workers_look_at_now_then_scheduled_then_backfill(redis: Redis) -> None:
    runs = RunStore(redis)
    for queue in reversed(QueueName):
        runs.start(a_run(id=queue.value, flow_id=queue.value, queue=queue))

    assert [picked(runs).id for _ in range(3)] == ["now", "scheduled", "backfill"]
    assert runs.pick("job") is None


def test_what_nobody_waits_for_is_not_starved(redis: Redis) -> None:
    runs = RunStore(redis)
    runs.start(a_run(id="old", flow_id="old", queue=QueueName.BACKFILL))
    for n in range(8):
        runs.start(a_run(id=f"{n}", flow_id=f"{n}", account=f"{n}"))
    assert [picked(runs).id for _ in range(4)] == ["0", "1", "2", "3"], "it has not waited long"

    redis.zadd(keys.queue_since("backfill"), {"old": 1})

    assert "old" in [picked(runs).id for _ in range(4)]


def test_inside_a_queue_the_account_served_least_recently_is_next(redis: Redis) -> None:
    runs = RunStore(redis)
    for n in range(6):
        runs.start(a_run(id=f"big-{n}", flow_id=f"big-{n}", account="big"))
    for name in ("small", "tiny"):
        runs.start(a_run(id=name, flow_id=name, account=name))

    order = []
    for _ in range(8):
        order.append(picked(runs).id)
        time.sleep(0.002)

    assert order[:3] == ["big-0", "small", "tiny"]
    assert order[3:] == ["big-1", "big-2", "big-3", "big-4", "big-5"]
    runs.start(a_run(id="big-6", flow_id="big-6", account="big"))
    runs.start(a_run(id="small-2", flow_id="small-2", account="small"))
    assert picked(runs).id == "small-2", "big was served later, although it asked first"


def test_a_hundred_accounts_share_many_workers_evenly(redis: Redis) -> None:
    runs = RunStore(redis)
    for n in range(300):
        account = "greedy" if n < 200 else f"account-{n}"
        runs.start(a_run(id=f"{n}", flow_id=f"{n}", account=account, queue=QueueName.SCHEDULED))
    taken: list[Run] = []

    def work(owner: int) -> None:
        taken.extend(picked(runs, f"job-{owner}") for _ in range(26))

    at_once(work, 4)

    assert len({run.id for run in taken}) == 104
    assert Counter(run.account for run in taken)["greedy"] <= 6


@pytest.mark.parametrize("where", ["queued", "waiting"])
def test_a_run_that_no_job_has_is_cancelled_at_once(redis: Redis, where: str) -> None:
    runs = RunStore(redis)
    run, _ = runs.start(a_run())
    if where == "waiting":
        run = picked(runs).moved(RunState.RUNNING).moved(RunState.WAITING)
        runs.park(run, "job", 60)

    cancelled = cancel(stores(redis), run)

    assert cancelled.state is RunState.CANCELLED
    assert runs.find(run.id) == cancelled
    assert runs.pick("job") is None
    assert runs.active() == []
    assert cancel(stores(redis), cancelled) == cancelled
    assert runs.start(a_run(id="run-2"))[1]


def test_a_run_is_cancelled_although_the_process_of_the_person_died_in_between(
    redis: Redis,
) -> None:
    runs = RunStore(redis)
    run, _ = runs.start(a_run())
    assert runs.cancel(run, "a web process that dies now")
    assert runs.cancel(run, "a web process that dies now"), "its answer was lost, it asks again"
    assert not runs.cancel(run, "another person"), "somebody is about to end it"

    expire_leases(redis)
    assert runs.wake().taken_back == ("run-1",)

    assert runs.pulse(picked(runs, "job"), "job") is Pulse.CANCELLED


def test_the_job_of_a_cancelled_run_hears_of_it(redis: Redis) -> None:
    runs = RunStore(redis)
    runs.start(a_run())
    run = picked(runs).moved(RunState.RUNNING)
    runs.save(run, "job")

    assert cancel(stores(redis), run).state is RunState.RUNNING

    assert runs.pulse(run, "job") is Pulse.CANCELLED
    runs.park(run.moved(RunState.WAITING), "job", 60)
    assert runs.pulse(picked(runs, "other"), "other") is Pulse.CANCELLED, "parked: not for a minute"


def test_a_less_urgent_run_steps_aside_for_one_that_finds_no_worker(redis: Redis) -> None:
    runs = RunStore(redis)
    for n in range(2):
        runs.start(a_run(id=f"b{n}", flow_id=f"b{n}", queue=QueueName.BACKFILL))
    busy = [picked(runs, f"job-{n}") for n in range(2)]
    assert [runs.pulse(run, f"job-{n}") for n, run in enumerate(busy)] == [Pulse.FINE] * 2

    runs.start(a_run(id="click", flow_id="f2"))
    time.sleep(0.3)

    heard = [runs.pulse(run, f"job-{n}") for n, run in enumerate(busy)]
    assert sorted(heard) == [Pulse.FINE, Pulse.URGENT], "one of them is enough"


def test_a_click_on_a_run_that_waits_moves_it_before_all_that_nobody_waits_for(
    redis: Redis,
) -> None:
    runs = RunStore(redis)
    for name, account in (("first", "a"), ("second", "a"), ("third", "b")):
        runs.start(a_run(id=name, flow_id=name, account=account, queue=QueueName.SCHEDULED))
    run = runs.find("second")
    assert run is not None

    promoted = runs.promote(replace(run, trigger=Trigger.SCHEDULE))

    assert (promoted.queue, promoted.trigger) == (QueueName.NOW, Trigger.MANUAL)
    assert runs.backlog() == {QueueName.NOW: 1, QueueName.SCHEDULED: 2, QueueName.BACKFILL: 0}
    assert runs.promote(promoted) == promoted, "a second click changes nothing"
    assert [picked(runs).id for _ in range(3)] == ["second", "first", "third"]
    assert runs.pick("job") is None


def test_a_click_on_a_run_that_waits_for_its_budget_lets_it_ask_again_now(redis: Redis) -> None:
    runs = RunStore(redis)
    runs.start(a_run(queue=QueueName.BACKFILL, trigger=Trigger.RETRY))
    run = picked(runs).moved(RunState.RUNNING, attempt=1)
    runs.park(run.moved(RunState.WAITING, resume_at=NOON), "job", 60, b"how far")

    promoted = runs.promote(run)

    assert (promoted.state, promoted.resume_at) == (RunState.WAITING, None)
    assert promoted.trigger is Trigger.RETRY, "it has begun: as it was"
    assert picked(runs) == promoted
    assert runs.wake().next_in is None
    assert runs.checkpoint("run-1") == b"how far"


class Meddling(Redis):
    """Lets something happen right after the first look at a key."""

    meddle: Callable[[], None] | None = None

    def get(self, name: KeyT) -> Any:
        value = super().get(name)
        meddle, self.meddle = self.meddle, None
        if meddle is not None:
            meddle()
        return value


def test_a_click_writes_over_nothing_that_a_job_saved_in_that_moment(
    redis: Redis, redis_server: EmbeddedRedis
) -> None:
    runs = RunStore(redis)
    run, _ = runs.start(a_run(queue=QueueName.BACKFILL, trigger=Trigger.SCHEDULE))

    def one_slice() -> None:
        taken = picked(runs).moved(RunState.RUNNING, attempt=1, progress=Progress(rows_received=50))
        runs.park(taken.moved(RunState.WAITING), "job", 60)

    with Meddling.from_url(redis_server.url) as client:
        client.meddle = one_slice
        promoted = RunStore(client).promote(run)

    assert promoted == runs.find(run.id)
    assert (promoted.state, promoted.queue) == (RunState.WAITING, QueueName.NOW)
    assert (promoted.progress.rows_received, promoted.attempt) == (50, 1)


def test_a_click_on_a_run_that_a_job_has_or_that_is_over_changes_nothing(redis: Redis) -> None:
    runs = RunStore(redis)
    runs.start(a_run(queue=QueueName.BACKFILL))
    run = picked(runs).moved(RunState.RUNNING)
    runs.save(run, "job")

    assert runs.promote(run) == run
    assert runs.backlog()[QueueName.NOW] == 0
    assert runs.pulse(run, "job") is Pulse.FINE
    finish(redis, run.moved(RunState.SUCCEEDED), "job")
    assert runs.promote(run).state is RunState.SUCCEEDED
    assert runs.pick("job") is None


def test_the_last_hundred_runs_are_kept_and_all_are_summed(redis: Redis) -> None:
    runs = RunStore(redis)
    for n in range(KEEP_PER_FLOW + 5):
        created = NOON + timedelta(minutes=n)
        runs.start(a_run(id=f"run-{n}", created_at=created))
        state = RunState.FAILED if n % 10 == 0 else RunState.SUCCEEDED
        run = replace(picked(runs).moved(RunState.RUNNING), counts=Counts(rows_added=n))
        finish(redis, run.moved(state), "job")

    kept = runs.of_flow("flow-1", limit=1000)
    assert [run.id for run in kept] == [f"run-{n}" for n in range(104, 4, -1)]
    assert runs.find("run-4") is None
    totals = runs.totals("flow-1")
    assert (totals.runs, totals.succeeded, totals.failed) == (105, 94, 11)
    assert totals.rows_added == sum(range(105))


@pytest.mark.parametrize("state", [s for s in RunState if s.is_over])
def test_a_run_that_is_over_moves_nowhere(state: RunState) -> None:
    for other in RunState:
        with pytest.raises(IllegalMove):
            a_run(state=state).moved(other)


def test_a_run_succeeds_only_after_it_ran() -> None:
    for state in (RunState.QUEUED, RunState.WAITING):
        with pytest.raises(IllegalMove):
            a_run(state=state).moved(RunState.SUCCEEDED)


def _start(runs: RunStore, run: Run) -> tuple[str, bool]:
    started, is_new = runs.start(run)
    return started.id, is_new


class _Places(RuleBasedStateMachine):
    """Any order of starts, picks, deaths, parks, ends and cancels."""

    redis: Redis

    def __init__(self) -> None:
        super().__init__()
        self.redis.flushall()
        self.runs = RunStore(self.redis)
        self.held: dict[str, tuple[Run, str]] = {}
        self.promoted: set[str] = set()
        self.started = 0
        self.over = 0

    @rule(flow=st.integers(0, 4), queue=st.sampled_from(QueueName), account=st.sampled_from("ab"))
    def start(self, flow: int, queue: QueueName, account: str) -> None:
        run = a_run(id=f"r{self.started}", flow_id=f"f{flow}", queue=queue, account=account)
        _, is_new = self.runs.start(run)
        self.started += is_new

    @rule()
    def pick(self) -> None:
        owner = f"job-{time.monotonic_ns()}"
        run = self.runs.pick(owner)
        if run is not None:
            assert run.id not in self.held, "two jobs have one run"
            assert not self.promoted or run.id in self.promoted or run.queue is QueueName.NOW
            self.promoted.discard(run.id)
            run = run.moved(RunState.RUNNING)
            self.runs.save(run, owner)
            self.held[run.id] = (run, owner)

    @rule()
    def a_job_dies(self) -> None:
        expire_leases(self.redis)
        assert set(self.runs.wake().taken_back) == set(self.held)
        self.held.clear()

    @rule(data=st.data(), wait=st.sampled_from([0, 0.001, 60]))
    def park(self, data: st.DataObject, wait: float) -> None:
        if self.held:
            run, owner = self.held.pop(data.draw(st.sampled_from(sorted(self.held))))
            self.runs.park(run.moved(RunState.WAITING), owner, wait)

    @rule(data=st.data())
    def finish(self, data: st.DataObject) -> None:
        if self.held:
            run, owner = self.held.pop(data.draw(st.sampled_from(sorted(self.held))))
            finish(self.redis, run.moved(RunState.SUCCEEDED), owner)
            self.over += 1

    @rule(number=st.integers(0, 10))
    def cancel(self, number: int) -> None:
        run = self.runs.find(f"r{number}")
        if run is not None and not run.state.is_over:
            cancelled = cancel(stores(self.redis), run)
            self.over += cancelled.state.is_over
            self.promoted.discard(run.id)

    @rule(number=st.integers(0, 10))
    def promote(self, number: int) -> None:
        run = self.runs.find(f"r{number}")
        if run is not None:
            promoted = self.runs.promote(run)
            assert promoted == self.runs.find(run.id)
            if not run.state.is_over and run.id not in self.held:
                assert promoted.queue is QueueName.NOW
                self.promoted.add(run.id)

    @rule()
    def wake(self) -> None:
        assert self.runs.wake().taken_back == ()

    @invariant()
    def every_active_run_is_in_one_place(self) -> None:
        queued = [r for q in QueueName for r in self.redis.zrange(keys.queue_since(q), 0, -1)]
        places = (
            queued + self.redis.zrange(keys.WAITING, 0, -1) + self.redis.zrange(keys.HELD, 0, -1)
        )
        active = self.redis.zrange(keys.ACTIVE_RUNS, 0, -1)
        assert sorted(places) == sorted(active)
        assert len(active) == self.started - self.over
        owners = {one.id for one in self.runs.active() if self.redis.exists(keys.owner(one.id))}
        assert owners == set(self.held)

    @invariant()
    def the_lines_of_accounts_match_their_queue(self) -> None:
        for queue in QueueName:
            accounts = [a.decode() for a in self.redis.zrange(keys.queue_accounts(queue), 0, -1)]
            lined = [r for a in accounts for r in self.redis.zrange(keys.queue_of(queue, a), 0, -1)]
            assert sorted(lined) == sorted(self.redis.zrange(keys.queue_since(queue), 0, -1))


def test_whatever_happens_every_active_run_is_in_exactly_one_place(redis: Redis) -> None:
    _Places.redis = redis
    checks = [HealthCheck.too_slow]
    run_state_machine_as_test(
        _Places,
        settings=settings(
            max_examples=20, stateful_step_count=30, deadline=None, suppress_health_check=checks
        ),
    )
