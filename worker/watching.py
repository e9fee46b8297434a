"""Follows a slice of a run: signs of life, progress, bookmark; stops it or parks it."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

from redis import Redis
from redis.exceptions import RedisError

from callsheet.cadence import is_deep_due
from callsheet.checkpoint import Checkpoint, StepAside
from callsheet.clock import Clock
from callsheet.data_flow import DataFlow
from callsheet.errors import LeaseLost, RunCancelled
from callsheet.run import Phase, Progress, Run, RunState, paced
from callsheet.sheets.tab import Tab
from callsheet.store import codec
from callsheet.store.flows import FlowStore
from callsheet.store.locks import Holding
from callsheet.store.pages import FetchedPages, FetchStore
from callsheet.store.placing import follow_zone
from callsheet.store.rosters import RosterStore
from callsheet.store.runs import Pulse, RunStore
from worker.stopping import Stopping

log = logging.getLogger(__name__)

_BEAT_SECONDS = 0.25
_SAVE_EVERY_SECONDS = 0.3
_LONG_WAIT_SECONDS = 2.0
"""A run that has to wait longer gives its worker to others meanwhile."""

_SHARED = timedelta(seconds=90)
"""How fresh another flow's fetch has to be for a scheduled run to use its pages."""

_PARK_SECONDS = 8.0
"""A work-horse that is told to end and has not found a good point by then ends anyway."""


@dataclass(frozen=True, slots=True)
class Limits:
    """When a slice is over: after so many seconds, or when its worker is to end."""

    seconds: float
    stopping: Stopping


