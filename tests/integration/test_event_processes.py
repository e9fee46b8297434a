"""Aircall's own webhooks against our real processes: posted events, rows in the tab, clean logs."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from pydantic import SecretStr
from redis import Redis

from backend.session import SessionSigner
from callsheet.clock import SystemClock
from callsheet.redis_server import EmbeddedRedis
from callsheet.run import Run, RunState, Trigger
from callsheet.schedule import Schedule
from callsheet.settings import Settings
from callsheet.store import keys
from callsheet.store.connections import ConnectionStore
from callsheet.store.flows import FlowStore
from callsheet.store.proofs import ProofStore
from callsheet.store.runs import RunStore
from callsheet.store.vault import Vault
from tests.builders import a_connection, a_data_flow
from tests.integration.conftest import Outside, free_port
from tests.integration.google import Viewer
from tests.integration.processes import Processes, settings_for, until

pytestmark = pytest.mark.integration

EVENTS = Path(__file__).parents[1] / "data" / "aircall" / "webhook_events"
SLOW = {"kind": "slow", "seconds": 1.0, "path": "/v1/calls", "times": None}
SINCE = datetime.now(UTC).replace(microsecond=0) - timedelta(days=2)


@pytest.fixture
def log_file(tmp_path: Path) -> Path:
    return tmp_path / "log"


@pytest.fixture
def processes(
    outside: Outside, redis_server: EmbeddedRedis, redis: Redis, log_file: Path
) -> Iterator[Processes]:
    """Web (with gunicorn's access log, which is off by default), worker and scheduler."""
    port = free_port()
    environment = settings_for(
        outside.addresses,
        REDIS_URL=redis_server.url,
        PORT=str(port),
        CALLSHEET_PUBLIC_URL=f"http://127.0.0.1:{port}",
        GUNICORN_CMD_ARGS="--access-logfile /dev/stderr",
    )
    with log_file.open("wb") as log:
        started = Processes(environment, errors=log)
        for command in ("web", "worker", "scheduler"):
            started.start(command)
        yield started
        started.end()


@pytest.fixture
def address(redis: Redis, processes: Processes, outside: Outside, spreadsheet: Viewer) -> str:
    """The address for events of a flow of Calls, made as the sidebar does."""
    settings, home = processes.environment, spreadsheet.spreadsheet_id
    vault = Vault([SecretStr(settings["CALLSHEET_SEALING_KEYS"])])
    ConnectionStore(redis, vault).save(
        a_connection(spreadsheet_id=home, api_id=outside.addresses["aircall_api_id"]),
        outside.addresses["aircall_api_token"],
    )
    FlowStore(redis).add(
        a_data_flow(spreadsheet_id=home, since=SINCE.isoformat(), schedule=Schedule())
    )
    proofs = ProofStore(redis)
    proofs.complete(proofs.begin("ada", home), "ada", home)
    key = SecretStr(settings["CALLSHEET_SESSION_KEY"])
    signer = SessionSigner(Settings(_env_file=None, session_key=key), SystemClock())
    session, _ = signer.issue("ada", "ada@example.com", home, "Report", "Europe/Paris")
    web = settings["CALLSHEET_PUBLIC_URL"]
    until(lambda: _is_up(web), 90, "the web process answers")
    path, headers = "/api/v1/flows/flow-1/event-address", {"Authorization": f"Bearer {session}"}
    return str(httpx.put(web + path, headers=headers).json()["url"])


def _is_up(web: str) -> bool:
    try:
        return httpx.get(f"{web}/healthz").is_success
    except httpx.TransportError:
        return False


def test_events_of_aircall_bring_their_calls_and_leave_no_trace(
    redis: Redis, address: str, outside: Outside, spreadsheet: Viewer, log_file: Path
) -> None:
    runs, bodies = RunStore(redis), [file.read_bytes() for file in sorted(EVENTS.glob("*.json"))]
    outside.aircall("POST", "/faults", SLOW)

    first = httpx.post(address, content=bodies[0])
    (run,) = runs.of_flow("flow-1")
    until(lambda: _state(runs, run) is RunState.RUNNING, 20, "the first run has begun")
    outside.aircall("POST", "/calls", {"count": 3})
    later = [httpx.post(address, content=body).json()["outcome"] for body in bodies]
    outside.aircall("DELETE", "/faults")
    until(lambda: _state(runs, run) is RunState.SUCCEEDED, 60, "the first run is over")
    follower = runs.of_flow("flow-1")[0]
    redis.zadd(keys.WAITING, {follower.id: 0})  # five minutes later
    until(lambda: _state(runs, follower) is RunState.SUCCEEDED, 30, "so is the one after it")

    assert (first.status_code, first.json()["outcome"]) == (202, "started")
    assert later[0] == "follows"
    assert set(later) <= {"follows", "gathered"}, "gathered: that one was over by then"
    assert [one.trigger for one in runs.of_flow("flow-1")] == [Trigger.WEBHOOK] * 2
    rows = spreadsheet.rows("Aircall – Calls")[1:]
    assert sorted(row[0] for row in rows) == sorted(
        outside.truth(int(SINCE.timestamp()) - 1, 4_000_000_000)
    )
    _misspell(address)
    written = until(lambda: _lines_about(log_file, "Invalid"), 10, "gunicorn has complained")
    key = address.rsplit("/", 1)[1]
    assert "/api/v1/events/flow-1/cse_…" in written
    assert key.removeprefix("cse_") not in written
    assert not _private(bodies) & set(re.findall(r"[\w+@.-]+", written))


def _misspell(address: str) -> None:
    """Send a request line that gunicorn refuses and writes to its log."""
    parts = urlsplit(address)
    with socket.create_connection((parts.hostname, parts.port), timeout=5) as connection:
        connection.sendall(f"POST {parts.path}\r\n\r\n".encode())
        connection.recv(1000)


def _lines_about(log_file: Path, word: str) -> str:
    text = log_file.read_text()
    return text if word in text else ""


def _private(bodies: list[bytes]) -> set[str]:
    """Return every number and address of the events that is long enough to tell."""
    return set(re.findall(r"\+\d[\d-]{7,}|[\w.-]+@[\w.-]+", b"".join(bodies).decode()))


def _state(runs: RunStore, run: Run) -> RunState:
    found = runs.find(run.id)
    assert found is not None
    return found.state
