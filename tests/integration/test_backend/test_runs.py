"""Runs over the API: listed with their sums, cancelled, followed live."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from rq import Queue
from rq.serializers import JSONSerializer

from backend.following import MOST_FOLLOWERS
from callsheet.enqueue import QUEUE_OUTGOING, new_run, tokens
from callsheet.run import Counts, Phase, Progress, QueueName, Run, RunState, Trigger
from callsheet.store import keys
from callsheet.store.counters import RUNS, Counters
from callsheet.store.deliveries import DeliveryStore
from tests.builders import ended

pytestmark = pytest.mark.integration


@pytest.fixture
def started(importer: Any, services: Any) -> tuple[Any, str, Run]:
    """A sidebar, its flow, and a run that waits in the queue."""
    sidebar, flow_id, _ = importer()
    answer = sidebar("POST", f"/flows/{flow_id}/runs")
    return sidebar, flow_id, services.runs.find(answer.json["id"])


def running(services: Any) -> Run:
    run: Run = services.runs.pick("job").moved(RunState.RUNNING)
    services.runs.save(run, "job")
    return run


def events(answer: Any) -> list[dict[str, Any]]:
    blocks = answer.get_data(as_text=True).split("\n\n")
    return [json.loads(b.split("data: ", 1)[1]) for b in blocks if b.startswith("event: run")]


def test_a_waiting_run_is_cancelled_at_once(started: Any, services: Any) -> None:
    sidebar, flow_id, run = started

    cancelled = sidebar("POST", f"/runs/{run.id}/cancel")

    assert (cancelled.status_code, cancelled.json["state"]) == (200, "cancelled")
    assert services.runs.pick("job") is None
    again = sidebar("POST", f"/runs/{run.id}/cancel")
    assert (again.status_code, again.json["state"]) == (200, "cancelled")
    assert sidebar("POST", f"/flows/{flow_id}/runs").status_code == 202


def test_a_run_that_is_cancelled_before_it_began_is_counted_and_posted(
    started: Any, services: Any
) -> None:
    sidebar, flow_id, run = started
    url = {"url": "https://hook.example.com/x"}
    assert sidebar("PUT", f"/flows/{flow_id}/webhook", url).status_code in (200, 201)

    for _ in range(2):
        sidebar("POST", f"/runs/{run.id}/cancel")

    (delivery_id,) = services.redis.zrange(keys.DELIVERIES, 0, -1)
    delivery = DeliveryStore(services.redis).find(delivery_id.decode())
    posted = json.loads(delivery.text)
    assert (posted["id"], posted["state"]) == (run.id, "cancelled")
    assert posted["ended_at"] is not None
    queue = Queue(QUEUE_OUTGOING, connection=services.redis, serializer=JSONSerializer)
    assert [job.args for job in queue.jobs] == [[delivery_id.decode(), 1]]
    counted = Counters(services.redis).read()
    assert counted[RUNS, "cancelled", "calls", "manual"] == 1
    assert services.runs.totals(flow_id).cancelled == 1


def test_a_click_hurries_a_run_that_began_by_itself(started: Any, services: Any) -> None:
    sidebar, flow_id, run = started
    sidebar("POST", f"/runs/{run.id}/cancel")
    flow = services.flows.get(run.spreadsheet_id, flow_id)
    slot, _ = services.runs.start(new_run(flow, Trigger.SCHEDULE, services.clock.now()))
    Queue("now", connection=services.redis, serializer=JSONSerializer).empty()

    first = sidebar("POST", f"/flows/{flow_id}/runs")
    second = sidebar("POST", f"/flows/{flow_id}/runs")

    assert (first.status_code, first.json["id"]) == (200, slot.id)
    assert (first.json["queue"], first.json["trigger"]) == ("now", "manual")
    assert second.json == first.json
    assert tokens(services.redis, QueueName.NOW) == 1, "one more job, not one a click"
    assert services.runs.pick("job").queue is QueueName.NOW


def test_a_running_run_is_asked_to_stop(started: Any, services: Any) -> None:
    sidebar, _, run = started
    running(services)

    asked = sidebar("POST", f"/runs/{run.id}/cancel")

    assert (asked.status_code, asked.json["state"]) == (202, "running")
    assert services.runs.pulse(run, "job").name == "CANCELLED"


def test_a_run_of_another_spreadsheet_cannot_be_cancelled_or_followed(
    started: Any, editor: Any, services: Any
) -> None:
    _, flow_id, run = started
    stranger = editor(body={"spreadsheet_id": "sheet-2"})

    assert stranger("POST", f"/runs/{run.id}/cancel").status_code == 404
    assert stranger("GET", f"/runs/{run.id}/events").status_code == 404
    assert stranger("GET", f"/flows/{flow_id}/runs").status_code == 404
    assert services.runs.find(run.id).state is RunState.QUEUED


def test_the_runs_of_a_flow_are_listed_with_their_sums(started: Any, services: Any) -> None:
    sidebar, flow_id, run = started
    ended(services.redis, run, counts=Counts(rows_received=7, rows_added=5))

    listed = sidebar("GET", f"/flows/{flow_id}/runs").json
    newest = sidebar("GET", f"/flows/{flow_id}/runs?limit=1").json

    assert [one["state"] for one in listed["runs"]] == ["succeeded", "succeeded"]
    assert [one["id"] for one in newest["runs"]] == [run.id]
    assert (listed["totals"]["runs"], listed["totals"]["rows_added"]) == (2, 5)
    assert sidebar("GET", f"/flows/{flow_id}/runs?limit=0").status_code == 400
    assert sidebar("GET", f"/flows/{flow_id}/runs?limit=101").status_code == 400


def test_a_run_that_is_over_is_one_event(started: Any, services: Any) -> None:
    sidebar, _, run = started
    ended(services.redis, run)

    answer = sidebar("GET", f"/runs/{run.id}/events")

    assert answer.content_type.startswith("text/event-stream")
    assert answer.headers["Cache-Control"] == "no-store"
    assert [event["state"] for event in events(answer)] == ["succeeded"]


def test_each_change_is_an_event_and_the_last_ends_the_stream(
    started: Any, services: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sidebar, _, _ = started
    run = running(services)
    steps = iter(
        [
            lambda: services.runs.save(
                replace(run, progress=Progress(Phase.READING, 50, 120)), "job"
            ),
            lambda: None,
            lambda: ended(services.redis, run),
        ]
    )
    monkeypatch.setattr(services.clock, "sleep", lambda _seconds: next(steps)())

    told = events(sidebar("GET", f"/runs/{run.id}/events"))

    assert [(one["state"], one["progress"]["rows_received"]) for one in told] == [
        ("running", 0),
        ("running", 50),
        ("succeeded", 0),
    ]


def test_a_stream_ends_by_itself_after_a_while_with_signs_of_life(started: Any) -> None:
    sidebar, _, run = started

    answer = sidebar("GET", f"/runs/{run.id}/events")

    text = answer.get_data(as_text=True)
    assert [event["state"] for event in events(answer)] == ["queued"]
    assert text.count(": still there") == 2


def test_only_so_many_may_follow_at_once(started: Any, services: Any) -> None:
    sidebar, _, run = started
    address = f"/api/v1/runs/{run.id}/events"
    client = sidebar.app.test_client()
    following = [
        client.get(address, headers=sidebar.headers, buffered=False) for _ in range(MOST_FOLLOWERS)
    ]

    refused = sidebar("GET", f"/runs/{run.id}/events")
    first = next(iter(following[0].response))
    following[0].close()
    again = sidebar("GET", f"/runs/{run.id}/events")

    assert refused.status_code == 503
    assert refused.json["error"]["code"] == "too_many_follow"
    assert again.status_code == 200
    assert json.loads(first.decode().split("data: ", 1)[1])["id"] == run.id, "before the end"
    for one in following[1:]:
        one.close()


def test_an_undo_is_a_run_that_waits_for_no_other(started: Any, services: Any) -> None:
    sidebar, flow_id, run = started

    refused = sidebar("POST", f"/flows/{flow_id}/undo")
    sidebar("POST", f"/runs/{run.id}/cancel")
    undo = sidebar("POST", f"/flows/{flow_id}/undo")
    twice = sidebar("POST", f"/flows/{flow_id}/undo")

    assert (refused.status_code, refused.json["error"]["code"]) == (400, "invalid_request")
    assert (undo.status_code, undo.json["trigger"], undo.json["queue"]) == (202, "undo", "now")
    assert twice.json["id"] == undo.json["id"]
    assert services.runs.pick("job").id == undo.json["id"]
    assert sidebar("POST", "/flows/other/undo").status_code == 404