class RunWatcher:
    """The pipeline's watcher for a run in Redis; as a context manager it beats meanwhile."""

    def __init__(
        self, redis: Redis, run: Run, flow: DataFlow, owner: str, clock: Clock, limits: Limits
    ) -> None:
        self.run = run
        self.account = ""
        self.pages: FetchedPages | None = None
        self._redis = redis
        self._flow = flow
        self._runs = RunStore(redis)
        self._flows = FlowStore(redis)
        self._rosters = RosterStore(redis)
        self._fetches = FetchStore(redis)
        self._tab: Holding | None = None
        self._owner = owner
        self._clock = clock
        self._limits = limits
        self._over_at = time.monotonic() + limits.seconds
        self._pulse = Pulse.FINE
        self._holds = False
        self._stop = threading.Event()
        self._beating = threading.Thread(target=self._beat, name="lease", daemon=True)
        self._saved_at: datetime | None = None
        self._changing = threading.Lock()  # a retry may wait in another thread

    def __enter__(self) -> Self:
        self._beating.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._beating.join()

    def progressed(self, progress: Progress) -> None:
        """Save the progress, at most about three times a second; changes of phase at once."""
        with self._changing:
            self._show(progress)

    def _show(self, progress: Progress) -> None:
        now = self._clock.now()
        same_phase = progress.phase is self.run.progress.phase
        recent = self._saved_at and (now - self._saved_at).total_seconds() < _SAVE_EVERY_SECONDS
        self.run = replace(self.run, progress=paced(progress, self.run.started_at, now))
        if not (same_phase and recent):
            self._saved_at = now
            self._runs.save(self.run, self._owner)

    def waiting(self, seconds: float) -> None:
        """Hear that a budget asks to wait. Raises StepAside where that is long."""
        self.check()
        if seconds < _LONG_WAIT_SECONDS:
            return
        log.info("waiting_for_budget seconds=%.1f", seconds)
        with self._changing:
            self._show(replace(self.run.progress, phase=Phase.WAITING))
        if not self._holds:
            raise StepAside(seconds)

    def opened(self, zone: str) -> None:
        """Let the spreadsheet's schedules follow its clock, whoever has set it anew."""
        if zone != self._flow.zone:
            follow_zone(self._redis, self.run.spreadsheet_id, zone, self._clock.now())

    def begins(self, checkpoint: Checkpoint) -> Checkpoint:
        """Join a fetch that another flow of the account has begun just before, if there is one.

        A person who presses the button wants what there is now. Pages from before the flow's last
        run would turn its tab back.
        """
        age = _SHARED if self.run.trigger.is_by_itself else timedelta()
        if self._flow.bookmark is not None:
            age = min(age, checkpoint.began_at - self._flow.bookmark)
        kind = f"{self._flow.entity}:{'deep' if is_deep_due(self._flow, self._clock.now()) else ''}"
        fetch = self._fetches.join(self.account, kind, checkpoint.span, checkpoint.began_at, age)
        if self.pages is not None:
            self.pages.fetch = fetch.id
        joined = replace(checkpoint, began_at=fetch.began_at, span=fetch.span, fetch=fetch.id)
        self._runs.save(self.run, self._owner, codec.dump(joined))
        return joined

    def written(self, tab: Tab, until: datetime | None) -> None:
        """Move the flow's bookmark: all from the start date up to `until` is in the tab.

        Somebody may have chosen another start or other options meanwhile: that has not been read.
        """
        asked = (self._flow.since, self._flow.options)

        def move(flow: DataFlow) -> DataFlow:
            if flow.options.layout != self._flow.options.layout:  # it has another tab now
                return flow
            flow = replace(flow, tab_id=tab.id, tab_title=tab.title)
            if until is None or (flow.since, flow.options) != asked:
                return flow
            bookmark = until if flow.bookmark is None else max(flow.bookmark, until)
            return replace(flow, bookmark=bookmark)

        self._flows.change(self.run.spreadsheet_id, self.run.flow_id, move)

    def noted(self, checkpoint: Checkpoint) -> None:
        """Keep from where another worker would go on, if this one vanished."""
        with self._changing:
            self.run = replace(self.run, vanished=0, counts=checkpoint.counts)
            self._runs.save(self.run, self._owner, codec.dump(checkpoint))

    def pause(self) -> None:
        """Raise StepAside when the slice's time is over, or its worker is needed elsewhere."""
        self.check()
        is_over = time.monotonic() > self._over_at or self._pulse is Pulse.URGENT
        if (is_over or self._limits.stopping.is_requested) and not self._holds:
            raise StepAside

    def hold(self) -> None:
        """Keep the worker from here on."""
        self._holds = True

    def roster(self) -> frozenset[str] | None:
        """Return the ids of the account's users, if they were read within the last day."""
        return self._rosters.of(self.account)

    def roster_read(self, users: Iterable[str]) -> None:
        """Keep the ids of the account's users for other runs."""
        self._rosters.save(self.account, users)

    def holds_tab(self, tab: Holding) -> None:
        """Hear that the tab is held for this slice; every write asks whether it still is."""
        self._tab = tab

    def guard(self) -> None:
        """Raise LeaseLost when another worker has the run or the tab, RunCancelled on a wish."""
        self._heard(self._runs.pulse(self.run, self._owner))
        self.check()
        if self._tab is not None:
            self._tab.guard()

    def check(self) -> None:
        """As `guard`, by the last sign of life; cheap."""
        if self._pulse is Pulse.LOST:
            raise LeaseLost(f"run {self.run.id}")
        if self._pulse is Pulse.CANCELLED:
            raise RunCancelled(f"run {self.run.id}")

    def _heard(self, pulse: Pulse) -> None:
        if pulse is not Pulse.FINE:  # what has been heard once stays
            self._pulse = pulse

    def _beat(self) -> None:
        told_at: float | None = None
        while not self._stop.wait(_BEAT_SECONDS):
            try:
                self._heard(self._runs.pulse(self.run, self._owner))
            except RedisError as error:
                log.warning("no_sign_of_life error=%s", type(error).__name__)
            if self._limits.stopping.is_requested:
                told_at = told_at or time.monotonic()
                if time.monotonic() - told_at > _PARK_SECONDS:
                    self._leave()

    def _leave(self) -> None:
        """Give the run back as it is and end this process, in the middle of whatever it does."""
        log.warning("slice_cut_short run_id=%s", self.run.id)
        try:
            self._runs.park(self.run.moved(RunState.WAITING), self._owner, 0)
        finally:  # else the lease ends by itself
            os._exit(1)
