"""Runs through real worker and scheduler processes, real Redis and both stand-ins over HTTP."""

from __future__ import annotations

import os
import signal
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr
from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer

from callsheet.cadence import planned
from callsheet.data_flow import DataFlow, WriteMode
from callsheet.enqueue import enqueue_run
from callsheet.run import QueueName, Run, RunState, Trigger, first_queue
from callsheet.schedule import Cadence, Schedule
from callsheet.stagger import APART
from callsheet.store.connections import ConnectionStore
from callsheet.store.flows import FlowStore
from callsheet.store.placing import place_again
from callsheet.store.runs import RunStore
from callsheet.store.vault import Vault
from tests.builders import a_connection, a_data_flow, a_run
from tests.integration.conftest import Outside
from tests.integration.google import Viewer
from tests.integration.processes import Processes, until

pytestmark = pytest.mark.integration

ACCOUNT = "company:1"
TAB = "Aircall – Calls"
DAYS = 20
SLOW = {"kind": "slow", "seconds": 1.0, "path": "/v1/calls", "times": None}


class Office:
    """One spreadsheet with a connection and a flow of Calls, as the web process makes them."""

    def __init__(self, redis: Redis, processes: Processes, outside: Outside, sheet: Viewer) -> None:
        self.redis = redis
        self.outside = outside
        self.sheet = sheet
        self.runs, self.flows = RunStore(redis), FlowStore(redis)
        self.since = datetime.now(UTC).replace(microsecond=0) - timedelta(days=DAYS)
        sealing = processes.environment["CALLSHEET_SEALING_KEYS"]
        connections = ConnectionStore(redis, Vault([SecretStr(sealing)]))
        home = sheet.spreadsheet_id
        connections.save(
            a_connection(spreadsheet_id=home, api_id=outside.addresses["aircall_api_id"]),
            outside.addresses["aircall_api_token"],
        )
        self.flows.add(
            a_data_flow(spreadsheet_id=home, since=self.since.isoformat(), schedule=Schedule())
        )

    def daily(self, flow: DataFlow) -> DataFlow:
        """The flow with a schedule, every day at seven in Paris."""
        schedule = Schedule(Cadence.DAILY, time(7))
        flow = replace(flow, schedule=schedule, zone="Europe/Paris", account=ACCOUNT)
        return planned(flow, datetime.now(UTC))

    def press(self, run_id: str, trigger: Trigger = Trigger.MANUAL) -> Run:
        run = a_run(
            id=run_id,
            spreadsheet_id=self.sheet.spreadsheet_id,
            trigger=trigger,
            queue=first_queue(trigger, is_first=False),
            created_at=datetime.now(UTC),
        )
        run, is_new = self.runs.start(run)
        assert is_new
        enqueue_run(self.redis, run, job_timeout=120)
        return run

    def run(self, run_id: str) -> Run:
        found = self.runs.find(run_id)
        assert found is not None
        return found

    def ended(self, run_id: str, seconds: float = 30) -> Run:
        until(lambda: self.run(run_id).state.is_over, seconds, f"{run_id} is over")
        return self.run(run_id)

    def assert_complete(self) -> None:
        """The tab holds exactly what Aircall has since the start, each call once."""
        expected = self.outside.truth(int(self.since.timestamp()) - 1, 4_000_000_000)
        header, *rows = self.sheet.rows(TAB)
        assert sorted(row[0] for row in rows) == sorted(expected)
        started = header.index("Direction")
        for row in rows:
            assert row[started] == expected[row[0]]["direction"]


@pytest.fixture
def office(redis: Redis, processes: Processes, outside: Outside, spreadsheet: Viewer) -> Office:
    return Office(redis, processes, outside, spreadsheet)


def test_a_click_ends_in_rows_and_refresh_now_brings_only_what_is_new(
    office: Office, processes: Processes, outside: Outside
) -> None:
    processes.start("worker")
    office.press("first")
    first = office.ended("first")

    assert (first.state, first.error) == (RunState.SUCCEEDED, None)
    office.assert_complete()
    assert first.counts.rows_added == first.progress.rows_expected
    flow = office.flows.get(office.sheet.spreadsheet_id, "flow-1")
    assert flow.bookmark is not None
    assert flow.tab_title == TAB

    outside.aircall("POST", "/calls", {"count": 7})
    office.press("second")
    second = office.ended("second")

    assert second.counts.rows_added == 7
    assert second.counts.source_requests < first.counts.source_requests
    office.assert_complete()


