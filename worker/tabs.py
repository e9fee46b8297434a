"""Delete the tab of a flow that a person removed together with its tab."""

from __future__ import annotations

import logging
from datetime import timedelta

from callsheet.clock import Clock
from callsheet.errors import CallsheetError, LeaseLost, Recovery
from callsheet.settings import Settings
from callsheet.sheets.client import Guard, SheetsClient
from callsheet.sheets.leaving import delete_tabs
from callsheet.sheets.spreadsheet import open_spreadsheet
from callsheet.store.client import connect
from callsheet.store.connections import ConnectionStore
from callsheet.store.removals import TabRemoval, TabRemovals
from callsheet.store.runs import RunStore
from callsheet.store.vault import Vault
from callsheet.wiring import account_pool, google_client, google_quota

log = logging.getLogger(__name__)

_WHILE_A_RUN_ENDS = timedelta(seconds=5)
_AFTER_A_FAILURE = timedelta(minutes=1)


class TabDeleting:
    """What a worker does with the removal of a tab."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._redis = connect(settings)
        self._removals = TabRemovals(self._redis)

    def execute(self, spreadsheet_id: str, tab_key: str) -> None:
        """Delete the tab, unless the flow is there again or its last run still writes.

        Where waiting helps, it is tried again later, and nothing is raised. Raises the errors of
        Google that a person has to solve: then the tab stays.
        """
        removal = TabRemoval(spreadsheet_id, tab_key)
        if not self._removals.wants(removal):
            return
        if RunStore(self._redis).active_of(removal.flow_id) is not None:
            self._removals.postpone(removal, self._clock.now() + _WHILE_A_RUN_ENDS)
            return
        try:
            spreadsheet = open_spreadsheet(self._google(spreadsheet_id), spreadsheet_id)
            count = delete_tabs(spreadsheet, tab_key, self._guard(removal))
        except CallsheetError as error:
            self._failed(removal, error)
        else:
            self._removals.forget(removal)
            log.info("tab_deleted flow_id=%s tabs=%d", removal.flow_id, count)

    def _google(self, spreadsheet_id: str) -> SheetsClient:
        connections = ConnectionStore(self._redis, Vault(self._settings.sealing_keys))
        connection = next(iter(connections.of_spreadsheet(spreadsheet_id)), None)
        pinned = None if connection is None else connection.service_account
        account = account_pool(self._settings).choose(spreadsheet_id, pinned)
        quota = google_quota(self._settings, self._redis, account)
        return google_client(self._settings, self._clock, account, quota)

    def _guard(self, removal: TabRemoval) -> Guard:
        def still_wanted() -> None:
            if not self._removals.wants(removal):
                raise LeaseLost("the flow has been made again")

        return still_wanted

    def _failed(self, removal: TabRemoval, error: CallsheetError) -> None:
        if error.recovery is Recovery.RETRY_LATER:
            self._removals.postpone(removal, self._clock.now() + _AFTER_A_FAILURE)
            log.warning("tab_not_deleted_yet flow_id=%s code=%s", removal.flow_id, error.code)
            return
        self._removals.forget(removal)
        log.warning("tab_stays flow_id=%s code=%s", removal.flow_id, error.code)
        raise error
