"""What a worker and a scheduler write to the log while everything goes wrong: no personal data."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from redis import Redis
from rq.job import Job
from rq.serializers import JSONSerializer

from callsheet.enqueue import enqueue_run
from callsheet.redis_server import EmbeddedRedis
from callsheet.run import Run, RunState, Trigger
from callsheet.store.connections import ConnectionStore
from callsheet.store.flows import FlowStore
from callsheet.store.runs import RunStore
from callsheet.store.vault import Vault
from tests.builders import a_connection, a_data_flow, a_run
from tests.integration.conftest import Outside
from tests.integration.google import Viewer
from tests.integration.processes import Processes, settings_for, until

pytestmark = pytest.mark.integration

_LINE = re.compile(
    r"time=\S+ level=[a-z]+ logger=\S+ "
    r'event=([a-z_]+( [a-z_]+=\S.*)?|"([^"\\]|\\.)*"( [a-z_]+=\S+)*)'
)


@pytest.fixture
def log_file(tmp_path: Path) -> Path:
    return tmp_path / "log"


@pytest.fixture
def processes(
    outside: Outside, redis_server: EmbeddedRedis, redis: Redis, log_file: Path
) -> Iterator[Processes]:
    environment = settings_for(
        outside.addresses, REDIS_URL=redis_server.url, CALLSHEET_LOG_LEVEL="DEBUG"
    )
    with log_file.open("wb") as log:
        started = Processes(environment, errors=log)
        yield started
        started.end()


def _personal(outside: Outside) -> set[str]:
    """Every name, number, address and text that Aircall has, as far as it is long enough to
    find by chance nowhere else.
    """
    found: set[str] = set()

    def collect(value: Any, key: str = "") -> None:
        if isinstance(value, dict):
            for name, inner in value.items():
                collect(inner, name)
        elif isinstance(value, list):
            for inner in value:
                collect(inner, key)
        elif isinstance(value, str) and re.search(r"name|email|digits|content|value|number", key):
            found.add(value)

    for entity in ("calls?from=0&to=4000000000", "users", "contacts", "numbers"):
        for record in _records(outside, entity):
            collect(record)
    return {text for text in found if len(text) >= 6 and not text.islower()}


def _records(outside: Outside, entity: str) -> list[Any]:
    answer = outside.aircall("GET", f"/truth/{entity}")
    return [json.loads(line) for line in answer.text.split("\n") if line][:500]


def test_nothing_personal_and_no_secret_reaches_the_log_or_rq(
    redis: Redis, processes: Processes, outside: Outside, spreadsheet: Viewer, log_file: Path
) -> None:
    home, now = spreadsheet.spreadsheet_id, datetime.now(UTC)
    vault = Vault([SecretStr(processes.environment["CALLSHEET_SEALING_KEYS"])])
    connections, flows, runs = ConnectionStore(redis, vault), FlowStore(redis), RunStore(redis)
    token = outside.addresses["aircall_api_token"]
    connections.save(
        a_connection(spreadsheet_id=home, api_id=outside.addresses["aircall_api_id"]), token
    )
    since = (now - timedelta(days=5)).replace(microsecond=0).isoformat()

    def run(entity: str) -> Run:
        run_id = f"run-{entity}-{len(list(redis.scan_iter('callsheet:run:*')))}"
        flow = a_data_flow(id=f"flow-{entity}", entity=entity, spreadsheet_id=home, since=since)
        flows.add(flow)
        begun = a_run(
            id=run_id,
            flow_id=flow.id,
            entity=entity,
            spreadsheet_id=home,
            trigger=Trigger.SCHEDULE,
            created_at=now,
        )
        runs.start(begun)
        enqueue_run(redis, begun, job_timeout=60)

        def ended() -> Run | None:
            found = runs.find(run_id)
            return found if found is not None and found.state.is_over else None

        return until(ended, 60, f"{run_id} is over")

    processes.start("worker")
    processes.start("scheduler")
    ended = [run("calls"), run("contacts"), run("users")]
    for kind in ("unknown_enum", "missing_id", "not_json"):
        outside.aircall("POST", "/faults", {"kind": kind, "times": 2})
        ended.append(run("contacts"))
        outside.aircall("DELETE", "/faults")
    connections.save(a_connection(spreadsheet_id=home), "wrong-token-of-ours")
    ended.append(run("calls"))
    processes.end()

    log = log_file.read_text()
    lines = log.splitlines()
    assert {RunState.SUCCEEDED, RunState.FAILED} <= {one.state for one in ended}
    assert sum("event=run_" in line for line in lines) >= len(ended)
    assert [line for line in lines if not _LINE.fullmatch(line)] == []
    secrets = [
        *(token, "wrong-token-of-ours", processes.environment["CALLSHEET_SEALING_KEYS"]),
        *(processes.environment["CALLSHEET_SESSION_KEY"], "Lantern & Loom Ltd"),
    ]
    personal = _personal(outside)
    assert len(personal) > 500
    for place in (log, *_traces(redis)):
        assert [text for text in (*secrets, *personal) if text in place] == []


def _traces(redis: Redis) -> list[str]:
    """What RQ keeps of failed jobs."""
    names = [key.decode().removeprefix("rq:job:") for key in redis.scan_iter("rq:job:*")]
    jobs = [Job.fetch(name, connection=redis, serializer=JSONSerializer) for name in names]
    results = [(job, job.latest_result()) for job in jobs]
    told = [f"{job.args} {job.description} {one.exc_string}" for job, one in results if one]
    assert any("JobFailed: credentials_rejected" in text for text in told)
    return told
