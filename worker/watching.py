"""Follows a running import: keeps the lease alive, saves progress and bookmark, and stops it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

from redis import Redis
from redis.exceptions import RedisError

from callsheet.cadence import is_deep_due
from callsheet.checkpoint import Checkpoint
from callsheet.clock import Clock
from callsheet.data_flow import DataFlow
from callsheet.errors import LeaseLost
from callsheet.run import Phase, Progress, Run, Trigger
from callsheet.sheets.tab import Tab
from callsheet.store.flows import FlowStore
from callsheet.store.pages import FetchedPages, FetchStore
from callsheet.store.rosters import RosterStore
from callsheet.store.runs import RunStore

log = logging.getLogger(__name__)

_BEAT_SECONDS = 5.0
_SAVE_EVERY_SECONDS = 0.3
_WORTH_SHOWING_SECONDS = 1.0
_SHARED = timedelta(seconds=90)
"""How fresh another flow's fetch has to be for a scheduled run to use its pages."""


class RunWatcher:
    """The pipeline's watcher for a run in Redis; as a context manager it beats meanwhile."""

    def __init__(self, redis: Redis, run: Run, flow: DataFlow, owner: str, clock: Clock) -> None:
        self.run = run
        self.account = ""
        self.pages: FetchedPages | None = None
        self._flow = flow
        self._runs = RunStore(redis)
        self._flows = FlowStore(redis)
        self._rosters = RosterStore(redis)
        self._fetches = FetchStore(redis)
        self._owner = owner
        self._clock = clock
        self._stop = threading.Event()
        self._beating = threading.Thread(target=self._beat, name="lease", daemon=True)
        self._saved_at: datetime | None = None

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
        now = self._clock.now()
        same_phase = progress.phase is self.run.progress.phase
        recent = self._saved_at and (now - self._saved_at).total_seconds() < _SAVE_EVERY_SECONDS
        self.run = replace(self.run, progress=progress)
        if not (same_phase and recent):
            self._saved_at = now
            self._runs.save(self.run)

    def waiting(self, seconds: float) -> None:
        """Show that the run waits for Aircall's or Google's limit; short waits are no news."""
        if seconds < _WORTH_SHOWING_SECONDS:
            return
        log.info("waiting_for_budget seconds=%.1f", seconds)
        self.progressed(replace(self.run.progress, phase=Phase.WAITING))

    def begins(self, checkpoint: Checkpoint) -> Checkpoint:
        """Join a fetch that another flow of the account has begun just before, if there is one.

        A person who presses the button wants what there is now.
        """
        age = _SHARED if self.run.trigger is Trigger.SCHEDULE else timedelta()
        kind = f"{self._flow.entity}:{'deep' if is_deep_due(self._flow, self._clock.now()) else ''}"
        fetch = self._fetches.join(self.account, kind, checkpoint.span, checkpoint.began_at, age)
        if self.pages is not None:
            self.pages.fetch = fetch.id
        return replace(checkpoint, began_at=fetch.began_at, span=fetch.span, fetch=fetch.id)

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

    def pause(self) -> None:
        """Go on: a run keeps its worker until it is over."""

    def hold(self) -> None:
        """A run keeps its worker anyway."""

    def roster(self) -> frozenset[str] | None:
        """Return the ids of the account's users, if they were read within the last day."""
        return self._rosters.of(self.account)

    def roster_read(self, users: Iterable[str]) -> None:
        """Keep the ids of the account's users for other runs."""
        self._rosters.save(self.account, users)

    def guard(self) -> None:
        """Raise LeaseLost when another worker has taken the run over."""
        if not self._runs.renew_lease(self.run.id, self._owner, self._clock.now()):
            raise LeaseLost(f"run {self.run.id}")

    def _beat(self) -> None:
        while not self._stop.wait(_BEAT_SECONDS):
            try:
                self._runs.renew_lease(self.run.id, self._owner, self._clock.now())
            except RedisError as error:
                log.warning("lease_not_renewed error=%s", type(error).__name__)
