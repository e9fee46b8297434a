"""Several flows of one account that are due at once cost one set of requests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from redis import Redis

from callsheet.options import Filters, FlowOptions
from callsheet.run import RunState
from callsheet.schedule import Cadence, Schedule
from tests.builders import a_data_flow
from tests.integration.conftest import Outside
from tests.integration.google import Viewer
from tests.integration.processes import Processes, until
from tests.integration.test_worker_processes import Office

pytestmark = pytest.mark.integration


def test_team_sheets_that_are_due_at_once_cost_one_set_of_requests(
    redis: Redis, processes: Processes, outside: Outside, spreadsheet: Viewer
) -> None:
    office = Office(redis, processes, outside, spreadsheet)
    due = datetime.now(UTC) - timedelta(seconds=1)
    names = [f"team-{number}" for number in range(4)]
    for name in names:
        office.flows.add(
            a_data_flow(
                id=name,
                spreadsheet_id=spreadsheet.spreadsheet_id,
                since=office.since.isoformat(),
                schedule=Schedule(Cadence.HOURLY),
                next_run_at=due,
                options=FlowOptions(filters=Filters(direction="inbound")),
            )
        )
    outside.aircall("DELETE", "/requests")

    processes.start("scheduler")
    processes.start("worker")
    processes.start("worker")
    until(lambda: all(office.runs.of_flow(name) for name in names), 30, "all are enqueued")
    runs = [office.ended(office.runs.of_flow(name)[0].id, 60) for name in names]

    assert {run.state for run in runs} == {RunState.SUCCEEDED}
    asked = outside.aircall("GET", "/requests?path=/v1/calls").json()["requests"]
    queries = [entry["query"] for entry in asked]
    assert len(queries) == len(set(queries))
    assert sum(run.counts.rows_received for run in runs) > 3 * 50 * len(queries)
    expected = outside.truth(int(office.since.timestamp()) - 1, int(due.timestamp()))
    inbound = {key for key, call in expected.items() if call["direction"] == "inbound"}
    tabs = [title for title in spreadsheet.tabs() if title.startswith("Aircall")]
    assert len(tabs) == len(names)
    for title in tabs:
        assert inbound <= {row[0] for row in spreadsheet.rows(title)[1:]}
