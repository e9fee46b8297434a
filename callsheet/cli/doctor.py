"""`callsheet doctor`: check every setting and reach every service, one line each, with the fix."""

from __future__ import annotations

import sys
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click

from callsheet.aircall.check import check_key
from callsheet.clock import SystemClock
from callsheet.errors import CallsheetError, ConfigError, NoEditAccess, SpreadsheetNotFound
from callsheet.settings import GOOGLE_CERTS_URL, Settings
from callsheet.sheets.accounts import ServiceAccount
from callsheet.store.client import connect, require_answer
from callsheet.store.vault import Vault
from callsheet.wiring import account_pool, google_client, server_key


@dataclass(frozen=True, slots=True)
class _Check:
    name: str
    run: Callable[[Settings], str]


@click.command()
def doctor() -> None:
    """Check every setting and reach every service."""
    try:
        settings = Settings.load()
    except ConfigError as error:
        click.echo(f"✗ settings: {error.user_message}")
        sys.exit(2)
    click.echo("✓ settings: all can be read")
    lines = [_line(check, settings) for check in _CHECKS]  # every line, also after a failure
    if not all(lines):
        sys.exit(1)


def _line(check: _Check, settings: Settings) -> bool:
    try:
        click.echo(f"✓ {check.name}: {check.run(settings)}")
    except CallsheetError as error:
        click.echo(f"✗ {check.name}: {error.user_message}")
        return False
    return True


def _redis(settings: Settings) -> str:
    redis = connect(settings)
    require_answer(redis, settings)
    info: Any = redis.info("server")
    return f"answers, version {info.get('valkey_version') or info.get('redis_version')}"


def _aircall(settings: Settings) -> str:
    if settings.aircall_api_id is None and settings.aircall_api_token is None:
        return "no key of the server's own; people enter theirs in the sidebar"
    company = check_key(settings.aircall_api_url, server_key(settings))
    return f"accepts the key ({company.users_count} users, {company.numbers_count} numbers)"


def _google(settings: Settings) -> str:
    wrong, good = [], []
    for account in account_pool(settings):
        try:
            _require_accepted(settings, account)
        except CallsheetError as error:
            wrong.append(f"{account.email}: {error.user_message}")
        else:
            good.append(account.email)
    if wrong:
        raise ConfigError(message=" ".join(wrong))
    return f"accepts the service account{'s' if len(good) > 1 else ''} {', '.join(good)}"


def _require_accepted(settings: Settings, account: ServiceAccount) -> None:
    client = google_client(settings, SystemClock(), account)
    try:
        client.read_file("callsheet-doctor", "spreadsheetId")
    except SpreadsheetNotFound:
        pass  # signed in, and the Sheets API answers: there is no such file on purpose
    except NoEditAccess:
        raise ConfigError(
            message="Google refuses the service account. Enable the Google Sheets API in its Cloud "
            "project."
        ) from None
    finally:
        client.close()


def _sealing(settings: Settings) -> str:
    Vault(settings.sealing_keys)
    return f"{len(settings.sealing_keys)} key(s)"


def _session(settings: Settings) -> str:
    settings.require("session_key")
    return "set"


def _identity(settings: Settings) -> str:
    settings.require("identity_audience")
    _reach(settings.identity_certs_url, "CALLSHEET_IDENTITY_CERTS_URL", GOOGLE_CERTS_URL)
    return f"{len(settings.identity_audience)} client id(s), certificates can be read"


def _public_url(settings: Settings) -> str:
    _reach(
        f"{settings.public_url}/healthz",
        "CALLSHEET_PUBLIC_URL",
        "the https address of the web process, and start that first (`callsheet run`)",
    )
    return f"{settings.public_url} answers"


def _reach(url: str, variable: str, advice: str) -> None:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - https or loopback
            if answer.status == 200:
                return
    except OSError:
        pass
    raise ConfigError(message=f"{url} cannot be reached. Set {variable} to {advice}.")


_CHECKS = (
    _Check("Redis", _redis),
    _Check("Aircall", _aircall),
    _Check("Google", _google),
    _Check("CALLSHEET_SEALING_KEYS", _sealing),
    _Check("CALLSHEET_SESSION_KEY", _session),
    _Check("identity tokens", _identity),
    _Check("web", _public_url),
)
