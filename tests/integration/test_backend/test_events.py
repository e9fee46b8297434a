"""Events posted to a flow's address: gathered into few runs, none forgotten, nothing kept of them.

Through the API with a real Redis; test_event_processes.py has the processes.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from backend.app import MAX_BODY_BYTES
from backend.services import Services
from callsheet.run import QueueName, Run, RunState, Trigger
from tests.builders import a_run, ended

pytestmark = pytest.mark.integration

APART = timedelta(minutes=5)
CALL_ENDED = {
    "resource": "call",
    "event": "call.ended",
    "data": {"raw_digits": "+33 1 23 45 67 89"},
}


@pytest.fixture
def place(importer: Callable[[], Any], services: Services) -> tuple[Any, str]:
    """A sidebar and the address for events of its flow, whose first run ended long ago."""
    sidebar, flow_id, _ = importer()
    services.clock.sleep(600)
    made = sidebar("PUT", f"/flows/{flow_id}/event-address")
    assert made.status_code == 201, made.json
    return sidebar, made.json["url"]


@pytest.fixture
def post(app: Flask, place: tuple[Any, str]) -> Callable[..., TestResponse]:
    """Post an event as Aircall does: a body, no header of ours."""
    path = urlsplit(place[1]).path
    return lambda **more: app.test_client().post(path, **(more or {"json": CALL_ENDED}))


def _flow_id(place: tuple[Any, str]) -> str:
    return place[1].split("/")[-2]


def _runs(services: Services, place: tuple[Any, str]) -> list[Run]:
    """Return the flow's runs but the first import, newest first."""
    return [run for run in services.runs.of_flow(_flow_id(place)) if run.trigger != Trigger.MANUAL]


def _begin(services: Services) -> Run:
    """Begin the run whose turn it is, as a worker does."""
    run = services.runs.pick("job")
    assert run is not None
    run = run.moved(RunState.RUNNING, started_at=services.clock.now())
    services.runs.save(run, "job")
    return run


def test_the_first_event_starts_a_run_at_once(
    post: Any, services: Services, place: tuple[Any, str]
) -> None:
    answer = post()

    (run,) = _runs(services, place)
    assert (answer.status_code, answer.json) == (202, {"outcome": "started", "starts_at": None})
    assert (run.trigger, run.state) == (Trigger.WEBHOOK, RunState.QUEUED)
    assert run.queue is QueueName.BACKFILL, "nobody waits for it, and it is the first to read"


def test_events_by_the_hundred_are_one_run(
    post: Any, services: Services, place: tuple[Any, str]
) -> None:
    with ThreadPoolExecutor(8) as callers:
        answers = list(callers.map(lambda _: post(), range(60)))

    assert sorted({answer.status_code for answer in answers}) == [200, 202]
    assert [answer.json["outcome"] for answer in answers].count("started") == 1
    assert len(_runs(services, place)) == 1


def test_an_event_soon_after_a_run_waits_until_five_minutes_have_passed_since_it_began(
    post: Any, services: Services, place: tuple[Any, str]
) -> None:
    post()
    began = services.clock.now()
    ended(services.redis, _begin(services))
    services.clock.sleep(60)

    first, second = post(), post()

    waiting, _ = _runs(services, place)
    assert {first.status_code, second.status_code} == {200}
    assert first.json == second.json
    assert first.json["outcome"] == "gathered"
    assert datetime.fromisoformat(first.json["starts_at"]) == began + APART
    assert (waiting.state, waiting.resume_at) == (RunState.WAITING, began + APART)
    assert services.runs.pick("job") is None, "it is not in its queue yet"
    assert services.runs.wake().next_in == pytest.approx(240, abs=5)


