"""The end of a run in one transaction: its record, its flow, its notice, and what tells of it.

A process may be killed at any line: then nothing of it has happened, and the run goes on from its
checkpoint; or all of it, and the scheduler sends what waits in the outbox. Nothing is counted,
told or planned twice. Without Redis Cluster, as store/run_scripts.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from redis import Redis
from redis.client import Pipeline

from callsheet.data_flow import DataFlow
from callsheet.delivery import Delivery
from callsheet.errors import LeaseLost
from callsheet.notice import Notice
from callsheet.run import Run
from callsheet.store import counters, deliveries, freshness, keys, notices
from callsheet.store.client import text_of
from callsheet.store.flows import FlowStore
from callsheet.store.runs import RunStore


@dataclass(frozen=True, slots=True)
class Scene:
    """What there is when a run ends. flow: None when it was removed meanwhile.

    notice: the flow's open one. has_webhook: whether the end of its runs is posted somewhere.
    """

    flow: DataFlow | None
    notice: Notice | None
    has_webhook: bool


@dataclass(frozen=True, slots=True)
class Sequel:
    """What there is after it. is_fresh: the tab is up to date now. messages: to be sent."""

    flow: DataFlow | None
    notice: Notice | None
    is_fresh: bool = False
    messages: tuple[Delivery, ...] = ()


class EndingStore:
    """Ends runs."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._runs = RunStore(redis)
        self._flows = FlowStore(redis)

    def end(self, run: Run, owner: str, follow: Callable[[Scene], Sequel]) -> Sequel:
        """Save the run, which is over and has `ended_at`, with all that follows.

        owner: the mark of the job that has it. follow: pure; asked again when somebody changed
        the flow or its notice meanwhile. Raises LeaseLost, and nothing has changed, when the run
        is another job's by now, or over.
        """
        told: list[Sequel] = []

        def transact(pipe: Pipeline) -> None:
            if text_of(pipe.get(keys.owner(run.id)) or "") != owner:
                raise LeaseLost(f"run {run.id}")
            scene = self._look(pipe, run)
            told[:] = [follow(scene)]
            pipe.multi()
            self._runs.finish(pipe, run, owner)
            counters.run_ended(pipe, run)
            self._write(pipe, run, scene, told[0])

        watched = [keys.owner(run.id), keys.flow(run.flow_id)]
        watched += [keys.notices(run.spreadsheet_id), keys.webhook(run.flow_id)]
        answers = cast(list[Any], self._redis.transaction(transact, *watched))
        if answers[0] != 1:
            raise LeaseLost(f"run {run.id}")
        return told[0]

    def _look(self, pipe: Pipeline, run: Run) -> Scene:
        return Scene(
            flow=self._flows.look(pipe, run.spreadsheet_id, run.flow_id),
            notice=notices.look(pipe, run.spreadsheet_id, run.flow_id),
            has_webhook=bool(pipe.exists(keys.webhook(run.flow_id))),
        )

    def _write(self, pipe: Pipeline, run: Run, scene: Scene, sequel: Sequel) -> None:
        if sequel.flow is not None and sequel.flow != scene.flow:
            self._flows.write(pipe, sequel.flow, before=scene.flow)
        if sequel.flow is not None and sequel.is_fresh and run.ended_at is not None:
            freshness.succeeded(pipe, sequel.flow, run.ended_at)
        if sequel.notice != scene.notice:
            notices.write(pipe, run.spreadsheet_id, run.flow_id, sequel.notice)
        deliveries.put(pipe, sequel.messages)
