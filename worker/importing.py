"""Execute one run: take its lease, import, and write down what came of it."""

from __future__ import annotations

import logging
import secrets
from dataclasses import replace
from datetime import datetime
from functools import partial

from rq.timeouts import JobTimeoutException

from callsheet import log as logs
from callsheet.cadence import failed_once_more, is_deep_due, longest_gap, planned, succeeded
from callsheet.catalogue import entity_named
from callsheet.clock import Clock
from callsheet.connection import Connection
from callsheet.data_flow import DataFlow
from callsheet.errors import CallsheetError, LeaseLost, NotFound, Recovery, RunTimedOut
from callsheet.order import Order, Outcome
from callsheet.pipeline import import_entity
from callsheet.run import Progress, Run, RunError, RunState, Trigger
from callsheet.settings import Settings
from callsheet.shaping import shape
from callsheet.sheets.client import SheetsClient
from callsheet.store.budget import SharedBudget
from callsheet.store.client import connect
from callsheet.store.connections import ConnectionStore
from callsheet.store.counters import Counters
from callsheet.store.flows import FlowStore
from callsheet.store.pages import FetchedPages
from callsheet.store.runs import RunStore
from callsheet.store.vault import Vault
from callsheet.wiring import account_pool, aircall_client, google_client, google_quota
from worker.aftermath import Aftermath
from worker.watching import RunWatcher

log = logging.getLogger(__name__)

_RESERVE = 0.2
"""Share of an account's request budget that only runs may use for which a person waits."""


