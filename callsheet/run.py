"""Run: one execution of a data flow, its state, progress and counts."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from callsheet.errors import IllegalMove
from callsheet.quality import Quality


class RunState(StrEnum):
    """Where a run stands: queued → running ↔ waiting → succeeded | failed | cancelled | lost.

    A waiting run holds no worker: it goes on when there is budget, or a worker, again. A run for
    events begins by waiting for more of them.
    """

    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    LOST = "lost"

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to the run."""
        return self in _OVER

    def may_become(self, state: RunState) -> bool:
        """Whether a run may move from this state to that one.

        running → running: another worker goes on where one has vanished.
        """
        return not self.is_over and state in _AFTER[self]


_OVER = frozenset({RunState.SUCCEEDED, RunState.FAILED, RunState.CANCELLED, RunState.LOST})
_AFTER = {
    RunState.QUEUED: _OVER - {RunState.SUCCEEDED} | {RunState.RUNNING},
    RunState.RUNNING: _OVER | {RunState.RUNNING, RunState.WAITING},
    RunState.WAITING: _OVER - {RunState.SUCCEEDED} | {RunState.RUNNING},
}


class Trigger(StrEnum):
    """What started a run."""

    MANUAL = "manual"
    SCHEDULE = "schedule"
    RETRY = "retry"
    API = "api"
    WEBHOOK = "webhook"
    UNDO = "undo"  # a person takes the last replacing import back: nothing is read from Aircall

    @property
    def is_by_itself(self) -> bool:
        """Whether nobody asked for this very run."""
        return self in (Trigger.SCHEDULE, Trigger.RETRY)


class QueueName(StrEnum):
    """Where slices of runs wait for a worker, in the order in which workers look.

    NOW: a person waits for it. BACKFILL: it is long, and nobody waits.
    """

    NOW = "now"
    SCHEDULED = "scheduled"
    BACKFILL = "backfill"


class Phase(StrEnum):
    """What a running run is doing."""

    COUNTING = "counting"
    READING = "reading"
    WRITING = "writing"
    WAITING = "waiting"  # for Aircall's request budget, or Google's


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is. What is expected is None until the source has been counted.

    pages: as many as the rows fill. rows_per_minute: since the run began, waits included.
    seconds_left: at that rate; None while nobody can say.
    """

    phase: Phase = Phase.COUNTING
    rows_received: int = 0
    rows_expected: int | None = None
    pages_received: int = 0
    pages_expected: int | None = None
    rows_per_minute: int | None = None
    seconds_left: int | None = None


PAGE_ROWS = 50
"""Records of one full page of Aircall's lists."""


def paced(progress: Progress, started_at: datetime | None, now: datetime) -> Progress:
    """Return the progress with pages, rate and time left, as of a run that began then."""
    rows, expected = progress.rows_received, progress.rows_expected
    seconds = 0.0 if started_at is None else (now - started_at).total_seconds()
    rate = rows * 60 / seconds if seconds > 0 else 0.0
    left = None if expected is None else max(0, expected - rows)
    return replace(
        progress,
        pages_received=-(-rows // PAGE_ROWS),
        pages_expected=None if expected is None else -(-expected // PAGE_ROWS),
        rows_per_minute=round(rate) or None,
        seconds_left=None if left is None or rate == 0 else round(left * 60 / rate),
    )


@dataclass(frozen=True, slots=True)
class Counts:
    """What a run did: rows by fate, requests by service."""

    rows_received: int = 0
    rows_added: int = 0
    rows_updated: int = 0
    rows_unchanged: int = 0
    rows_removed: int = 0
    source_requests: int = 0
    destination_requests: int = 0


@dataclass(frozen=True, slots=True)
class Totals:
    """What all the runs of a flow that are over came to, those that are forgotten included."""

    runs: int = 0
    succeeded: int = 0
    failed: int = 0
    cancelled: int = 0
    lost: int = 0
    rows_received: int = 0
    rows_added: int = 0
    rows_updated: int = 0
    rows_unchanged: int = 0
    rows_removed: int = 0
    source_requests: int = 0
    destination_requests: int = 0


@dataclass(frozen=True, slots=True)
class RunError:
    """Why a run failed, as shown to the person; codes and recoveries are those of errors.py."""

    code: str
    message: str
    recovery: str


@dataclass(frozen=True, slots=True)
class Run:
    """One execution of a data flow. Times are aware, in UTC.

    queue: where its next slice waits for a worker. account: the Aircall account, among which
    workers are shared fairly. attempt: 1 for the first worker, more when a worker vanished and
    another took over. vanished: workers that vanished since the last sign of progress.
    slices: jobs so far. resume_at: when a waiting run goes on.
    """

    id: str
    flow_id: str
    spreadsheet_id: str
    entity: str
    trigger: Trigger
    state: RunState
    created_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    queue: QueueName = QueueName.NOW
    account: str = ""
    attempt: int = 0
    vanished: int = 0
    slices: int = 0
    resume_at: datetime | None = None
    progress: Progress = field(default_factory=Progress)
    counts: Counts = field(default_factory=Counts)
    warnings: tuple[str, ...] = ()
    error: RunError | None = None
    quality: Quality | None = None

    @property
    def is_interactive(self) -> bool:
        """Whether a person waits for the run."""
        return self.queue is QueueName.NOW

    def moved(self, state: RunState, **changes: Any) -> Run:
        """Return the run in another state, with these fields changed. Raises IllegalMove."""
        if not self.state.may_become(state):
            raise IllegalMove(f"run {self.id} from {self.state} to {state}")
        return replace(self, state=state, **{"resume_at": None, **changes})


def first_queue(trigger: Trigger, *, is_first: bool) -> QueueName:
    """Return where a new run waits. is_first: nothing of the flow has been read yet."""
    if trigger in (Trigger.MANUAL, Trigger.UNDO):
        return QueueName.NOW
    return QueueName.BACKFILL if is_first else QueueName.SCHEDULED


LONG_ROWS = 2_000
"""A run that has more rows than this before it after a slice is a backfill."""


def next_queue(run: Run) -> QueueName:
    """Return where the run's next slice waits after one whose time was up."""
    expected = run.progress.rows_expected
    left = 0 if expected is None else expected - run.progress.rows_received
    return QueueName.BACKFILL if left > LONG_ROWS else run.queue