def test_a_killed_worker_is_made_up_for_without_a_lost_or_doubled_row(
    office: Office, processes: Processes, outside: Outside
) -> None:
    outside.aircall("POST", "/faults", SLOW)
    processes.start("scheduler")
    first = processes.start("worker")
    office.press("run")
    until(lambda: office.run("run").progress.rows_received > 0, 20, "rows are coming")

    children = _children(first.pid)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    until(lambda: not any(_alive(child) for child in children), 5, "the work-horse is gone too")
    outside.aircall("DELETE", "/faults")
    processes.start("worker")
    ended = office.ended("run", 60)

    assert ended.state is RunState.SUCCEEDED
    assert ended.attempt == 2
    office.assert_complete()


def test_a_killed_work_horse_alone_is_made_up_for(
    office: Office, processes: Processes, outside: Outside
) -> None:
    outside.aircall("POST", "/faults", SLOW)
    processes.start("scheduler")
    worker = processes.start("worker")
    office.press("run")
    until(lambda: office.run("run").progress.rows_received > 0, 20, "rows are coming")

    for child in _children(worker.pid):
        os.kill(child, signal.SIGKILL)
    outside.aircall("DELETE", "/faults")

    assert office.ended("run", 60).state is RunState.SUCCEEDED
    office.assert_complete()


@pytest.mark.parametrize(
    ("service", "fault"),
    [
        ("aircall", {"kind": "error", "times": 3}),
        ("aircall", {"kind": "html_502", "times": 3}),
        ("aircall", {"kind": "drop", "times": 3}),
        ("aircall", {"kind": "truncate", "times": 3}),
        ("google", {"kind": "500", "times": 2}),
        ("google", {"kind": "503", "times": 2}),
        ("google", {"kind": "lost", "times": 2}),
        ("google", {"kind": "truncate", "times": 2}),
    ],
    ids=lambda value: value if isinstance(value, str) else value["kind"],
)
def test_passing_faults_leave_no_trace(
    office: Office, processes: Processes, outside: Outside, service: str, fault: dict[str, Any]
) -> None:
    steer = outside.aircall if service == "aircall" else outside.google
    steer("POST", "/faults", fault)
    processes.start("worker")
    office.press("run")

    ended = office.ended("run", 60)

    assert (ended.state, ended.error) == (RunState.SUCCEEDED, None)
    office.assert_complete()


def test_a_key_that_was_revoked_pauses_the_flow_and_those_that_made_way_for_it_move_back(
    office: Office, processes: Processes, outside: Outside
) -> None:
    home, other = office.sheet.spreadsheet_id, "another-sheet"
    office.flows.change(home, "flow-1", office.daily)
    office.flows.add(office.daily(a_data_flow(id="flow-2", spreadsheet_id=other, name="later")))
    place_again(office.redis, ACCOUNT, datetime.now(UTC))
    first = office.flows.get(home, "flow-1").offset
    assert first is not None
    assert office.flows.get(other, "flow-2").offset == first + APART
    processes.start("worker")
    api_id = outside.addresses["aircall_api_id"]
    outside.aircall("DELETE", f"/keys/{api_id}")
    try:
        office.press("run")
        ended = office.ended("run")
    finally:
        token = outside.addresses["aircall_api_token"]
        outside.aircall("POST", "/keys", {"api_id": api_id, "api_token": token})

    assert ended.state is RunState.FAILED
    assert ended.error is not None
    assert ended.error.code == "credentials_rejected"
    flow = office.flows.get(office.sheet.spreadsheet_id, "flow-1")
    assert flow.paused_because == ended.error.message
    assert flow.next_run_at is None
    until(lambda: office.flows.get(other, "flow-2").offset == first, 5, "the other moves back")
    assert set(office.sheet.tabs()) == {"Sheet1"}


