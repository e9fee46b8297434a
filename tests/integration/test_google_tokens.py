"""Google's access tokens: one sign-in for all processes, sealed in Redis."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr
from redis import Redis

from callsheet.clock import SystemClock
from callsheet.errors import DestinationError
from callsheet.sheets.client import SheetsClient
from callsheet.sheets.wire import Wire
from callsheet.store import keys
from callsheet.store.google_tokens import GoogleTokens
from callsheet.store.vault import Vault
from sandbox.sheets.server import SheetsStandIn

pytestmark = pytest.mark.integration

VAULT = Vault([SecretStr(Fernet.generate_key().decode())])


@pytest.fixture
def google() -> Iterator[SheetsStandIn]:
    with SheetsStandIn() as running:
        yield running


@pytest.fixture
def key_file(google: SheetsStandIn, tmp_path: Path) -> Path:
    path = tmp_path / "key.json"
    path.write_text(json.dumps(google.service_account_info()))
    return path


@pytest.fixture
def read(google: SheetsStandIn, key_file: Path, redis: Redis) -> Callable[..., None]:
    """Reads a spreadsheet as a new process does: a client and connections of its own."""
    info = json.loads(key_file.read_text())
    sheet = google.create_spreadsheet("Report", editors=[info["client_email"]])

    def read_once(vault: Vault = VAULT) -> None:
        wire = Wire(google.url, key_file, GoogleTokens(redis, vault))
        client = SheetsClient(google.url, key_file, clock=SystemClock(), wire=wire)
        assert client.read_file(sheet, "spreadsheetId") == {"spreadsheetId": sheet}
        client.close()

    return read_once


def test_who_comes_later_goes_on_with_the_token_that_somebody_else_has_asked_for(
    google: SheetsStandIn, read: Callable[..., None]
) -> None:
    read()
    read()

    assert len(google.state.accounts.tokens) == 1


def test_a_token_that_google_takes_no_more_is_replaced_for_everybody(
    google: SheetsStandIn, read: Callable[..., None]
) -> None:
    read()
    google.state.accounts.expire_all()
    read()
    read()

    assert len(google.state.accounts.tokens) == 1


def test_the_token_is_sealed_and_ends_before_google_lets_it_end(
    google: SheetsStandIn, key_file: Path, redis: Redis, read: Callable[..., None]
) -> None:
    read()

    name = keys.google_token(json.loads(key_file.read_text())["client_email"])
    token = next(iter(google.state.accounts.tokens))
    kept = redis.get(name)
    assert isinstance(kept, bytes)
    assert token.encode() not in kept
    assert 3000 < redis.ttl(name) <= 3300


def test_after_a_change_of_the_sealing_keys_a_new_token_is_asked_for(
    google: SheetsStandIn, read: Callable[..., None]
) -> None:
    read()
    read(Vault([SecretStr(Fernet.generate_key().decode())]))

    assert len(google.state.accounts.tokens) == 2


def test_a_revoked_account_is_refused_though_its_token_was_kept(
    google: SheetsStandIn, key_file: Path, read: Callable[..., None]
) -> None:
    read()
    google.state.accounts.revoke(json.loads(key_file.read_text())["client_email"])

    with pytest.raises(DestinationError):
        read()
