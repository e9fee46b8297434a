"""Headers, health, and errors that tell nothing they should not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from backend.app import create_app
from callsheet.redis_server import EmbeddedRedis

pytestmark = pytest.mark.integration


def test_the_page_may_be_framed_by_google_and_by_the_settings_only(app: Any) -> None:
    page = app.test_client().get("/sidebar")

    assert page.status_code == 200
    policy = dict(
        part.strip().split(" ", 1) for part in page.headers["Content-Security-Policy"].split(";")
    )
    assert policy["frame-ancestors"].split() == [
        "https://docs.google.com",
        "https://*.googleusercontent.com",
        "https://script.google.com",
        "http://127.0.0.1:8000",
    ]
    assert policy["script-src"] == "'self'"
    assert policy["default-src"] == "'none'"
    assert "X-Frame-Options" not in page.headers
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "max-age" in page.headers["Strict-Transport-Security"]


def test_answers_of_the_api_are_kept_nowhere(app: Any, newcomer: Any) -> None:
    assert newcomer()("GET", "/overview").headers["Cache-Control"] == "no-store"
    assert app.test_client().get("/api/v1/overview").headers["Cache-Control"] == "no-store"


def test_hsts_is_left_out_on_plain_http(settings: Any, make_services: Any) -> None:
    local = settings.model_copy(update={"public_url": "http://127.0.0.1:8000"})

    page = create_app(local, make_services(local)).test_client().get("/healthz")

    assert "Strict-Transport-Security" not in page.headers


def test_health_needs_no_session(app: Any) -> None:
    assert app.test_client().get("/healthz").json == {"status": "ok"}
    assert app.test_client().get("/readyz").json["error"]["code"] == "not_ready"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nothing", 404), ("GET", "/api/v1/nothing", 404), ("POST", "/healthz", 405)],
)
def test_what_flask_refuses_has_the_same_shape(
    app: Any, method: str, path: str, status: int
) -> None:
    answer = app.test_client().open(path, method=method)

    assert answer.status_code == status
    assert set(answer.json["error"]) == {"code", "message", "recovery"}


def test_a_large_body_is_refused(editor: Any) -> None:
    answer = editor()("POST", "/flows", {"entity": "x" * 100_000})

    assert answer.status_code == 413
    assert "too large" in answer.json["error"]["message"]


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"\xff{}", "application/json", 400),
        (b"null", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"[" * 30_000, "application/json", 400),
        (b'{"email_me": ' + b"9" * 5_000 + b"}", "application/json", 400),
        (b"email_me=true", "application/x-www-form-urlencoded", 415),
        (b'{"email_me": true}', "text/plain", 415),
        (b'{"email_me": true}', "", 415),
    ],
)
def test_a_body_that_is_no_json_object_is_refused_and_changes_nothing(
    editor: Any, body: bytes, kind: str, status: int
) -> None:
    sidebar = editor()

    answer = sidebar.app.test_client().patch(
        "/api/v1/notice-settings", data=body, headers=sidebar.headers, content_type=kind
    )

    assert answer.status_code == status
    assert answer.json["error"]["recovery"] == "fix_by_user"
    assert "JSON" in answer.json["error"]["message"] or "nested" in answer.json["error"]["message"]
    assert sidebar("GET", "/notice-settings").json["email_me"] is False


def test_a_deeply_nested_body_is_refused_before_anybody_has_signed_in(app: Any) -> None:
    answer = app.test_client().post(
        "/api/v1/sessions", data=b"[" * 30_000, content_type="application/json"
    )

    assert answer.status_code == 400


def test_without_redis_the_answer_is_503(settings: Any, make_services: Any, newcomer: Any) -> None:
    away = settings.model_copy(update={"redis_url": "unix:///nowhere/redis.sock"})
    sidebar = newcomer()
    sidebar.app = create_app(away, make_services(away))

    for answer in (sidebar("GET", "/overview"), sidebar.app.test_client().get("/readyz")):
        assert answer.status_code == 503
        assert answer.json["error"]["code"] == "store_unavailable"
        assert answer.json["error"]["recovery"] == "retry_later"
    assert sidebar.app.test_client().get("/healthz").status_code == 200


def test_when_redis_comes_back_the_web_goes_on_by_itself(
    settings: Any, make_services: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("away")
    with EmbeddedRedis(folder) as server:
        own = settings.model_copy(update={"redis_url": server.url})
        services = make_services(own)
        client = create_app(own, services).test_client()
        session, _ = services.sessions.issue("1001", "ada@example.com", "sheet-1", "", "Etc/UTC")
        bearer = {"Authorization": f"Bearer {session}"}
        assert client.post("/api/v1/edit-proofs", headers=bearer).status_code == 201

    away = client.post("/api/v1/edit-proofs", headers=bearer)
    with EmbeddedRedis(folder):
        again = client.post("/api/v1/edit-proofs", headers=bearer)

    assert (away.status_code, again.status_code) == (503, 201)
    assert away.json["error"]["recovery"] == "retry_later"


def test_an_unknown_exception_tells_nothing(settings: Any, services: Any, editor: Any) -> None:
    class Evil(Exception):
        """An exception of somebody else, with text that must not get out."""

        code = "leak"
        user_message = "leak"
        description = "leak"

    def check(_key: object) -> Any:
        raise Evil("leak")

    sidebar = editor()
    sidebar.app = create_app(settings, replace(services, check_key=check))

    answer = sidebar("POST", "/connections", {"api_id": "a", "api_token": "b"})

    assert answer.status_code == 500
    assert answer.json["error"]["code"] == "internal_error"
    assert b"leak" not in answer.data