def test_an_event_while_a_run_is_going_on_is_followed_by_exactly_one_more(
    post: Any, services: Services, place: tuple[Any, str]
) -> None:
    post()
    running = _begin(services)
    services.clock.sleep(30)

    outcomes = {post().json["outcome"] for _ in range(20)}
    before = _runs(services, place)
    ended(services.redis, running)

    follower, former = _runs(services, place)
    assert outcomes == {"follows"}
    assert [run.id for run in before] == [running.id]
    assert former.id == running.id
    assert (follower.trigger, follower.state) == (Trigger.WEBHOOK, RunState.WAITING)
    assert follower.resume_at == running.started_at + APART
    assert post().json["outcome"] == "gathered"
    ended(services.redis, follower)
    assert [run.id for run in _runs(services, place)] == [follower.id, running.id]


def test_a_run_that_waits_in_the_middle_is_followed_too(
    post: Any, services: Services, place: tuple[Any, str]
) -> None:
    post()
    running = _begin(services)
    parked = running.moved(RunState.WAITING, resume_at=services.clock.now() + APART)
    services.runs.park(parked, "job", 300)
    services.clock.sleep(1)

    heard = post().json["outcome"]
    place[0]("POST", f"/runs/{running.id}/cancel")

    assert heard == "follows"
    assert [run.state for run in _runs(services, place)] == [RunState.WAITING, RunState.CANCELLED]


def test_a_person_who_clicks_does_not_wait_for_what_is_gathered(
    post: Any, services: Services, place: tuple[Any, str]
) -> None:
    post()
    ended(services.redis, _begin(services))
    services.clock.sleep(60)
    post()

    clicked = place[0]("POST", f"/flows/{_flow_id(place)}/runs")

    picked = services.runs.pick("job")
    assert picked is not None
    assert (clicked.status_code, clicked.json["id"]) == (200, picked.id)
    assert (clicked.json["state"], clicked.json["queue"]) == ("queued", "now")
    assert (clicked.json["trigger"], clicked.json["resume_at"]) == ("manual", None)


def test_an_event_after_a_long_run_need_not_wait(
    post: Any, services: Services, place: tuple[Any, str]
) -> None:
    post()
    running = _begin(services)
    services.clock.sleep(1800)

    heard = post()
    ended(services.redis, running)

    assert datetime.fromisoformat(heard.json["starts_at"]) == services.clock.now()
    assert services.runs.wake().queues == (QueueName.BACKFILL,)
    follower = services.runs.pick("job")
    assert follower is not None
    assert follower.id == _runs(services, place)[0].id


def test_a_scheduled_run_may_use_older_pages_so_one_follows_it(
    post: Any, services: Services, place: tuple[Any, str]
) -> None:
    slot = a_run(
        id="slot",
        flow_id=_flow_id(place),
        trigger=Trigger.SCHEDULE,
        created_at=services.clock.now(),
    )
    services.runs.start(slot)
    services.clock.sleep(1)

    heard = post().json["outcome"]
    ended(services.redis, slot)

    assert heard == "follows"
    assert [run.trigger for run in _runs(services, place)] == [Trigger.WEBHOOK, Trigger.SCHEDULE]


@pytest.mark.parametrize("ends", [RunState.FAILED, RunState.CANCELLED, RunState.LOST])
def test_however_a_run_ends_what_is_to_follow_it_follows(
    post: Any, services: Services, place: tuple[Any, str], ends: RunState
) -> None:
    post()
    running = _begin(services)
    services.clock.sleep(1)
    post()

    ended(services.redis, running, ends)

    assert _runs(services, place)[0].state is RunState.WAITING


def test_a_paused_flow_rests_whoever_has_paused_it(
    post: Any, services: Services, place: tuple[Any, str]
) -> None:
    sidebar, _ = place
    sidebar("POST", f"/flows/{_flow_id(place)}/pause")
    by_person = post()
    sidebar("POST", f"/flows/{_flow_id(place)}/resume")
    services.flows.change(
        "sheet-1", _flow_id(place), lambda flow: replace(flow, paused_because="Do something.")
    )
    by_error = post()

    assert {by_person.status_code, by_error.status_code} == {200}, "Aircall need not give up"
    assert by_person.json == by_error.json == {"outcome": "rests", "starts_at": None}
    assert _runs(services, place) == []
    assert services.flows.get("sheet-1", _flow_id(place)).paused_because == "Do something."


