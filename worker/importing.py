"""Execute the next slice: whose turn it is, import, and write down what came of it."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial

from redis.exceptions import RedisError
from rq.timeouts import JobTimeoutException

from callsheet import log as logs
from callsheet.checkpoint import Checkpoint, SteppedAside
from callsheet.clock import Clock
from callsheet.data_flow import DataFlow
from callsheet.enqueue import push_token, tokens_to_take
from callsheet.errors import (
    CallsheetError,
    LeaseLost,
    NotFound,
    RunCancelled,
    RunLost,
    RunTimedOut,
    StoreUnavailable,
    TabInUse,
)
from callsheet.flows.ending import Endings, as_it_is
from callsheet.order import Outcome
from callsheet.pipeline import import_entity
from callsheet.run import Run, RunError, RunState, Trigger, next_queue
from callsheet.settings import Settings
from callsheet.store import codec
from callsheet.store.budget import RESERVE, SharedBudget
from callsheet.store.client import connect
from callsheet.store.connections import ConnectionStore
from callsheet.store.counters import Counters
from callsheet.store.flows import FlowStore
from callsheet.store.locks import TabLocks
from callsheet.store.pages import FetchedPages
from callsheet.store.runs import RunStore
from callsheet.store.server_clock import ServerClock
from callsheet.store.vault import Vault
from worker.flow_order import after_failure, after_success, order_of
from worker.outside import Outside
from worker.stopping import Stopping
from worker.undoing import resting, take_back
from worker.watching import Limits, RunWatcher

log = logging.getLogger(__name__)

_TAB_SECONDS = 15.0
_TAB_IN_USE_SECONDS = 3.0

_PART_OF_A_JOB = 10
"""A slice that begins in the same job as others still has nine tenths of RQ's time for it."""

_MOST_VANISHED = 8
"""So many workers in a row that vanish without progress, and the run is given up: it kills them."""


