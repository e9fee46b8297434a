"""A pool of two service accounts: each spreadsheet is written by the one it is pinned to."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from redis import Redis

from callsheet.enqueue import enqueue_run
from callsheet.redis_server import EmbeddedRedis
from callsheet.run import Run, RunState
from callsheet.schedule import Schedule
from callsheet.store.connections import ConnectionStore
from callsheet.store.flows import FlowStore
from callsheet.store.runs import RunStore
from callsheet.store.vault import Vault
from tests.builders import a_connection, a_data_flow, a_run
from tests.integration.conftest import Outside
from tests.integration.google import Viewer
from tests.integration.processes import Processes, run_import, settings_for, until

pytestmark = pytest.mark.integration

OTHER = "other@callsheet-sandbox.iam.gserviceaccount.com"
GONE = "gone@callsheet-sandbox.iam.gserviceaccount.com"


@pytest.fixture
def environment(outside: Outside, redis_server: EmbeddedRedis, tmp_path: Path) -> dict[str, str]:
    """Settings that name both accounts' files."""
    file = tmp_path / "other.json"
    file.write_text(outside.google("POST", "/accounts", {"email": OTHER}).text)
    pool = os.pathsep.join([outside.addresses["service_account_file"], str(file)])
    more = {"GOOGLE_SERVICE_ACCOUNT_FILE": pool, "REDIS_URL": redis_server.url}
    return settings_for(outside.addresses, **more)


def shared_with(outside: Outside, email: str) -> str:
    """Make a spreadsheet that this account alone may edit, beside its owner."""
    body = {"title": email, "timeZone": "Europe/Paris", "editors": [email]}
    return str(outside.google("POST", "/spreadsheets", body).json()["id"])


class Office:
    """Connections with a flow of Calls each, as the web process makes them."""

    def __init__(self, redis: Redis, outside: Outside, environment: dict[str, str]) -> None:
        self.redis = redis
        self.outside = outside
        self.runs = RunStore(redis)
        self.vault = Vault([SecretStr(environment["CALLSHEET_SEALING_KEYS"])])

    def press(self, sheet: str, account: str) -> str:
        """Connect a spreadsheet, pinned to an account, and import; return the run's id."""
        connection = a_connection(
            id=f"of-{sheet}",
            spreadsheet_id=sheet,
            api_id=self.outside.addresses["aircall_api_id"],
            service_account=account,
        )
        token = self.outside.addresses["aircall_api_token"]
        ConnectionStore(self.redis, self.vault).save(connection, token)
        now = datetime.now(UTC)
        flow = a_data_flow(
            id=f"flow-{sheet}",
            connection_id=connection.id,
            spreadsheet_id=sheet,
            since=(now - timedelta(days=2)).isoformat(),
            schedule=Schedule(),
        )
        FlowStore(self.redis).add(flow)
        run = a_run(id=f"run-{sheet}", flow_id=flow.id, spreadsheet_id=sheet, created_at=now)
        run, _ = self.runs.start(run)
        enqueue_run(self.redis, run, job_timeout=60)
        return run.id

    def ended(self, run_id: str) -> Run:
        def over() -> Run | None:
            run = self.runs.find(run_id)
            return run if run is not None and run.state.is_over else None

        found: Run = until(over, 30, f"{run_id} is over")
        return found


def test_each_spreadsheet_is_written_by_its_own_account_and_a_lost_one_is_named(
    redis: Redis, outside: Outside, environment: dict[str, str]
) -> None:
    outside.calm()
    office = Office(redis, outside, environment)
    sheets = [shared_with(outside, outside.service_account), shared_with(outside, OTHER)]
    processes = Processes(environment)
    processes.start("worker")
    try:
        written = [
            office.ended(office.press(sheet, account))
            for sheet, account in zip(sheets, [outside.service_account, OTHER], strict=True)
        ]
        lost = office.ended(office.press(shared_with(outside, OTHER), GONE))
    finally:
        processes.end()

    for run, sheet in zip(written, sheets, strict=True):
        assert (run.state, run.error) == (RunState.SUCCEEDED, None)
        viewer = Viewer(outside.addresses, sheet)
        assert len(viewer.rows("Aircall – Calls")) == run.counts.rows_added + 1 > 1
        viewer.close()
    for account in (outside.service_account, OTHER):
        assert redis.zcard(f"callsheet:budget:google:write:account:{account}") > 0
    assert redis.zcard("callsheet:budget:google:write:project:callsheet-sandbox") == sum(
        redis.zcard(f"callsheet:budget:google:write:account:{account}")
        for account in (outside.service_account, OTHER)
    )
    assert lost.error is not None
    assert (lost.error.code, lost.error.recovery) == ("service_account_gone", "fix_by_user")
    assert GONE in lost.error.message


def test_the_command_line_names_the_account_that_its_spreadsheet_needs(
    outside: Outside, environment: dict[str, str]
) -> None:
    """Without a connection the choice follows from the spreadsheet's id alone."""
    outside.calm()
    accounts = {outside.service_account, OTHER}
    sheet = shared_with(outside, "nobody@example.com")
    since = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
    arguments = ("calls", "--spreadsheet", sheet, "--since", since)

    status, report, _ = run_import(environment, *arguments)

    assert status != 0
    (asked,) = [email for email in accounts if email in report["error"]["message"]]
    outside.google("POST", f"/spreadsheets/{sheet}/access", {"email": asked, "role": "writer"})
    assert run_import(environment, *arguments)[1]["error"] is None
