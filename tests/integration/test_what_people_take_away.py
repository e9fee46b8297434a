"""Access, tab or room taken away: each its own state and advice; the schedule waits for people."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr
from redis import Redis

from callsheet.data_flow import DataFlow
from callsheet.enqueue import enqueue_run
from callsheet.run import Run, RunState, Trigger
from callsheet.schedule import Cadence, Schedule
from callsheet.store.connections import ConnectionStore
from callsheet.store.flows import FlowStore
from callsheet.store.runs import RunStore
from callsheet.store.vault import Vault
from tests.builders import a_connection, a_data_flow, a_run
from tests.integration.conftest import Outside
from tests.integration.google import Viewer
from tests.integration.processes import Processes, until

pytestmark = pytest.mark.integration

TAB = "Aircall – Calls"


@dataclass(slots=True)
class Office:
    """A spreadsheet whose calls of two days are refreshed every hour."""

    redis: Redis
    outside: Outside
    sheet: Viewer

    @property
    def home(self) -> str:
        return self.sheet.spreadsheet_id

    def connect(self, sealing_keys: str) -> None:
        connections = ConnectionStore(self.redis, Vault([SecretStr(sealing_keys)]))
        connection = a_connection(
            spreadsheet_id=self.home, api_id=self.outside.addresses["aircall_api_id"]
        )
        connections.save(connection, self.outside.addresses["aircall_api_token"])
        since = (datetime.now(UTC) - timedelta(days=2)).isoformat()
        schedule = Schedule(Cadence.HOURLY)
        FlowStore(self.redis).add(
            a_data_flow(spreadsheet_id=self.home, since=since, schedule=schedule)
        )

    def flow(self) -> DataFlow:
        return FlowStore(self.redis).get(self.home, "flow-1")

    def refresh(self, trigger: Trigger = Trigger.RETRY) -> Run:
        """A refresh by itself, or by hand as the web process starts it; until it is over.

        A retry reads anew; a first try by the schedule may use what another flow has just read.
        """
        soon = datetime.now(UTC) + timedelta(hours=1)
        FlowStore(self.redis).change(
            self.home, "flow-1", lambda flow: replace(flow, paused_because=None, next_run_at=soon)
        )
        run = a_run(
            id=secrets.token_hex(4),
            spreadsheet_id=self.home,
            trigger=trigger,
            created_at=datetime.now(UTC),
        )
        runs = RunStore(self.redis)
        runs.start(run)
        enqueue_run(self.redis, run, job_timeout=60)

        def over() -> Run | None:
            found = runs.find(run.id)
            return found if found is not None and found.state.is_over else None

        ended: Run = until(over, 30, "the run is over")
        return ended

    def hands(self, action: str, **about: Any) -> None:
        """What a person does in the spreadsheet."""
        self.outside.google("POST", f"/spreadsheets/{self.home}/{action}", about)

    def share(self, role: str | None) -> None:
        self.hands("access", email=self.outside.service_account, role=role)

    def assert_waits_for_people(self, run: Run, code: str, advice: str) -> None:
        """The schedule is paused with the reason, which says what to do."""
        assert run.error is not None
        assert (run.state, run.error.code) == (RunState.FAILED, code)
        assert run.error.recovery == "fix_by_user"
        assert advice in run.error.message
        flow = self.flow()
        assert (flow.next_run_at, flow.paused_because) == (None, run.error.message)


@pytest.fixture
def office(redis: Redis, processes: Processes, outside: Outside, spreadsheet: Viewer) -> Office:
    made = Office(redis, outside, spreadsheet)
    made.connect(processes.environment["CALLSHEET_SEALING_KEYS"])
    processes.start("worker")
    assert made.refresh(Trigger.MANUAL).state is RunState.SUCCEEDED
    return made


def test_a_deleted_tab_is_asked_about_and_made_again_only_by_a_person(office: Office) -> None:
    before = office.sheet.rows(TAB)
    office.hands("batch", requests=[{"deleteSheet": {"sheetId": office.flow().tab_id}}])

    for trigger in (Trigger.SCHEDULE, Trigger.RETRY):
        run = office.refresh(trigger)
        office.assert_waits_for_people(run, "tab_missing", "or remove the import")
        assert set(office.sheet.tabs()) == {"Sheet1"}

    assert office.refresh(Trigger.MANUAL).state is RunState.SUCCEEDED
    assert office.sheet.rows(TAB)[0] == before[0]
    assert office.flow().tab_id == office.sheet.tabs()[TAB]["sheetId"]


def test_whatever_was_taken_away_pauses_the_schedule_until_it_is_back(office: Office) -> None:
    for role, advice in ((None, "Share it, as editor, with writer@callsheet"), ("reader", "Share")):
        office.outside.aircall("POST", "/calls", {"count": 3})
        office.share(role)
        office.assert_waits_for_people(office.refresh(), "no_edit_access", advice)
        office.share("writer")
        assert office.refresh(Trigger.MANUAL).state is RunState.SUCCEEDED
        assert office.flow().next_run_at is not None

    tab = office.flow().tab_id
    office.outside.aircall("POST", "/calls", {"count": 3})
    office.hands("protect", sheetId=tab, editors=[])
    office.assert_waits_for_people(office.refresh(), "tab_protected", "allow writer@callsheet")

    office.hands("delete-columns", sheetId=tab, start=0, end=1)
    office.assert_waits_for_people(office.refresh(), "key_column_missing", "Version history")

    office.outside.google("DELETE", f"/spreadsheets/{office.home}")
    office.assert_waits_for_people(office.refresh(), "spreadsheet_not_found", "has been deleted")
