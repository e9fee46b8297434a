"""The stand-in issuer is accepted by Google's own verification code, and only when it should be."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from google.auth import exceptions
from google.oauth2 import id_token

from sandbox.identity.issuer import Issuer, Person, certs_page

AUDIENCE = "client.apps.example"
ADA = Person(sub="1001", email="ada@example.com")


@pytest.fixture(scope="module")
def issuer() -> Issuer:
    return Issuer()


def verify(issuer: Issuer, token: str) -> dict[str, Any]:
    app = Flask(__name__)
    app.register_blueprint(certs_page(issuer))

    class Transport:
        """What google-auth expects of a transport, answered by the page itself."""

        def __call__(self, url: str, method: str = "GET", **_: object) -> Any:
            answer = app.test_client().open(url, method=method)
            return type("Answer", (), {"status": answer.status_code, "data": answer.data})

    claims: dict[str, Any] = id_token.verify_token(
        token, Transport(), audience=AUDIENCE, certs_url="/certs", clock_skew_in_seconds=10
    )
    return claims


def test_a_token_holds_what_googles_holds(issuer: Issuer) -> None:
    claims = verify(issuer, issuer.mint(ADA, AUDIENCE))

    assert claims["iss"] == "https://accounts.google.com"
    assert (claims["sub"], claims["email"], claims["email_verified"]) == (ADA.sub, ADA.email, True)
    assert claims["exp"] - claims["iat"] == 3600
    assert "hd" not in claims


def test_claims_can_be_changed_or_left_out(issuer: Issuer) -> None:
    token = issuer.mint(Person("1", "a@corp.example", "corp.example"), AUDIENCE, email=None)

    claims = verify(issuer, token)

    assert claims["hd"] == "corp.example"
    assert "email" not in claims


@pytest.mark.parametrize("problem", ["expired", "audience", "signature"])
def test_wrong_tokens_are_refused(issuer: Issuer, problem: str) -> None:
    token = {
        "expired": lambda: issuer.mint(ADA, AUDIENCE, now=datetime.now(UTC) - timedelta(hours=2)),
        "audience": lambda: issuer.mint(ADA, "another.apps.example"),
        "signature": lambda: Issuer().mint(ADA, AUDIENCE),
    }[problem]()

    with pytest.raises((exceptions.GoogleAuthError, ValueError)):
        verify(issuer, token)


def test_the_certificates_come_as_google_sends_them(issuer: Issuer) -> None:
    app = Flask(__name__)
    app.register_blueprint(certs_page(issuer))

    answer = app.test_client().get("/certs")

    assert "max-age=" in answer.headers["Cache-Control"]
    [(key_id, pem)] = json.loads(answer.data).items()
    assert key_id == issuer.key_id
    assert pem.startswith("-----BEGIN CERTIFICATE-----")
