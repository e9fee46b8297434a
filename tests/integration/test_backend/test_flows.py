"""Data flows and runs: one per entity, one active run, dates checked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from rq import Queue
from rq.serializers import JSONSerializer

from callsheet.run import Counts, Phase, Progress, RunError, RunState
from tests.builders import ended

pytestmark = pytest.mark.integration

RHYTHMLESS = {"entity": "calls", "since": "2026-01-01", "schedule": {"cadence": "often"}}
GOOD = {"api_id": "good-id", "api_token": "good-token-1234567890"}


@pytest.fixture
def sidebar(editor: Any) -> Any:
    connected = editor()
    connected("POST", "/connections", GOOD)
    return connected


@pytest.fixture
def today(services: Any) -> str:
    return services.clock.now().date().isoformat()


def queued(services: Any) -> list[Any]:
    return Queue("now", connection=services.redis, serializer=JSONSerializer).get_jobs()


def test_an_import_makes_a_flow_and_queues_a_run(sidebar: Any, services: Any, today: str) -> None:
    started = sidebar("POST", "/flows", {"entity": "calls", "since": today})

    assert started.status_code == 202
    flow, run = started.json["flow"], started.json["run"]
    assert flow["label"] == "Aircall – Calls"
    assert flow["since"] == today
    assert flow["tab"] is None
    assert flow["active_run"]["id"] == run["id"]
    assert run["state"] == "queued"
    assert started.json["warnings"] == []
    (job,) = queued(services)
    assert (job.func_name, list(job.args)) == ("worker.jobs.next_slice", [])
    assert services.runs.pick("job").id == run["id"]


def test_a_second_import_of_the_entity_changes_the_flow(
    sidebar: Any, services: Any, today: str
) -> None:
    first = sidebar("POST", "/flows", {"entity": "calls", "since": today}).json
    run = services.runs.find(first["run"]["id"])
    ended(services.redis, run)
    services.flows.change(
        "sheet-1", first["flow"]["id"], lambda f: replace(f, bookmark=services.clock.now())
    )
    earlier = (services.clock.now() - timedelta(days=7)).date().isoformat()

    second = sidebar(
        "POST", "/flows", {"entity": "calls", "since": earlier, "schedule": {"cadence": "daily"}}
    ).json

    assert second["flow"]["id"] == first["flow"]["id"]
    assert second["run"]["id"] != first["run"]["id"]
    assert second["flow"]["since"] == earlier
    assert second["flow"]["schedule"]["cadence"] == "daily"
    saved = services.flows.get("sheet-1", first["flow"]["id"])
    assert saved.bookmark is None, "else the earlier days would never be read"
    assert len(sidebar("GET", "/overview").json["flows"]) == 1


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"entity": "calls"}, "Choose a start date"),
        ({"entity": "calls", "since": "yesterday"}, "not a date"),
        ({"entity": "calls", "since": "2026-02-30"}, "not a date"),
        ({"entity": "calls", "since": "2999-01-01"}, "in the future"),
        ({"entity": "faxes", "since": "2026-01-01"}, "does not import “faxes”"),
        (RHYTHMLESS, "refresh rhythm"),
        ({"since": "2026-01-01"}, "entity is missing"),
    ],
)
def test_bad_input_starts_nothing(sidebar: Any, services: Any, body: Any, sentence: str) -> None:
    refused = sidebar("POST", "/flows", body)

    assert refused.status_code == 400
    assert sentence in refused.json["error"]["message"]
    assert services.flows.of_spreadsheet("sheet-1") == []
    assert queued(services) == []


def test_a_start_before_aircalls_six_months_is_allowed_with_a_warning(
    sidebar: Any, services: Any
) -> None:
    long_ago = (services.clock.now() - timedelta(days=400)).date().isoformat()

    started = sidebar("POST", "/flows", {"entity": "calls", "since": long_ago})

    assert started.status_code == 202
    (warning,) = started.json["warnings"]
    assert "six months" in warning


def test_the_earliest_start_that_is_offered_loses_nothing(sidebar: Any) -> None:
    (calls,) = (e for e in sidebar("GET", "/overview").json["entities"] if e["name"] == "calls")

    started = sidebar("POST", "/flows", {"entity": "calls", "since": calls["earliest_since"]})

    assert started.json["warnings"] == []


def test_an_import_without_a_connection_says_to_connect(editor: Any, today: str) -> None:
    refused = editor()("POST", "/flows", {"entity": "calls", "since": today})

    assert refused.status_code == 404
    assert refused.json["error"]["message"] == "Connect to Aircall first."


def test_refresh_starts_one_run_at_a_time(importer: Any, services: Any) -> None:
    sidebar, flow_id, _ = importer()

    first = sidebar("POST", f"/flows/{flow_id}/runs")
    second = sidebar("POST", f"/flows/{flow_id}/runs")

    assert first.status_code == 202
    assert second.status_code == 200
    assert first.json["id"] == second.json["id"]


def test_refresh_wakes_a_flow_that_waits_for_a_person(importer: Any, services: Any) -> None:
    sidebar, flow_id, _ = importer()
    services.flows.change(
        "sheet-1",
        flow_id,
        lambda f: replace(f, paused_because="Fix it.", next_run_at=None, failures=3),
    )

    sidebar("POST", f"/flows/{flow_id}/runs")

    flow = services.flows.get("sheet-1", flow_id)
    assert flow.paused_because is None
    assert flow.failures == 0
    assert flow.next_run_at is not None


def test_rhythm_and_start_can_be_changed(importer: Any, services: Any) -> None:
    sidebar, flow_id, _ = importer()
    earlier = (services.clock.now() - timedelta(days=90)).date().isoformat()

    off = sidebar("PATCH", f"/flows/{flow_id}", {"schedule": {"cadence": "off"}}).json
    body = {"schedule": {"cadence": "weekly"}, "since": earlier}
    weekly = sidebar("PATCH", f"/flows/{flow_id}", body).json
    refused = sidebar("PATCH", f"/flows/{flow_id}", {"since": "soon"})

    assert off["flow"]["next_run_at"] is None
    assert weekly["flow"]["next_run_at"] is not None
    assert weekly["flow"]["since"] == earlier
    assert refused.status_code == 400


def test_a_removed_flow_is_gone_and_comes_back_with_the_same_id(importer: Any, today: str) -> None:
    """The tab carries the flow's id: importing again goes on in the same tab."""
    sidebar, flow_id, _ = importer()

    assert sidebar("DELETE", f"/flows/{flow_id}").status_code == 204
    assert sidebar("GET", "/overview").json["flows"] == []
    assert sidebar("DELETE", f"/flows/{flow_id}").status_code == 404

    again = sidebar("POST", "/flows", {"entity": "calls", "since": today}).json
    assert again["flow"]["id"] == flow_id