def test_a_flow_that_is_due_is_refreshed_by_itself_and_gets_its_next_slot(
    office: Office, processes: Processes
) -> None:
    due = datetime.now(UTC) - timedelta(minutes=1)
    office.flows.change(
        office.sheet.spreadsheet_id,
        "flow-1",
        lambda flow: replace(flow, schedule=Schedule(Cadence.HOURLY), next_run_at=due),
    )
    processes.start("scheduler")
    processes.start("scheduler")
    processes.start("worker")

    until(lambda: office.runs.of_flow("flow-1"), 45, "a run was enqueued")
    runs = office.runs.of_flow("flow-1")
    office.ended(runs[0].id)

    assert [run.trigger for run in office.runs.of_flow("flow-1")] == [Trigger.SCHEDULE]
    flow = office.flows.get(office.sheet.spreadsheet_id, "flow-1")
    assert flow.next_run_at is not None
    assert datetime.now(UTC) < flow.next_run_at <= datetime.now(UTC) + timedelta(hours=1)
    assert flow.next_run_at.minute == 0
    office.assert_complete()


def test_a_run_that_opens_a_spreadsheet_whose_zone_was_changed_moves_all_its_schedules(
    office: Office, processes: Processes
) -> None:
    home = office.sheet.spreadsheet_id
    office.flows.add(office.daily(a_data_flow(id="flow-2", spreadsheet_id=home, name="other")))
    where = {"properties": {"timeZone": "Asia/Kathmandu"}, "fields": "timeZone"}
    office.sheet.change({"updateSpreadsheetProperties": where})
    processes.start("worker")

    office.press("run")
    until(lambda: office.flows.get(home, "flow-2").zone != "Europe/Paris", 30, "the run is open")
    office.ended("run")

    found = {flow.id: flow for flow in office.flows.of_spreadsheet(home)}
    assert {flow.zone for flow in found.values()} == {"Asia/Kathmandu"}
    slot = found["flow-2"].next_run_at
    assert slot is not None
    on_the_wall = slot.astimezone(ZoneInfo("Asia/Kathmandu")).time()
    assert time(7) <= on_the_wall < time(7, 5)
    assert found["flow-1"].next_run_at is None, "a flow that is off stays off"


def test_a_job_that_names_a_foreign_function_is_not_called(
    redis: Redis, processes: Processes, tmp_path: Path
) -> None:
    trace = tmp_path / "called"
    queue = Queue(QueueName.NOW.value, connection=redis, serializer=JSONSerializer)
    job = queue.enqueue_call("os.system", args=(f"touch {trace}",))

    processes.start("worker")
    until(lambda: job.get_status(refresh=True) == "failed", 20, "the job failed")

    assert not trace.exists()


def _children(pid: int) -> list[int]:
    found = subprocess.run(
        ["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False
    ).stdout
    return [int(line) for line in found.split()]


def _alive(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"


def test_a_replacing_import_is_taken_back_once_and_the_schedule_rests(
    office: Office, processes: Processes, outside: Outside
) -> None:
    home = office.sheet.spreadsheet_id
    often = Schedule(Cadence.DAILY)
    office.flows.change(home, "flow-1", lambda f: replace(f, write_mode=WriteMode.REPLACE))
    office.flows.change(home, "flow-1", lambda f: replace(f, schedule=often))
    processes.start("worker")
    office.press("first")
    office.ended("first")
    before = office.sheet.rows(TAB)
    outside.aircall("POST", "/calls", {"count": 7})
    office.press("second")
    office.ended("second")
    assert len(office.sheet.rows(TAB)) == len(before) + 7

    office.press("back", Trigger.UNDO)
    back = office.ended("back")

    assert (back.state, back.error) == (RunState.SUCCEEDED, None)
    assert back.warnings == ("The data from before the last import are back.",)
    assert back.counts.source_requests == 0
    assert office.sheet.rows(TAB) == before
    flow = office.flows.get(home, "flow-1")
    assert flow.next_run_at is None
    assert "You took the last import back" in str(flow.paused_because)

    office.press("again", Trigger.UNDO)
    again = office.ended("again")
    assert again.error is not None
    assert again.error.code == "nothing_to_undo"
    assert office.sheet.rows(TAB) == before
    office.press("third")
    assert office.ended("third").state is RunState.SUCCEEDED
    office.assert_complete()