class Importing:
    """What a worker does with a run id."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._redis = connect(settings)
        self._runs = RunStore(self._redis)
        self._flows = FlowStore(self._redis)
        self._connections = ConnectionStore(self._redis, Vault(settings.sealing_keys))
        self._counters = Counters(self._redis)
        self._aftermath = Aftermath(self._redis, settings, clock)

    def execute(self, run_id: str) -> None:
        """Execute the run unless it is over or held by another worker.

        Raises what made it fail, after it has been written down, so that RQ files the job as
        failed too.
        """
        owner = secrets.token_hex(8)
        if not self._runs.take_lease(run_id, owner):
            log.info("run_held_elsewhere run_id=%s", run_id)
            return
        try:
            run = self._runs.find(run_id)
            if run is None or run.state.is_over:
                return
            with logs.bound(run_id=run.id, flow_id=run.flow_id, entity=run.entity):
                self._execute(run, owner)
        finally:
            self._runs.release_lease(run_id, owner)

    def _execute(self, run: Run, owner: str) -> None:
        run = self._runs.progress(
            run,
            state=RunState.RUNNING,
            attempt=run.attempt + 1,
            started_at=run.started_at or self._clock.now(),
            progress=Progress(),
        )
        try:
            flow = self._flows.get(run.spreadsheet_id, run.flow_id)
        except NotFound as error:
            self._failed(run, error)
            raise
        watcher = RunWatcher(self._redis, run, flow, owner, self._clock)
        try:
            with watcher:
                outcome = self._import(run, flow, watcher)
        except LeaseLost:
            log.warning("run_taken_over")  # its record is the other worker's now
        except JobTimeoutException:
            self._failed(watcher.run, RunTimedOut(f"after {self._settings.job_timeout} s"))
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
        budget = SharedBudget(
            self._redis,
            connection.account,
            connection.requests_per_minute or self._settings.aircall_requests_per_minute,
            run=run.id,
            interactive=run.trigger is Trigger.MANUAL,
            reserve=_RESERVE,
            spare=connection.spare_share,
        )
        key = self._connections.key_of(connection)
        self._counters.account_seen(connection.account, self._clock.now())
        google = self._google(connection, run, watcher)
        vault = Vault(self._settings.sealing_keys)
        watcher.pages = FetchedPages(self._redis, vault, run.id, self._clock.sleep)
        with aircall_client(
            self._settings,
            key,
            budget,
            self._clock,
            watcher.waiting,
            memory=watcher.pages,
            on_answer=self._counters.answered("aircall"),
        ) as source:
            return import_entity(
                _order(flow, run, self._clock.now()),
                source,
                google,
                clock=self._clock,
                watcher=watcher,
            )

    def _google(self, connection: Connection, run: Run, watcher: RunWatcher) -> SheetsClient:
        account = account_pool(self._settings).pinned(connection.service_account)
        interactive = run.trigger is Trigger.MANUAL
        quota = google_quota(
            self._settings, self._redis, account, run=run.id, interactive=interactive
        )
        return google_client(
            self._settings,
            self._clock,
            account,
            quota,
            watcher.waiting,
            on_answer=self._counters.answered("google"),
        )

    def _succeeded(self, run: Run, outcome: Outcome) -> None:
        flow = self._change_flow(
            run, partial(_after_success, outcome=outcome, now=self._clock.now())
        )
        run = self._runs.progress(
            run,
            state=RunState.SUCCEEDED,
            ended_at=self._clock.now(),
            counts=outcome.counts,
            warnings=outcome.warnings,
            quality=outcome.quality,
        )
        self._aftermath.after_run(run, flow)
        log.info(
            "run_succeeded added=%d updated=%d unchanged=%d",
            outcome.counts.rows_added,
            outcome.counts.rows_updated,
            outcome.counts.rows_unchanged,
        )

    def _failed(self, run: Run, error: CallsheetError) -> None:
        flow = self._change_flow(run, partial(_after_failure, error=error, now=self._clock.now()))
        run = self._runs.progress(
            run,
            state=RunState.FAILED,
            ended_at=self._clock.now(),
            error=RunError(error.code, error.user_message, error.recovery),
        )
        self._aftermath.after_run(run, flow)
        log.warning("run_failed code=%s detail=%r", error.code, str(error))

    def _change_flow(self, run: Run, how: partial[DataFlow]) -> DataFlow | None:
        try:
            return self._flows.change(run.spreadsheet_id, run.flow_id, how)
        except NotFound:
            log.info("flow_removed_meanwhile")
            return None


def _order(flow: DataFlow, run: Run, now: datetime) -> Order:
    entity = entity_named(flow.entity)
    return Order(
        entity=entity,
        spreadsheet_id=flow.spreadsheet_id,
        flow_key=flow.tab_key,
        tab_title=flow.tab_title or shape(entity, flow.options).default_tab_title,
        since=flow.since,
        mode=flow.write_mode,
        options=flow.options,
        bookmark=flow.bookmark,
        deep=is_deep_due(flow, now),
        # A person who presses the button wants the tab; a schedule respects that it was deleted.
        may_create_tab=flow.tab_id is None or not run.trigger.is_by_itself,
        gap=longest_gap(flow.schedule.cadence),
        next_refresh=_next_refresh(flow, now),
    )


def _next_refresh(flow: DataFlow, now: datetime) -> datetime | None:
    """Return when the refresh after this one is due; None while the schedule is off or paused."""
    due = succeeded(flow, now).next_run_at
    return due if due is None or due > now else planned(flow, now).next_run_at


def _after_success(flow: DataFlow, *, outcome: Outcome, now: datetime) -> DataFlow:
    flow = replace(
        flow,
        tab_id=outcome.tab_id,
        tab_title=outcome.tab_title,
        deep_read_at=outcome.began_at if outcome.is_deep else flow.deep_read_at,
    )
    return succeeded(flow, now)


def _after_failure(flow: DataFlow, *, error: CallsheetError, now: datetime) -> DataFlow:
    if error.recovery is Recovery.FIX_BY_USER:
        failures = flow.failures + 1
        why = error.user_message
        return replace(flow, failures=failures, paused_because=why, next_run_at=None, retry_at=None)
    return failed_once_more(flow, now)
