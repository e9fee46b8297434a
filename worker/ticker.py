"""The tick: what is due is enqueued, and each flow moves on to its next slot."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from redis import Redis

from callsheet.cadence import planned
from callsheet.clock import Clock
from callsheet.data_flow import DataFlow
from callsheet.enqueue import enqueue_runs, new_run
from callsheet.errors import CallsheetError
from callsheet.run import Run, Trigger
from callsheet.store.runs import RunStore
from callsheet.store.schedules import ScheduleStore, Slot

log = logging.getLogger(__name__)

_BATCH = 500
_UNPLANNABLE = timedelta(hours=1)


class Ticker:
    """One look at a time at what is due; its cost is that of what is due, not of what there is."""

    def __init__(self, redis: Redis, clock: Clock, *, job_timeout: int) -> None:
        self._redis = redis
        self._clock = clock
        self._job_timeout = job_timeout
        self._schedules = ScheduleStore(redis)
        self._runs = RunStore(redis)

    def tick(self, mark: str) -> int:
        """Enqueue every slot that has come, once, and return how many.

        mark: under which this process leads. After a downtime a flow has one slot that has come,
        however many were missed. Stops when another process has taken over.
        """
        self._finish_claimed()
        count = 0
        while True:
            now = self._clock.now()
            slots = self._schedules.due(now, _BATCH)
            flows = self._schedules.flows_of(slots)
            gone = [slot.flow_id for slot, flow in zip(slots, flows, strict=True) if flow is None]
            self._schedules.forget(gone)
            due = [(s, f) for s, f in zip(slots, flows, strict=True) if f is not None]
            claimed = self._schedules.claim(mark, [(s, _following(f, now)) for s, f in due])
            if claimed is None:
                log.warning("scheduler_taken_over")
                return count
            ours = set(claimed)
            self._enqueue([(s, f) for s, f in due if s in ours], now)
            count += len(ours)
            if len(slots) < _BATCH:
                return count

    def _finish_claimed(self) -> None:
        """Enqueue what a leader claimed and, because it died, did not enqueue."""
        while slots := self._schedules.claimed(_BATCH):
            log.warning("claimed_slots_found count=%d", len(slots))
            flows = self._schedules.flows_of(slots)
            pairs = zip(slots, flows, strict=True)
            self._enqueue([(s, f) for s, f in pairs if f is not None], self._clock.now())
            self._schedules.settle(slots)

    def _enqueue(self, due: Sequence[tuple[Slot, DataFlow]], now: datetime) -> None:
        started = self._runs.start_all([_run(slot, flow, now) for slot, flow in due])
        new = [run for run, is_new in started if is_new]
        enqueue_runs(self._redis, new, job_timeout=self._job_timeout)
        self._schedules.settle(slot for slot, _ in due)
        for run in new:
            log.info("run_due run_id=%s flow_id=%s trigger=%s", run.id, run.flow_id, run.trigger)


def _following(flow: DataFlow, now: datetime) -> datetime | None:
    """Return the flow's next slot; one that cannot be planned must not hold up all others."""
    try:
        return planned(flow, now).next_run_at
    except CallsheetError as error:
        log.error("flow_not_planned flow_id=%s code=%s", flow.id, error.code)
        return now + _UNPLANNABLE


def _run(slot: Slot, flow: DataFlow, now: datetime) -> Run:
    trigger = Trigger.RETRY if flow.retry_at == slot.at else Trigger.SCHEDULE
    return new_run(flow, trigger, now, run_id=slot.name)
