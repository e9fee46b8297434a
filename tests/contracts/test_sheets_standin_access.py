"""Tokens of the Google stand-in, fetched and refused as google-auth does it, and packed bodies."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from google.auth.exceptions import RefreshError
from google.auth.transport.requests import AuthorizedSession
from google.oauth2.service_account import Credentials

from sandbox.sheets.server import SheetsStandIn

SCOPES = ["https://www.googleapis.com/auth/spreadsheets"]


@pytest.fixture(scope="module")
def google() -> Iterator[SheetsStandIn]:
    with SheetsStandIn() as running:
        yield running


def signed_in(info: dict[str, str]) -> AuthorizedSession:
    """Return a session that fetches its tokens with a service account's key."""
    credentials = Credentials.from_service_account_info(info, scopes=SCOPES)  # type: ignore[no-untyped-call]
    return AuthorizedSession(credentials)  # type: ignore[no-untyped-call]


def test_a_revoked_account_gets_no_token(google: SheetsStandIn) -> None:
    email = "leaver@callsheet-sandbox.iam.gserviceaccount.com"
    info = google.service_account_info(email)
    google.state.accounts.revoke(email)

    with signed_in(info) as session, pytest.raises(RefreshError, match="invalid_gr"):
        session.get(f"{google.url}/v4/spreadsheets/x")


def test_a_foreign_key_gets_no_token(google: SheetsStandIn) -> None:
    ours = google.service_account_info()
    other = google.service_account_info("other@callsheet-sandbox.iam.gserviceaccount.com")
    forged = ours | {"private_key": other["private_key"]}

    with signed_in(forged) as session, pytest.raises(RefreshError, match="Signature"):
        session.get(f"{google.url}/v4/spreadsheets/x")


def test_no_token_is_a_401(google: SheetsStandIn) -> None:
    answer = requests.get(f"{google.url}/v4/spreadsheets/x", timeout=5)

    assert answer.status_code == 401
    assert answer.json()["error"]["status"] == "UNAUTHENTICATED"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("how", ["gzip", "chunked"])
def test_bodies_may_be_packed(google: SheetsStandIn, how: str) -> None:
    made = google.create_spreadsheet("Packed")
    data = json.dumps({"values": [["packed"]]}).encode()
    headers = {"Authorization": f"Bearer {google.access_token()}"}
    if how == "gzip":
        headers["Content-Encoding"] = "gzip"
        data = gzip.compress(data)
    body: Any = data if how == "gzip" else iter([data[:10], data[10:]])
    answer = requests.put(
        f"{google.url}/v4/spreadsheets/{made}/values/A1?valueInputOption=RAW",
        data=body,
        headers=headers,
        timeout=5,
    )

    assert answer.status_code == 200, answer.text
    assert google.state.books[made].tabs[0].grid.value(0, 0) == "packed"
