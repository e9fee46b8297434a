"""Sessions: who gets one, what it is good for, and when it ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from google.auth import crypt, jwt

from backend.app import create_app
from sandbox.identity.issuer import Issuer, Person

pytestmark = pytest.mark.integration


def test_an_identity_token_opens_a_session_bound_to_the_spreadsheet(
    open_session: Any, newcomer: Any
) -> None:
    opened = open_session(body={"spreadsheet_title": "Sales"})

    assert opened.status_code == 201
    assert set(opened.json) == {"session", "expires_at", "sidebar_url"}
    assert opened.json["sidebar_url"] == "https://callsheet.example.com/sidebar"
    overview = newcomer(body={"spreadsheet_title": "Sales"})("GET", "/overview").json
    assert overview["spreadsheet"] == {
        "id": "sheet-1",
        "title": "Sales",
        "time_zone": "Europe/Berlin",
    }
    assert overview["user"] == {"email": "ada@example.com"}


@pytest.mark.parametrize(
    "changes",
    [
        {"audience": "stranger.apps.example"},
        {"iss": "https://evil.example"},
        {"exp": 1_000_000_000, "iat": 999_990_000},
        {"email_verified": False},
        {"email_verified": None},
        {"sub": None},
        {"email": None},
    ],
    ids=["audience", "issuer", "expired", "unverified", "unverified-absent", "sub", "email"],
)
def test_a_token_that_does_not_count_is_refused(open_session: Any, changes: Any) -> None:
    refused = open_session(**changes)

    assert refused.status_code == 401
    assert refused.json["error"]["code"] == "not_signed_in"
    assert refused.json["error"]["recovery"] == "fix_by_user"


def test_a_token_signed_by_somebody_else_is_refused(app: Any, issuer: Issuer) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    token = jwt.encode(
        crypt.RSASigner.from_string(pem, key_id=issuer.key_id),
        {
            "iss": "https://accounts.google.com",
            "aud": "client.apps.example",
            "sub": "1001",
            "email": "ada@example.com",
            "email_verified": True,
            "iat": int(datetime.now(UTC).timestamp()),
            "exp": int(datetime.now(UTC).timestamp()) + 3600,
        },
    ).decode()

    refused = app.test_client().post(
        "/api/v1/sessions",
        json={"spreadsheet_id": "sheet-1"},
        headers={"Authorization": f"Bearer {token}"},
    )

    assert refused.status_code == 401


def test_a_token_issued_a_few_seconds_in_the_future_counts(open_session: Any) -> None:
    """Google's clock and ours differ; google-auth alone refuses such a token."""
    soon = datetime.now(UTC) + timedelta(seconds=5)

    assert open_session(now=soon).status_code == 201


def test_certificates_are_fetched_once_and_again_when_old(
    open_session: Any, certificates: Any, clock: Any
) -> None:
    for _ in range(3):
        open_session()
    assert certificates.asked == 1

    clock.sleep(601)
    open_session()

    assert certificates.asked == 2


def test_only_allowed_domains_get_in(settings: Any, make_services: Any, issuer: Issuer) -> None:
    strict = settings.model_copy(update={"allowed_domains": ("example.com",)})
    app = create_app(strict, make_services(strict))

    def post(domain: str | None) -> int:
        token = issuer.mint(Person("7", "eve@elsewhere.example", domain), "client.apps.example")
        return (
            app.test_client()
            .post(
                "/api/v1/sessions",
                json={"spreadsheet_id": "sheet-1"},
                headers={"Authorization": f"Bearer {token}"},
            )
            .status_code
        )

    assert post("example.com") == 201
    assert post("elsewhere.example") == 403
    assert post(None) == 403


def test_a_session_ends_after_an_hour(newcomer: Any, clock: Any) -> None:
    sidebar = newcomer()
    assert sidebar("GET", "/overview").status_code == 200

    clock.sleep(3601)

    ended = sidebar("GET", "/overview")
    assert ended.status_code == 401
    assert ended.json["error"]["code"] == "not_signed_in"


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer nonsense", "Basic abc", "Bearer a.b.c"])
def test_no_endpoint_answers_without_a_session(app: Any, header: str) -> None:
    answer = app.test_client().get("/api/v1/overview", headers={"Authorization": header})

    assert answer.status_code == 401


@pytest.mark.parametrize("place", [10, -20], ids=["payload", "signature"])
def test_a_session_cannot_be_changed(newcomer: Any, place: int) -> None:
    sidebar = newcomer()
    token = list(sidebar.headers["Authorization"])
    token[place] = "A" if token[place] != "A" else "B"
    sidebar.headers["Authorization"] = "".join(token)

    assert sidebar("GET", "/overview").status_code == 401


def test_an_unknown_time_zone_is_refused_and_said_where_to_change_it(open_session: Any) -> None:
    refused = open_session(body={"time_zone": "Mars/Olympus"})

    assert refused.status_code == 400
    assert "File ▸ Settings" in refused.json["error"]["message"]


def test_a_missing_spreadsheet_is_said_plainly(app: Any, issuer: Issuer) -> None:
    token = issuer.mint(Person("1", "a@example.com"), "client.apps.example")
    answer = app.test_client().post(
        "/api/v1/sessions", json={}, headers={"Authorization": f"Bearer {token}"}
    )

    assert answer.status_code == 400
    assert answer.json["error"] == {
        "code": "invalid_request",
        "message": "The spreadsheet_id is missing. Give it and try again.",
        "recovery": "fix_by_user",
    }
