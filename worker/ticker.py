"""The tick: what is due is enqueued, and each flow moves on to its next slot."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from threading import Event

from redis import Redis

from callsheet.cadence import next_refresh
from callsheet.clock import Clock
from callsheet.data_flow import DataFlow
from callsheet.enqueue import enqueue_runs, new_run
from callsheet.errors import CallsheetError
from callsheet.run import Run, Trigger
from callsheet.store import codec
from callsheet.store.schedules import Handover, ScheduleStore, Slot

log = logging.getLogger(__name__)

_BATCH = 250
_UNPLANNABLE = timedelta(hours=1)


class Ticker:
    """One look at a time at what is due; its cost is that of what is due, not of what there is."""

    def __init__(
        self, redis: Redis, clock: Clock, *, job_timeout: int, batch: int = _BATCH
    ) -> None:
        codec.prepare(DataFlow, Run)
        self._redis = redis
        self._clock = clock
        self._job_timeout = job_timeout
        self._batch = batch
        self._schedules = ScheduleStore(redis)

    def tick(self, mark: str, stop: Event | None = None) -> int:
        """Hand over every slot that has come, once, and return how many.

        mark: under which this process leads. After a downtime a flow has one slot that has come,
        however many were missed. Ends early when another process has taken over, and at `stop`:
        after a long downtime there is much to do, and the next leader may do the rest.
        """
        count = 0
        while True:
            now = self._clock.now()
            slots = self._schedules.due(now, self._batch)
            flows = self._schedules.flows_of(slots)
            pairs = list(zip(slots, flows, strict=True))
            without = [slot.flow_id for slot, flow in pairs if flow is None]
            self._schedules.set_aside(without, now + _UNPLANNABLE)
            due = [_handover(slot, flow, now) for slot, flow in pairs if flow is not None]
            done = self._schedules.hand_over(mark, due, now)
            if done is None:
                log.warning("scheduler_taken_over")
                return count
            handed_over, runs = done
            self._tell(runs)
            count += handed_over
            if len(slots) < self._batch or (stop is not None and stop.is_set()):
                return count

    def _tell(self, runs: Sequence[Run]) -> None:
        """Tell the workers; if we die before, the janitor does."""
        enqueue_runs(self._redis, runs, job_timeout=self._job_timeout)
        for run in runs:
            log.info("run_due run_id=%s flow_id=%s trigger=%s", run.id, run.flow_id, run.trigger)


def _following(flow: DataFlow, now: datetime) -> datetime | None:
    """Return the flow's next slot; one that cannot be planned must not hold up all others."""
    try:
        return next_refresh(flow, now)
    except CallsheetError as error:
        log.error("flow_not_planned flow_id=%s code=%s", flow.id, error.code)
        return now + _UNPLANNABLE


def _handover(slot: Slot, flow: DataFlow, now: datetime) -> Handover:
    trigger = Trigger.RETRY if flow.retry_at == slot.at else Trigger.SCHEDULE
    run = new_run(flow, trigger, now, run_id=slot.name)
    return Handover(slot, _following(flow, now), run)
