"""Run: one execution of a data flow, its state, progress and counts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from callsheet.quality import Quality


class RunState(StrEnum):
    """Where a run stands."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    LOST = "lost"

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to the run."""
        return self in _OVER


_OVER = frozenset({RunState.SUCCEEDED, RunState.FAILED, RunState.LOST})


class Trigger(StrEnum):
    """What started a run."""

    MANUAL = "manual"
    SCHEDULE = "schedule"
    RETRY = "retry"
    API = "api"

    @property
    def is_by_itself(self) -> bool:
        """Whether nobody asked for this very run."""
        return self in (Trigger.SCHEDULE, Trigger.RETRY)


class Phase(StrEnum):
    """What a running run is doing."""

    COUNTING = "counting"
    READING = "reading"
    WRITING = "writing"
    WAITING = "waiting"  # for Aircall's request budget


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is. rows_expected is None until the source has been counted."""

    phase: Phase = Phase.COUNTING
    rows_received: int = 0
    rows_expected: int | None = None


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
class RunError:
    """Why a run failed, as shown to the person; codes and recoveries are those of errors.py."""

    code: str
    message: str
    recovery: str


@dataclass(frozen=True, slots=True)
class Run:
    """One execution of a data flow. Times are aware, in UTC.

    attempt: 1 for the first worker, more when a worker vanished and another took over.
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
    attempt: int = 0
    progress: Progress = field(default_factory=Progress)
    counts: Counts = field(default_factory=Counts)
    warnings: tuple[str, ...] = ()
    error: RunError | None = None
    quality: Quality | None = None
