"""The end of a run on a real Redis: all of it or nothing, whatever others do in that moment."""

from __future__ import annotations

from dataclasses import replace

import pytest
from redis import Redis

from callsheet.errors import LeaseLost
from callsheet.run import Run, RunState, Trigger
from callsheet.store import keys
from callsheet.store.counters import Counters
from callsheet.store.endings import EndingStore, Scene, Sequel
from callsheet.store.flows import FlowStore
from callsheet.store.runs import RunStore
from tests.builders import NOON, a_data_flow, a_run

pytestmark = pytest.mark.integration


@pytest.fixture
def run(redis: Redis) -> Run:
    """A run that the job called `mine` has, over as far as that job knows."""
    FlowStore(redis).add(a_data_flow(next_run_at=NOON))
    RunStore(redis).start(a_run(trigger=Trigger.SCHEDULE))
    picked = RunStore(redis).pick("mine")
    assert picked is not None
    return replace(picked, state=RunState.SUCCEEDED, started_at=NOON, ended_at=NOON)


def _taken_over(redis: Redis) -> None:
    redis.zadd(keys.HELD, {"run-1": 1})
    assert RunStore(redis).wake().taken_back == ("run-1",)
    assert RunStore(redis).pick("other") is not None


def test_a_run_that_is_taken_over_in_that_moment_is_not_ended(redis: Redis, run: Run) -> None:
    flow = FlowStore(redis).get("sheet-1", "flow-1")

    def follow(scene: Scene) -> Sequel:
        _taken_over(redis)
        assert scene.flow is not None
        return Sequel(replace(scene.flow, failures=7), None, is_fresh=True)

    with pytest.raises(LeaseLost):
        EndingStore(redis).end(run, "mine", follow)

    left = RunStore(redis).find("run-1")
    assert left is not None
    assert left.state is RunState.QUEUED
    assert FlowStore(redis).get("sheet-1", "flow-1") == flow
    assert RunStore(redis).totals("flow-1").runs == 0
    assert Counters(redis).read() == {}
    assert [one.id for one in RunStore(redis).active()] == ["run-1"]


def test_what_a_person_changes_in_that_moment_is_kept(redis: Redis, run: Run) -> None:
    flows, asked = FlowStore(redis), list[Scene]()

    def follow(scene: Scene) -> Sequel:
        if not asked:
            flows.change("sheet-1", "flow-1", lambda flow: replace(flow, label="Mine"))
        asked.append(scene)
        assert scene.flow is not None
        return Sequel(replace(scene.flow, failures=scene.flow.failures + 1), scene.notice)

    EndingStore(redis).end(run, "mine", follow)

    flow = flows.get("sheet-1", "flow-1")
    assert (flow.label, flow.failures, len(asked)) == ("Mine", 1, 2)
    assert RunStore(redis).totals("flow-1").runs == 1


def test_a_run_ends_once(redis: Redis, run: Run) -> None:
    EndingStore(redis).end(run, "mine", lambda scene: Sequel(scene.flow, scene.notice))

    with pytest.raises(LeaseLost):
        EndingStore(redis).end(run, "mine", lambda scene: Sequel(scene.flow, scene.notice))

    assert RunStore(redis).totals("flow-1").runs == 1


def test_the_end_of_a_run_whose_flow_is_gone_is_counted_and_makes_no_flow(
    redis: Redis, run: Run
) -> None:
    flows = FlowStore(redis)
    flows.remove(flows.get("sheet-1", "flow-1"))

    sequel = EndingStore(redis).end(run, "mine", lambda scene: Sequel(scene.flow, scene.notice))

    assert sequel.flow is None
    assert flows.of_spreadsheet("sheet-1") == []
    assert not redis.exists(keys.flow("flow-1"), keys.FRESH_UNTIL)
    assert RunStore(redis).totals("flow-1").runs == 1
