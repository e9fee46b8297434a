"""Flow keys, webhooks, and who hears of notices: through the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from redis import Redis
from werkzeug.test import TestResponse

from backend.auth import FLOW_KEY_CALLS_PER_MINUTE
from backend.services import Services
from callsheet.notice import stale_notice
from callsheet.run import Trigger
from callsheet.settings import Settings
from tests.builders import ended
from tests.integration.test_backend.conftest import Sidebar

pytestmark = pytest.mark.integration


def _call(app: Flask, flow_id: str, key: str) -> TestResponse:
    headers = {"Authorization": f"Bearer {key}"}
    return app.test_client().post(f"/api/v1/flows/{flow_id}/runs", headers=headers)


def _end(services: Services, run_id: str) -> None:
    run = services.runs.find(run_id)
    assert run is not None
    ended(services.redis, run, ended_at=services.clock.now())


def test_a_program_starts_the_flow_with_its_key_and_gets_the_active_run_meanwhile(
    app: Flask, services: Services, importer: Callable[[], Any]
) -> None:
    sidebar, flow_id, _ = importer()
    made = sidebar("PUT", f"/flows/{flow_id}/key")
    key = made.json["key"]

    first, second = _call(app, flow_id, key), _call(app, flow_id, key)

    assert made.status_code == 201
    assert made.json["url"] == f"https://callsheet.example.com/api/v1/flows/{flow_id}/runs"
    assert (first.status_code, second.status_code) == (202, 200)
    assert first.json["id"] == second.json["id"]
    assert first.json["trigger"] == Trigger.API
    _end(services, first.json["id"])
    assert _call(app, flow_id, key).status_code == 202


def test_a_wrong_key_and_an_unknown_flow_cannot_be_told_apart(
    app: Flask, importer: Callable[[], Any]
) -> None:
    sidebar, flow_id, _ = importer()
    without_key = _call(app, flow_id, "csk_wrong")
    key = sidebar("PUT", f"/flows/{flow_id}/key").json["key"]

    answers = [
        without_key,
        _call(app, flow_id, "csk_wrong"),
        _call(app, "no-such-flow", key),
        _call(app, "no-such-flow", "csk_"),
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.data for answer in answers}) == 1
    assert len({str(answer.headers) for answer in answers}) == 1


def test_a_new_key_ends_the_former_one_and_a_revoked_key_opens_nothing(
    app: Flask, importer: Callable[[], Any]
) -> None:
    sidebar, flow_id, _ = importer()
    former = sidebar("PUT", f"/flows/{flow_id}/key").json["key"]
    key = sidebar("PUT", f"/flows/{flow_id}/key").json["key"]

    assert _call(app, flow_id, former).status_code == 404
    assert _call(app, flow_id, key).status_code == 202
    assert sidebar("DELETE", f"/flows/{flow_id}/key").status_code == 204
    assert _call(app, flow_id, key).status_code == 404
    assert sidebar("GET", f"/flows/{flow_id}/outside").json["key_created_at"] is None


def test_a_key_opens_its_flow_and_nothing_else(app: Flask, importer: Callable[[], Any]) -> None:
    sidebar, flow_id, run_id = importer()
    key = sidebar("PUT", f"/flows/{flow_id}/key").json["key"]
    program = Sidebar(app, {"Authorization": f"Bearer {key}"})

    for method, path in (
        ("GET", "/overview"),
        ("GET", f"/runs/{run_id}"),
        ("GET", f"/flows/{flow_id}/outside"),
        ("PATCH", f"/flows/{flow_id}"),
        ("DELETE", f"/flows/{flow_id}"),
        ("PUT", f"/flows/{flow_id}/key"),
    ):
        assert program(method, path).status_code == 401, path


def test_a_key_is_good_for_ten_calls_a_minute(app: Flask, importer: Callable[[], Any]) -> None:
    sidebar, flow_id, _ = importer()
    key = sidebar("PUT", f"/flows/{flow_id}/key").json["key"]

    statuses = [_call(app, flow_id, key).status_code for _ in range(FLOW_KEY_CALLS_PER_MINUTE + 1)]

    assert statuses == [202, *[200] * (FLOW_KEY_CALLS_PER_MINUTE - 1), 429]
    refused = _call(app, flow_id, key)
    assert refused.json["error"]["code"] == "too_many_requests"
    assert refused.headers["Retry-After"] == "60"


def test_keys_secrets_and_addresses_do_not_stand_readable_in_redis(
    services: Services, importer: Callable[[], Any]
) -> None:
    sidebar, flow_id, _ = importer()
    key = sidebar("PUT", f"/flows/{flow_id}/key").json["key"]
    hook = sidebar("PUT", f"/flows/{flow_id}/webhook", {"url": "https://a.example/hidden"}).json
    sidebar("PATCH", "/notice-settings", {"slack_url": "https://slack.example/concealed"})

    stored = _everything(services.redis)

    for secret in (key, key.removeprefix("csk_"), hook["secret"], "hidden", "concealed"):
        assert secret not in stored


def _everything(redis: Redis) -> str:
    found = []
    for name in redis.scan_iter():
        kind = redis.type(name)
        if kind == b"string":
            found.append(redis.get(name))
        elif kind == b"hash":
            found.append(redis.hgetall(name))
        elif kind == b"list":
            found.append(redis.lrange(name, 0, -1))
    return repr(found)


def test_a_webhook_is_made_shown_without_its_secrets_and_removed(
    importer: Callable[[], Any],
) -> None:
    sidebar, flow_id, _ = importer()
    path = f"/flows/{flow_id}/webhook"

    made = sidebar("PUT", path, {"url": "https://hooks.example.com/t/secret-path"})
    shown = sidebar("GET", f"/flows/{flow_id}/outside")

    assert made.status_code == 201
    assert made.json["secret"].startswith("csw_")
    assert shown.json["webhook"]["host"] == "hooks.example.com"
    assert shown.json["webhook"]["attempts"] == []
    assert made.json["secret"] not in shown.text
    assert "secret-path" not in shown.text
    assert sidebar("DELETE", path).status_code == 204
    assert sidebar("GET", f"/flows/{flow_id}/outside").json["webhook"] is None


@pytest.mark.parametrize(
    "url", ["http://hooks.example.com/", "http://127.0.0.1/", "https://u:p@a.example/", "", "x"]
)
def test_an_address_that_we_must_not_call_is_refused_at_once(
    importer: Callable[[], Any], url: str
) -> None:
    sidebar, flow_id, _ = importer()

    for answer in (
        sidebar("PUT", f"/flows/{flow_id}/webhook", {"url": url}),
        sidebar("PATCH", "/notice-settings", {"slack_url": url or "x"}),
    ):
        assert answer.status_code == 422
        assert answer.json["error"]["code"] == "address_refused"


def test_what_belongs_to_another_spreadsheet_is_not_there(
    importer: Callable[[], Any], editor: Callable[..., Sidebar]
) -> None:
    _, flow_id, _ = importer()
    other = editor(body={"spreadsheet_id": "sheet-2"})

    for method, path in (
        ("GET", "outside"),
        ("PUT", "key"),
        ("DELETE", "key"),
        ("DELETE", "webhook"),
    ):
        assert other(method, f"/flows/{flow_id}/{path}").status_code == 404
    body = {"url": "https://hooks.example.com/"}
    assert other("PUT", f"/flows/{flow_id}/webhook", body).status_code == 404


def test_who_hears_of_notices_is_chosen_and_an_email_goes_to_oneself_only(
    editor: Callable[..., Sidebar], services: Services, settings: Settings
) -> None:
    sidebar = editor()
    nobody = {"can_email": False, "email_me": False, "others": 0, "has_slack": False}

    assert sidebar("GET", "/notice-settings").json == {**nobody, "digest": False}
    refused = sidebar("PATCH", "/notice-settings", {"email": "somebody@else.example"})
    assert refused.status_code == 400
    slack = "https://hooks.slack.example/services/x"
    changed = sidebar(
        "PATCH", "/notice-settings", {"email_me": True, "slack_url": slack, "digest": True}
    )

    assert changed.json == {
        "can_email": False,
        "email_me": True,
        "others": 0,
        "has_slack": True,
        "digest": True,
    }
    subscriptions = services.outside.subscriptions
    assert subscriptions.get("sheet-1").emails == {"1001": "ada@example.com"}
    assert subscriptions.slack_url("sheet-1") == slack
    services.clock.sleep(25 * 3600)
    assert subscriptions.due_digests(services.clock.now()) == ["sheet-1"]


def test_notices_come_with_the_overview_and_can_be_dismissed(
    importer: Callable[[], Any], services: Services
) -> None:
    sidebar, flow_id, _ = importer()
    services.outside.notices.open(
        stale_notice("sheet-1", flow_id, "Aircall – Calls", services.clock.now())
    )

    shown = sidebar("GET", "/overview").json["notices"]
    assert [(one["flow_id"], one["kind"]) for one in shown] == [(flow_id, "stale")]
    assert sidebar("DELETE", f"/notices/{flow_id}").status_code == 204
    assert [one["is_dismissed"] for one in sidebar("GET", "/overview").json["notices"]] == [True]
    assert sidebar("DELETE", "/notices/no-such-flow").status_code == 204
