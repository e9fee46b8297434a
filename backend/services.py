"""Services: what routes may use, built once per process."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol, cast

from flask import current_app
from redis import Redis

from backend.counting import AircallCounter, Count
from backend.identity import GoogleIdentities, Identity
from backend.outside import Outside
from backend.session import SessionSigner
from callsheet.aircall.check import check_key
from callsheet.aircall.client import Company
from callsheet.catalogue import ENTITIES
from callsheet.clock import Clock, SystemClock
from callsheet.connection import AircallKey
from callsheet.entity import Entity
from callsheet.errors import DestinationRateLimited
from callsheet.settings import Settings
from callsheet.sheets.accounts import ServiceAccount
from callsheet.sheets.client import SheetsClient
from callsheet.sheets.proof import take_proof
from callsheet.store.client import connect
from callsheet.store.connections import ConnectionStore
from callsheet.store.flows import FlowStore
from callsheet.store.proofs import ProofStore
from callsheet.store.runs import RunStore
from callsheet.store.vault import Vault
from callsheet.wiring import account_pool, google_client, google_quota, google_wire

REQUIRED = ("google_service_account_file", "identity_audience", "session_key", "sealing_keys")
"""The settings without which the web process cannot serve anybody."""

_LONGEST_WAIT = 10.0  # seconds for Google's quota; a person is looking at the sidebar


class IdentityVerifier(Protocol):
    """Tells who holds an identity token."""

    def verify(self, token: str) -> Identity:
        """Return the person. Raises NotSignedIn, NotAllowed or DestinationUnavailable."""
        ...


class ServiceAccounts(Protocol):
    """The accounts that edit the spreadsheets."""

    def email_for(self, spreadsheet_id: str, pinned: str | None) -> str:
        """Return the address to share a spreadsheet with.

        pinned: that of its connection, which is kept as long as its key is there.
        """
        ...

    def known(self) -> Sequence[ServiceAccount]:
        """Return every account that there is a key of."""
        ...

    def take_proof(self, email: str, spreadsheet_id: str, key: str) -> set[str]:
        """Return and remove the nonces written under `key`, as this account.

        Raises DestinationError.
        """
        ...


@dataclass(frozen=True, slots=True)
class Services:
    """What routes may use.

    check_key: asks Aircall whether a key is good. server_key: the server's own Aircall key, which
    people may use without seeing it. count: asks Aircall how many records there are. catalogue:
    every entity by name. outside: notices, webhooks and flow keys.
    """

    settings: Settings
    redis: Redis
    connections: ConnectionStore
    flows: FlowStore
    runs: RunStore
    proofs: ProofStore
    clock: Clock
    catalogue: Mapping[str, Entity]
    identities: IdentityVerifier
    sessions: SessionSigner
    service_accounts: ServiceAccounts
    check_key: Callable[[AircallKey], Company]
    server_key: AircallKey | None
    count: Count
    outside: Outside


def current_services() -> Services:
    """Return the services of the app that answers this request."""
    return cast(Services, current_app.extensions["callsheet"])


class SheetsServiceAccounts:
    """The accounts of the key files, asking the Sheets API."""

    def __init__(self, settings: Settings, redis: Redis, clock: Clock) -> None:
        """Read the key files. Raises ConfigError or GoogleCredentialsRejected."""
        self._settings = settings
        self._redis = redis
        self._clock = clock
        self._pool = account_pool(settings)
        for account in self._pool:
            self._client(account).close()

    def email_for(self, spreadsheet_id: str, pinned: str | None) -> str:
        """Return the address to share a spreadsheet with."""
        return self._pool.choose(spreadsheet_id, pinned).email

    def known(self) -> Sequence[ServiceAccount]:
        """Return every account that there is a key of."""
        return tuple(self._pool)

    def take_proof(self, email: str, spreadsheet_id: str, key: str) -> set[str]:
        """Return and remove the nonces written under `key`. Raises DestinationError."""
        # A client per call: its connections are not meant to be shared by threads.
        client = self._client(self._pool.pinned(email))
        try:
            return take_proof(client, spreadsheet_id, key)
        finally:
            client.close()

    def _client(self, account: ServiceAccount) -> SheetsClient:
        quota = google_quota(self._settings, self._redis, account)
        wire = google_wire(self._settings, self._redis, account)
        return google_client(
            self._settings, self._clock, account, quota, _refuse_to_wait, wire=wire
        )


def _refuse_to_wait(seconds: float) -> None:
    if seconds > _LONGEST_WAIT:
        raise DestinationRateLimited(f"quota in use for {seconds:.0f} s")


def server_key(settings: Settings) -> AircallKey | None:
    """Return the server's own Aircall key, if both of its parts are set."""
    if settings.aircall_api_id is None or settings.aircall_api_token is None:
        return None
    return AircallKey(settings.aircall_api_id, settings.aircall_api_token.get_secret_value())


def build_services(settings: Settings, clock: Clock | None = None) -> Services:
    """Build everything from the settings. Raises ConfigError naming all that is missing."""
    settings.require(*REQUIRED)
    clock = clock or SystemClock()
    redis = connect(settings)
    return Services(
        settings=settings,
        redis=redis,
        connections=ConnectionStore(redis, Vault(settings.sealing_keys)),
        flows=FlowStore(redis),
        runs=RunStore(redis),
        proofs=ProofStore(redis),
        clock=clock,
        catalogue=ENTITIES,
        identities=GoogleIdentities(settings, clock),
        sessions=SessionSigner(settings, clock),
        service_accounts=SheetsServiceAccounts(settings, redis, clock),
        check_key=partial(check_key, settings.aircall_api_url),
        server_key=server_key(settings),
        count=AircallCounter(settings, redis, clock),
        outside=Outside(redis, Vault(settings.sealing_keys)),
    )