def test_a_flow_whose_last_import_is_being_taken_back_rests(
    post: Any, services: Services, place: tuple[Any, str]
) -> None:
    undo = a_run(
        id="undo", flow_id=_flow_id(place), trigger=Trigger.UNDO, created_at=services.clock.now()
    )
    services.runs.start(undo)

    heard = post().json["outcome"]
    ended(services.redis, undo)

    assert heard == "rests"
    assert [run.id for run in _runs(services, place)] == ["undo"]


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"data": b"not json", "content_type": "application/json"},
        {"data": b"a=1", "content_type": "application/x-www-form-urlencoded"},
        {"data": b"\xff" * MAX_BODY_BYTES, "content_type": "application/octet-stream"},
    ],
)
def test_any_body_is_taken(app: Flask, place: tuple[Any, str], sent: dict[str, Any]) -> None:
    answer = app.test_client().post(urlsplit(place[1]).path, **sent)

    assert answer.status_code == 202


def test_a_body_that_is_too_large_is_refused_and_starts_nothing(
    post: Any, services: Services, place: tuple[Any, str]
) -> None:
    answer = post(data=b"x" * (MAX_BODY_BYTES + 1))

    assert answer.status_code == 413
    assert answer.json["error"]["recovery"] == "fix_by_user"
    assert _runs(services, place) == []


def test_nothing_of_an_event_is_stored_or_logged(
    post: Any, services: Services, place: tuple[Any, str], caplog: pytest.LogCaptureFixture
) -> None:
    key = place[1].rsplit("/", 1)[1]
    with caplog.at_level(logging.DEBUG):
        post()

    stored = repr([services.redis.dump(name) for name in services.redis.scan_iter()])
    for private in ("+33", key, key.removeprefix("cse_")):
        assert private not in stored
        assert private not in caplog.text


def test_an_address_is_of_one_flow_and_can_be_ended(
    app: Flask, services: Services, place: tuple[Any, str]
) -> None:
    sidebar, url = place
    flow_id, key = url.split("/")[-2:]
    other = sidebar("POST", "/flows", {"entity": "users"}).json["flow"]["id"]

    def status(flow: str, key: str) -> int:
        return app.test_client().post(f"/api/v1/events/{flow}/{key}").status_code

    assert [status(other, key), status(flow_id, "cse_wrong"), status("none", key)] == [404] * 3
    start_key = sidebar("PUT", f"/flows/{flow_id}/key").json["key"]
    assert status(flow_id, start_key) == 404, "a key that starts runs belongs into a header"
    assert sidebar("GET", f"/flows/{flow_id}/outside").json["event_address_created_at"] is not None
    renewed = sidebar("PUT", f"/flows/{flow_id}/event-address").json["url"].rsplit("/", 1)[1]
    assert [status(flow_id, key), status(flow_id, renewed)] == [404, 202]
    assert sidebar("DELETE", f"/flows/{flow_id}/event-address").status_code == 204
    assert status(flow_id, renewed) == 404
    assert sidebar("GET", f"/flows/{flow_id}/outside").json["event_address_created_at"] is None


def test_the_key_of_an_address_opens_nothing_else(app: Flask, place: tuple[Any, str]) -> None:
    flow_id, key = place[1].split("/")[-2:]

    answer = app.test_client().post(
        f"/api/v1/flows/{flow_id}/runs", headers={"Authorization": f"Bearer {key}"}
    )

    assert answer.status_code == 401


def test_with_its_flow_the_address_and_what_was_to_follow_are_gone(
    app: Flask, post: Any, services: Services, place: tuple[Any, str]
) -> None:
    post()
    running = _begin(services)
    post()

    place[0]("DELETE", f"/flows/{_flow_id(place)}")
    ended(services.redis, running, RunState.CANCELLED)

    assert post().status_code == 404
    assert [run.id for run in _runs(services, place)] == [running.id]
    assert list(services.redis.scan_iter("*event-key*")) == []