class Importing:
    """What a worker does for the run whose turn it is."""

    def __init__(self, settings: Settings, clock: Clock, stopping: Stopping) -> None:
        self._settings = settings
        self._redis = connect(settings, patient=True)
        self._clock = ServerClock(self._redis, clock)
        self._runs = RunStore(self._redis)
        self._flows = FlowStore(self._redis)
        self._connections = ConnectionStore(self._redis, Vault(settings.sealing_keys))
        self._counters = Counters(self._redis)
        self._endings = Endings(self._redis, settings, self._clock)
        self._outside = Outside(settings, self._redis, self._clock, self._counters)
        self._limits = Limits(settings.slice_seconds, stopping)
        self._tokens = tokens_to_take(self._redis)
        self._owner = ""

    def slices(self) -> None:
        """Execute the next slice, and others while their tokens are next, as long as a slice is.

        So short slices share what it takes to begin one. Raises what made a run fail, after it has
        been written down, so that RQ files the job as failed too.
        """
        seconds = min(self._limits.seconds, self._settings.job_timeout / _PART_OF_A_JOB)
        over_at = time.monotonic() + seconds
        self._next_slice()
        while self._goes_on(over_at) and self._tokens.take():
            self._next_slice()

    def _goes_on(self, over_at: float) -> bool:
        return time.monotonic() < over_at and not self._limits.stopping.is_requested

    def _next_slice(self) -> None:
        """Execute one slice, if a run waits for one."""
        self._owner = secrets.token_hex(8)
        run = self._runs.pick(self._owner)
        if run is None:
            return
        with logs.bound(run_id=run.id, flow_id=run.flow_id, entity=run.entity):
            try:
                self._slice(run)
            except LeaseLost:
                log.warning("run_taken_over")  # its record is the other worker's now
            except (RedisError, StoreUnavailable) as error:
                # The lease ends by itself, and the run goes on from its checkpoint.
                log.warning("slice_without_store error=%s", type(error).__name__)

    def _slice(self, run: Run) -> None:
        has_vanished = run.state is RunState.RUNNING
        run = run.moved(
            RunState.RUNNING,
            attempt=run.attempt + (has_vanished or run.attempt == 0),
            vanished=run.vanished + has_vanished,
            slices=run.slices + 1,
            started_at=run.started_at or self._clock.now(),
        )
        if run.vanished > _MOST_VANISHED:
            self._failed(run, RunLost(f"after {run.attempt} attempts"), RunState.LOST)
            return
        self._runs.save(run, self._owner)
        try:
            flow = self._flows.get(run.spreadsheet_id, run.flow_id)
        except NotFound as error:
            self._failed(run, error)
            raise
        watcher = RunWatcher(self._redis, run, flow, self._owner, self._clock, self._limits)
        try:
            with watcher:
                watcher.guard()
                outcome = self._import(run, flow, watcher)
        except SteppedAside as aside:
            self._park(watcher.run, aside)
        except RunCancelled:
            self._cancelled(watcher.run)
        except JobTimeoutException:
            self._failed(watcher.run, RunTimedOut(f"after {self._settings.job_timeout} s"))
            raise
        except (LeaseLost, RedisError, StoreUnavailable):
            raise
        except CallsheetError as error:
            self._failed(watcher.run, error)
            raise
        except Exception as error:
            self._failed(watcher.run, CallsheetError(type(error).__name__))
            raise
        else:
            self._succeeded(watcher.run, outcome)

    def _import(self, run: Run, flow: DataFlow, watcher: RunWatcher) -> Outcome:
        connection = self._connections.get(flow.spreadsheet_id, flow.connection_id)
        watcher.account = connection.account
        if run.trigger is Trigger.UNDO:
            google = self._outside.google(connection, run, watcher)
            with self._only_writer(flow, watcher):
                watcher.hold()
                return take_back(google, run, flow, watcher.guard, self._clock)
        budget = SharedBudget(
            self._redis,
            connection.account,
            connection.requests_per_minute or self._settings.aircall_requests_per_minute,
            run=run.id,
            interactive=run.is_interactive,
            reserve=RESERVE,
            spare=connection.spare_share,
        )
        key = self._connections.key_of(connection)
        self._counters.account_seen(connection.account, self._clock.now())
        google = self._outside.google(connection, run, watcher)
        vault = Vault(self._settings.sealing_keys)
        text = self._runs.checkpoint(run.id)
        checkpoint = None if text is None else codec.load(Checkpoint, text)
        fetch = run.id if checkpoint is None else checkpoint.fetch
        watcher.pages = FetchedPages(self._redis, vault, fetch, self._clock.sleep)
        with (
            self._outside.aircall(key, budget, watcher) as source,
            self._only_writer(flow, watcher),
        ):
            return import_entity(
                order_of(flow, run, self._clock.now()),
                source,
                google,
                clock=self._clock,
                watcher=watcher,
                checkpoint=checkpoint,
            )

    @contextmanager
    def _only_writer(self, flow: DataFlow, watcher: RunWatcher) -> Iterator[None]:
        """Hold the tab; step aside for a moment while somebody else does, dead or alive."""
        locks = TabLocks(self._redis, seconds=_TAB_SECONDS)
        with ExitStack() as held:
            try:
                tab = held.enter_context(locks.hold(flow.spreadsheet_id, flow.tab_key))
            except TabInUse:
                raise SteppedAside(Checkpoint(self._clock.now()), _TAB_IN_USE_SECONDS) from None
            watcher.holds_tab(tab)
            yield

    def _park(self, run: Run, aside: SteppedAside) -> None:
        """Give the run back, to go on from the checkpoint."""
        now, queue, checkpoint = self._clock.now(), next_queue(run), b""
        run = run.moved(RunState.WAITING, queue=queue)
        if aside.checkpoint.fetch:  # else it has not even begun
            checkpoint = codec.dump(aside.checkpoint)
            run = replace(run, counts=aside.checkpoint.counts, vanished=0)
        if aside.seconds > 0:
            run = replace(run, resume_at=now + timedelta(seconds=aside.seconds))
        self._runs.park(run, self._owner, aside.seconds, checkpoint)
        log.info("run_stepped_aside seconds=%.1f queue=%s", aside.seconds, queue.value)
        if aside.seconds <= 0:
            push_token(self._redis, queue, job_timeout=self._settings.job_timeout)

    def _succeeded(self, run: Run, outcome: Outcome) -> None:
        counts = outcome.counts
        done = {"counts": counts, "warnings": outcome.warnings, "quality": outcome.quality}
        how = partial(after_success, outcome=outcome, now=self._clock.now())
        self._endings.end(
            run.moved(RunState.SUCCEEDED, **done),
            self._owner,
            resting if run.trigger is Trigger.UNDO else how,
        )
        log.info(
            "run_succeeded added=%d updated=%d unchanged=%d",
            counts.rows_added,
            counts.rows_updated,
            counts.rows_unchanged,
        )

    def _cancelled(self, run: Run) -> None:
        self._endings.end(run.moved(RunState.CANCELLED), self._owner)
        log.info("run_cancelled")

    def _failed(self, run: Run, error: CallsheetError, state: RunState = RunState.FAILED) -> None:
        why = RunError(error.code, error.user_message, error.recovery)
        how = partial(after_failure, error=error, now=self._clock.now())
        self._endings.end(
            run.moved(state, error=why),
            self._owner,
            as_it_is if run.trigger is Trigger.UNDO else how,
        )
        log.warning("run_failed code=%s detail=%r", error.code, str(error))
