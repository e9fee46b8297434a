"""`callsheet runs`, as an administrator types it, on a real Redis."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from click.testing import CliRunner, Result
from cryptography.fernet import Fernet
from redis import Redis

from callsheet.cli import cli
from callsheet.redis_server import EmbeddedRedis
from callsheet.run import Counts, Phase, Progress, RunError, RunState
from callsheet.store.flows import FlowStore
from callsheet.store.runs import RunStore
from tests.builders import a_data_flow, a_run, ended, finish

pytestmark = pytest.mark.integration

Command = Callable[..., Result]


@pytest.fixture
def callsheet(redis_server: EmbeddedRedis, redis: Redis) -> Command:
    """Run `callsheet runs …`; there is one flow with a run that is over and one that is queued."""
    FlowStore(redis).add(a_data_flow())
    runs = RunStore(redis)
    first, _ = runs.start(a_run(id="first"))
    why = RunError("no_edit_access", "Share it.", "fix_by_user")
    ended(redis, first, RunState.FAILED, error=why)
    runs.start(a_run(id="second"))
    environment = {
        "REDIS_URL": redis_server.url,
        "CALLSHEET_SEALING_KEYS": Fernet.generate_key().decode(),
    }

    def run(*words: str) -> Result:
        return CliRunner().invoke(cli, ["runs", *words], env=environment)

    return run


def states(result: Result) -> dict[str, str]:
    return {run["id"]: run["state"] for run in json.loads(result.stdout)["runs"]}


def test_runs_that_are_not_over_are_listed_and_all_of_a_spreadsheet(callsheet: Command) -> None:
    assert states(callsheet("list", "--json")) == {"second": "queued"}
    assert states(callsheet("list", "--spreadsheet", "sheet-1", "--json")) == {
        "second": "queued",
        "first": "failed",
    }
    header, line = callsheet("list").stdout.splitlines()
    assert header.split()[:3] == ["RUN", "ENTITY", "STATE"]
    assert line.split()[:5] == ["second", "calls", "queued", "manual", "now"]
    assert callsheet("list", "--spreadsheet", "sheet-2").stdout == "No runs.\n"


def test_the_runs_of_one_flow_are_listed(callsheet: Command, redis: Redis) -> None:
    RunStore(redis).start(a_run(id="third", flow_id="flow-2", entity="tags"))
    FlowStore(redis).add(a_data_flow(id="flow-2", name="tags", entity="tags"))

    found = callsheet("list", "--spreadsheet", "sheet-1", "--flow", "tags", "--json")

    assert states(found) == {"third": "queued"}
    assert "There is no flow “nope”" in (
        callsheet("list", "--spreadsheet", "sheet-1", "--flow", "nope").stderr
    )
    assert "goes with --spreadsheet" in callsheet("list", "--flow", "tags").stderr


def test_a_run_is_shown_with_its_error(callsheet: Command) -> None:
    shown = callsheet("show", "first")

    assert "state: failed" in shown.stdout
    assert "Share it." in shown.stdout
    assert (
        json.loads(callsheet("show", "first", "--json").stdout)["error"]["message"] == "Share it."
    )


def test_an_unknown_run_is_said_so(callsheet: Command) -> None:
    for command in ("show", "cancel", "watch"):
        refused = callsheet(command, "third")
        assert refused.exit_code == 2
        assert "There is no run “third”" in refused.stderr


def test_a_run_is_cancelled(callsheet: Command, redis: Redis) -> None:
    assert callsheet("cancel", "second").stdout == "Run second is cancelled.\n"
    assert callsheet("cancel", "second").stdout == "Run second was over already: cancelled.\n"
    assert RunStore(redis).pick("job") is None


def test_a_run_is_followed_until_it_is_over(callsheet: Command, redis: Redis) -> None:
    runs = RunStore(redis)

    def work() -> None:
        time.sleep(0.5)
        run = runs.pick("job")
        assert run is not None
        run = run.moved(RunState.RUNNING)
        runs.save(replace(run, progress=Progress(Phase.READING, 50, 120)), "job")
        time.sleep(0.7)
        finish(redis, run.moved(RunState.SUCCEEDED, counts=Counts(rows_added=120)), "job")

    worker = threading.Thread(target=work)
    worker.start()
    watched = callsheet("watch", "second")
    worker.join()

    assert watched.exit_code == 0
    assert watched.stdout.splitlines() == [
        "queued",
        "running · reading · 50 of 120 rows",
        "succeeded · 120 added, 0 updated",
    ]
    failed = callsheet("watch", "first", "--json")
    assert failed.exit_code == 1
    lines: list[Any] = [json.loads(line) for line in failed.stdout.splitlines()]
    assert [line["state"] for line in lines] == ["failed"]


def test_the_sums_of_all_runs_are_shown_also_of_those_that_are_forgotten(
    callsheet: Command, redis: Redis
) -> None:
    runs = RunStore(redis)
    ended(redis, a_run(id="second"), counts=Counts(rows_received=1200, rows_added=1000))
    redis.delete("callsheet:run:first")

    shown = callsheet("totals", "--spreadsheet", "sheet-1").stdout.splitlines()
    (sums,) = json.loads(callsheet("totals", "--spreadsheet", "sheet-1", "--json").stdout)["flows"]

    assert shown[0].split()[:4] == ["FLOW", "RUNS", "SUCCEEDED", "FAILED"]
    assert " ".join(shown[1].split()) == "calls 2 1 1 0 0 1,200 1,000 0 0 0 0 0"
    assert (sums["name"], sums["runs"], sums["rows_received"]) == ("calls", 2, 1200)
    assert [run.id for run in runs.of_flow("flow-1")] == ["second"]
    assert "No data flows" in callsheet("totals", "--spreadsheet", "other").stdout
