"""Builds clients and stores from settings, for the web process, the worker and the command line."""

from __future__ import annotations

from collections.abc import Callable

from redis import Redis

from callsheet.aircall.budget import Budget
from callsheet.aircall.client import AircallClient, ignore_answer
from callsheet.aircall.kept import KeptTransport
from callsheet.clock import Clock
from callsheet.connection import AircallKey
from callsheet.errors import ConfigError
from callsheet.outgoing.mail import MailServer
from callsheet.page_memory import PageMemory
from callsheet.settings import Settings
from callsheet.sheets.accounts import AccountPool, ServiceAccount
from callsheet.sheets.client import SheetsClient, ignore_wait
from callsheet.sheets.quota import LocalQuota, Quota
from callsheet.sheets.wire import Wire
from callsheet.store.google_quota import GoogleQuota
from callsheet.store.google_tokens import GoogleTokens
from callsheet.store.vault import Vault


def account_pool(settings: Settings) -> AccountPool:
    """Return the service accounts. Raises ConfigError or GoogleCredentialsRejected."""
    settings.require("google_service_account_file")
    return AccountPool.read(settings.google_service_account_file or "")


def google_client(
    settings: Settings,
    clock: Clock,
    account: ServiceAccount,
    quota: Quota | None = None,
    on_wait: Callable[[float], None] = ignore_wait,
    *,
    on_answer: Callable[[str], None] = ignore_answer,
    wire: Wire | None = None,
) -> SheetsClient:
    """Return a client that writes as this account. Raises GoogleCredentialsRejected.

    quota: without one, this process counts for itself. on_wait hears of each wait, in seconds,
    on_answer of the status of each answer. wire: what it goes over; without one, it signs in.
    """
    limit = min(settings.google_requests_per_minute, settings.google_project_requests_per_minute)
    return SheetsClient(
        settings.sheets_api_url,
        account.key_file,
        clock=clock,
        quota=quota or LocalQuota(clock, limit),
        on_wait=on_wait,
        on_answer=on_answer,
        wire=wire,
    )


def google_wire(settings: Settings, redis: Redis, account: ServiceAccount) -> Wire:
    """Return connections to Google, signed in with a token that all processes share.

    Raises ConfigError without sealing keys, and GoogleCredentialsRejected.
    """
    tokens = GoogleTokens(redis, Vault(settings.sealing_keys))
    return Wire(settings.sheets_api_url, account.key_file, tokens)


def google_quota(
    settings: Settings,
    redis: Redis,
    account: ServiceAccount,
    *,
    run: str = "",
    interactive: bool = True,
) -> GoogleQuota:
    """Return the quota of an account that all processes share; for one client.

    run: whose requests these are. interactive: a person waits for them.
    """
    return GoogleQuota(
        redis,
        account.email,
        account.project,
        per_account=settings.google_requests_per_minute,
        per_project=settings.google_project_requests_per_minute,
        run=run,
        interactive=interactive,
    )


def aircall_client(  # noqa: PLR0913 - what it hears and tells while it waits
    settings: Settings,
    key: AircallKey,
    budget: Budget,
    clock: Clock,
    on_wait: Callable[[float], None],
    *,
    guard: Callable[[], None] = lambda: None,
    memory: PageMemory | None = None,
    on_answer: Callable[[str], None] = ignore_answer,
    transport: KeptTransport | None = None,
) -> AircallClient:
    """Return a client for one Aircall account.

    on_wait: told each wait, in seconds. on_answer: told the status of each answer. guard: called
    once a second of a wait; raises to end it. memory: where pages are looked up first. transport:
    connections that outlive the client.
    """
    return AircallClient(
        settings.aircall_api_url,
        key,
        budget,
        clock=clock,
        on_wait=on_wait,
        on_answer=on_answer,
        guard=guard,
        memory=memory,
        transport=transport,
    )


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
