"""Builds clients and stores from settings, for the worker and the command line."""

from __future__ import annotations

from collections.abc import Callable

from callsheet.aircall.budget import Budget
from callsheet.aircall.client import AircallClient
from callsheet.clock import Clock
from callsheet.connection import AircallKey
from callsheet.errors import ConfigError
from callsheet.outgoing.mail import MailServer
from callsheet.settings import Settings
from callsheet.sheets.client import SheetsClient


def google_client(settings: Settings, clock: Clock) -> SheetsClient:
    """Return a client that writes as the service account. Raises ConfigError without a key file."""
    settings.require("google_service_account_file")
    file = settings.google_service_account_file
    if file is None or not file.is_file():
        raise ConfigError(
            message=f"GOOGLE_SERVICE_ACCOUNT_FILE points to {file}, which is not there. Give the "
            "path of the service account's JSON key."
        )
    return SheetsClient(settings.sheets_api_url, file, clock=clock)


def aircall_client(
    settings: Settings,
    key: AircallKey,
    budget: Budget,
    clock: Clock,
    on_wait: Callable[[float], None],
) -> AircallClient:
    """Return a client for one Aircall account. on_wait hears of each wait, in seconds."""
    return AircallClient(settings.aircall_api_url, key, budget, clock=clock, on_wait=on_wait)


def mail_server(settings: Settings) -> MailServer | None:
    """Return where mails are handed in, if that is set."""
    if settings.smtp_host is None or settings.mail_from is None:
        return None
    password = settings.smtp_password
    return MailServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        sender=settings.mail_from,
        security=settings.smtp_security,
        user=settings.smtp_user,
        password=None if password is None else password.get_secret_value(),
    )


def server_key(settings: Settings) -> AircallKey:
    """Return the server's own Aircall key. Raises ConfigError when it is not set."""
    settings.require("aircall_api_id", "aircall_api_token")
    if settings.aircall_api_id is None or settings.aircall_api_token is None:
        raise ConfigError("unreachable: just required")
    return AircallKey(settings.aircall_api_id, settings.aircall_api_token.get_secret_value())
