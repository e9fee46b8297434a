"""Runs that begin because something has happened at Aircall, and somebody has told us so.

Such events come by the hundred, a run for each would use up the account's request budget. So they
are gathered: a flow begins one run in five minutes at the most, and each event is followed by a
run that begins after it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from callsheet.data_flow import DataFlow
from callsheet.enqueue import enqueue_run, new_run
from callsheet.flows.context import Stores
from callsheet.run import Run, RunState, Trigger
from callsheet.store.waiting_runs import WaitingRuns

APART = timedelta(minutes=5)
"""From the start of a flow's last run to the start of one for an event."""

_LOOK_AT_RUNS = 3


class Heard(StrEnum):
    """What became of an event.

    STARTED: a run was started at once. GATHERED: a run is going to start that covers it.
    FOLLOWS: a run has begun already, one more follows. RESTS: the flow is paused.
    """

    STARTED = "started"
    GATHERED = "gathered"
    FOLLOWS = "follows"
    RESTS = "rests"


@dataclass(frozen=True, slots=True)
class Hearing:
    """An event's outcome; starts_at: when the run that covers it starts, if that is later."""

    outcome: Heard
    starts_at: datetime | None = None


def hear(stores: Stores, flow: DataFlow) -> Hearing:
    """See to it that the flow is refreshed after this moment. A paused flow is left to rest."""
    if flow.is_paused or flow.paused_because is not None:
        return Hearing(Heard.RESTS)
    while True:  # again only where another caller has just begun a run
        now = stores.clock.now()
        runs = stores.runs.of_flow(flow.id, limit=_LOOK_AT_RUNS)
        active = next((run for run in runs if not run.state.is_over), None)
        heard = None if active is None else _beside(stores, flow, active, now)
        heard = heard or _begin(stores, flow, runs, now)
        if heard is not None:
            return heard


def _begin(stores: Stores, flow: DataFlow, runs: list[Run], now: datetime) -> Hearing | None:
    """Start a run now or when its time has come; None when there is an active one after all."""
    starts_at = max((run.started_at for run in runs if run.started_at), default=now - APART) + APART
    if starts_at <= now:
        run, is_new = stores.runs.start(new_run(flow, Trigger.WEBHOOK, now))
        if is_new:
            enqueue_run(stores.redis, run, job_timeout=stores.settings.job_timeout)
        return Hearing(Heard.STARTED) if is_new else None
    run = _waiting(flow, now, starts_at)
    is_ours = WaitingRuns(stores.redis).start(run, _seconds(starts_at, now)) == run.id
    return Hearing(Heard.GATHERED, starts_at) if is_ours else None


def _beside(stores: Stores, flow: DataFlow, active: Run, now: datetime) -> Hearing | None:
    """Rely on the active run, or have one follow it; None when it is over by now."""
    if active.trigger is Trigger.UNDO:  # the flow is going to rest
        return Hearing(Heard.RESTS)
    # One that nobody asked for may use pages that were read before the event.
    if active.started_at is None and not active.trigger.is_by_itself:
        return Hearing(Heard.GATHERED, active.resume_at)
    starts_at = max((active.started_at or now) + APART, now)
    run = _waiting(flow, now, starts_at)
    follows = WaitingRuns(stores.redis).follow(active.id, run, _seconds(starts_at, now))
    return Hearing(Heard.FOLLOWS, starts_at) if follows else None


def _waiting(flow: DataFlow, now: datetime, resume_at: datetime) -> Run:
    run = new_run(flow, Trigger.WEBHOOK, now)
    return replace(run, state=RunState.WAITING, resume_at=resume_at)


def _seconds(moment: datetime, now: datetime) -> float:
    return (moment - now).total_seconds()