def test_a_run_shows_progress_then_counts_or_the_error(importer: Any, services: Any) -> None:
    sidebar, flow_id, _ = importer()
    run_id = sidebar("POST", f"/flows/{flow_id}/runs").json["id"]

    run = replace(services.runs.pick("job"), state=RunState.RUNNING)
    services.runs.save(replace(run, progress=Progress(Phase.READING, 50, 120)), "job")
    running = sidebar("GET", f"/runs/{run_id}").json
    error = RunError("no_edit_access", "Share it.", "fix_by_user")
    ended(services.redis, run, RunState.FAILED, counts=Counts(50, 40, 5, 5), error=error)
    failed = sidebar("GET", f"/runs/{run_id}").json

    assert running["progress"]["phase"] == "reading"
    assert running["progress"]["rows_received"] == 50
    assert running["progress"]["rows_expected"] == 120
    assert running["error"] is None
    assert failed["counts"]["rows_added"] == 40
    assert failed["error"] == {
        "code": "no_edit_access",
        "message": "Share it.",
        "recovery": "fix_by_user",
    }
    flow = sidebar("GET", "/overview").json["flows"][0]
    assert flow["last_run"]["id"] == run_id
    assert flow["active_run"] is None


def test_overview_says_what_can_be_imported(sidebar: Any, services: Any) -> None:
    overview = sidebar("GET", "/overview").json

    calls = next(entity for entity in overview["entities"] if entity["name"] == "calls")
    assert calls["label"] == "Calls"
    assert calls["has_start_date"] is True
    assert calls["default_since"] < services.clock.now().date().isoformat()
    assert calls["earliest_since"] < calls["default_since"]
    assert {cadence["name"] for cadence in overview["cadences"]} >= {"off", "hourly", "daily"}
    assert overview["session_expires_at"] > services.clock.now().isoformat()[:19]
