"""A flow that is removed with its tab: scheduler and worker delete it, whatever happens between."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from redis import Redis

from callsheet.errors import SpreadsheetNotFound
from callsheet.run import RunState
from callsheet.settings import Settings
from callsheet.store.flows import FlowStore
from callsheet.store.removals import TabRemoval, TabRemovals
from callsheet.store.runs import RunStore
from tests.builders import a_data_flow, a_run, ended
from tests.integration.conftest import Outside
from tests.integration.google import Viewer
from tests.integration.processes import Processes, until
from tests.integration.test_sheets_writer.world import FastClock
from worker.tabs import TabDeleting

pytestmark = pytest.mark.integration


def tab_of(flow_id: str, sheet: Viewer) -> None:
    """A tab as a run of the flow has made it."""
    tag = (
        f'{{"flow":"{flow_id}","entity":"calls","schema":1,'
        f'"spreadsheet":"{sheet.spreadsheet_id}","tab":77}}'
    )
    metadata = {
        "metadataKey": "callsheet.tab",
        "metadataValue": tag,
        "visibility": "PROJECT",
        "location": {"sheetId": 77},
    }
    sheet.change(
        {"addSheet": {"properties": {"sheetId": 77, "title": "Calls"}}},
        {"createDeveloperMetadata": {"developerMetadata": metadata}},
    )


@pytest.fixture
def deleting(processes: Processes) -> TabDeleting:
    environment: dict[str, Any] = processes.environment
    settings = Settings(
        _env_file=None,
        redis_url=environment["REDIS_URL"],
        sheets_api_url=environment["SHEETS_API_URL"],
        google_service_account_file=environment["GOOGLE_SERVICE_ACCOUNT_FILE"],
        sealing_keys=environment["CALLSHEET_SEALING_KEYS"],
    )
    return TabDeleting(settings, FastClock())


def test_scheduler_and_worker_delete_the_tab_of_a_flow_removed_with_it(
    redis: Redis, processes: Processes, spreadsheet: Viewer
) -> None:
    tab_of("flow-1", spreadsheet)
    flow = a_data_flow(spreadsheet_id=spreadsheet.spreadsheet_id)
    FlowStore(redis).add(flow)
    processes.start("scheduler")
    processes.start("worker")

    FlowStore(redis).remove(flow, delete_tab_at=datetime.now(UTC))

    until(lambda: "Calls" not in spreadsheet.tabs(), 60, "the tab is gone")
    until(lambda: not redis.exists("callsheet:tabs:leaving"), 5, "nothing is left to do")


def test_a_tab_is_kept_while_the_last_run_writes_it_and_tried_again(
    redis: Redis, deleting: TabDeleting, spreadsheet: Viewer
) -> None:
    tab_of("flow-1", spreadsheet)
    flow = a_data_flow(spreadsheet_id=spreadsheet.spreadsheet_id)
    run, _ = RunStore(redis).start(a_run(spreadsheet_id=spreadsheet.spreadsheet_id))
    now = datetime.now(UTC)
    FlowStore(redis).remove(flow, delete_tab_at=now)

    deleting.execute(flow.spreadsheet_id, flow.id)

    assert "Calls" in spreadsheet.tabs()
    assert TabRemovals(redis).due(now) == []
    later = TabRemovals(redis).due(now + timedelta(minutes=1))
    assert later == [TabRemoval(flow.spreadsheet_id, flow.id)]

    ended(redis, run, RunState.FAILED)
    deleting.execute(flow.spreadsheet_id, flow.id)

    assert "Calls" not in spreadsheet.tabs()
    assert TabRemovals(redis).due(now + timedelta(days=1)) == []


def test_while_google_is_away_it_is_tried_again_later(
    redis: Redis, deleting: TabDeleting, spreadsheet: Viewer, outside: Outside
) -> None:
    tab_of("flow-1", spreadsheet)
    flow = a_data_flow(spreadsheet_id=spreadsheet.spreadsheet_id)
    FlowStore(redis).remove(flow, delete_tab_at=datetime.now(UTC))
    outside.google("POST", "/faults", {"kind": "503", "path": "/v4/", "times": None})

    deleting.execute(flow.spreadsheet_id, flow.id)

    assert TabRemovals(redis).wants(TabRemoval(flow.spreadsheet_id, flow.id))
    outside.calm()
    deleting.execute(flow.spreadsheet_id, flow.id)
    assert "Calls" not in spreadsheet.tabs()


def test_a_spreadsheet_that_is_gone_is_not_asked_for_ever(
    redis: Redis, deleting: TabDeleting
) -> None:
    flow = a_data_flow(spreadsheet_id="gone")
    FlowStore(redis).remove(flow, delete_tab_at=datetime.now(UTC))

    with pytest.raises(SpreadsheetNotFound):
        deleting.execute("gone", flow.id)

    assert not TabRemovals(redis).wants(TabRemoval("gone", flow.id))


def test_a_flow_that_was_never_removed_keeps_its_tab(
    redis: Redis, deleting: TabDeleting, spreadsheet: Viewer
) -> None:
    tab_of("flow-1", spreadsheet)

    deleting.execute(spreadsheet.spreadsheet_id, "flow-1")

    assert "Calls" in spreadsheet.tabs()
