"""A backend on a real Redis, with stand-ins for Google's account and Aircall at its seams."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from redis import Redis
from werkzeug.test import TestResponse

from backend.app import create_app
from backend.identity import GoogleIdentities
from backend.outside import Outside
from backend.services import Services, server_key
from backend.session import SessionSigner
from callsheet.aircall.client import Company
from callsheet.catalogue import ENTITIES
from callsheet.connection import AircallKey, Connection
from callsheet.entity import Entity
from callsheet.errors import CredentialsRejected, NoEditAccess, SourceError
from callsheet.redis_server import EmbeddedRedis
from callsheet.settings import Settings
from callsheet.sheets.accounts import ServiceAccount
from callsheet.span import Span
from callsheet.store.client import connect
from callsheet.store.connections import ConnectionStore
from callsheet.store.flows import FlowStore
from callsheet.store.proofs import ProofStore
from callsheet.store.runs import RunStore
from callsheet.store.vault import Vault
from sandbox.identity.issuer import Issuer, Person
from tests.builders import ended

AUDIENCE = "client.apps.example"
ADA = Person(sub="1001", email="ada@example.com", hosted_domain="example.com")
GOOD = {"api_id": "good-id", "api_token": "good-token-1234567890"}
SECRETS = (GOOD["api_token"], "server-token-0987654321")


class Clock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.moment = datetime.now(UTC).replace(microsecond=0)

    def now(self) -> datetime:
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


@dataclass
class Account:
    """The service accounts, and what stands in the spreadsheets that are shared with them.

    email: that of the next spreadsheet. others: further ones that the server has keys of.
    """

    email: str = "robot@project.iam.gserviceaccount.com"
    others: set[str] = field(default_factory=set)
    shared: dict[str, set[str]] = field(
        default_factory=lambda: {"sheet-1": set(), "sheet-2": set()}
    )

    def email_for(self, _spreadsheet_id: str, pinned: str | None) -> str:
        return pinned if pinned in self.others else self.email

    def known(self) -> list[ServiceAccount]:
        emails = (self.email, *sorted(self.others))
        return [ServiceAccount(email, "project", Path("unused")) for email in emails]

    def take_proof(self, email: str, spreadsheet_id: str, _key: str) -> set[str]:
        if email not in {self.email, *self.others} or spreadsheet_id not in self.shared:
            raise NoEditAccess("not shared")
        taken, self.shared[spreadsheet_id] = self.shared[spreadsheet_id], set()
        return taken


def check_key(key: AircallKey) -> Company:
    companies = {
        GOOD["api_token"]: "Acme",
        "second-token": "Acme",
        "server-token-0987654321": "Acme",
        "other-token": "Umbrella",
    }
    if key.api_token not in companies:
        raise CredentialsRejected("403")
    return Company(companies[key.api_token], 3, 2)


@dataclass
class Source:
    """How many records Aircall has; remembers what it was asked."""

    total: int = 1_702
    asked: list[tuple[str, str, Span | None]] = field(default_factory=list)
    error: SourceError | None = None

    def __call__(
        self, _key: AircallKey, connection: Connection, entity: Entity, span: Span | None
    ) -> int:
        self.asked.append((connection.account, entity.name, span))
        if self.error is not None:
            raise self.error
        return self.total


@dataclass
class Certificates:
    """A google-auth transport that answers with the issuer's certificates."""

    issuer: Issuer
    asked: int = 0

    def __call__(self, _url: str, **_: object) -> Any:
        self.asked += 1
        body = json.dumps(self.issuer.certs()).encode()
        headers = {"Cache-Control": "public, max-age=600"}
        return type("Answer", (), {"status": 200, "data": body, "headers": headers})


@dataclass
class Sidebar:
    """A caller with a session."""

    app: Flask
    headers: dict[str, str]

    def __call__(self, method: str, path: str, body: Any = None) -> TestResponse:
        return self.app.test_client().open(
            f"/api/v1{path}", method=method, json=body, headers=self.headers, buffered=True
        )


@pytest.fixture(scope="session")
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with EmbeddedRedis(tmp_path_factory.mktemp("redis")) as server:
        yield server.url


@pytest.fixture
def settings(redis_url: str, tmp_path: Path) -> Settings:
    with Redis.from_url(redis_url) as redis:
        redis.flushall()
    return Settings(
        _env_file=None,
        redis_url=redis_url,
        data_dir=tmp_path,
        public_url="https://callsheet.example.com",
        frame_ancestors="http://127.0.0.1:8000",
        identity_audience=f"other.apps.example {AUDIENCE}",
        session_key="k" * 40,
        sealing_keys=Fernet.generate_key().decode(),
    )


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def account() -> Account:
    return Account()


@pytest.fixture
def certificates(issuer: Issuer) -> Certificates:
    return Certificates(issuer)


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def make_services(
    clock: Clock, account: Account, certificates: Certificates, source: Source
) -> Iterator[Callable[[Settings], Services]]:
    made: list[Redis] = []

    def make(settings: Settings) -> Services:
        redis = connect(settings)
        made.append(redis)
        return Services(
            settings=settings,
            redis=redis,
            connections=ConnectionStore(redis, Vault(settings.sealing_keys)),
            flows=FlowStore(redis),
            runs=RunStore(redis),
            proofs=ProofStore(redis),
            clock=clock,
            catalogue=ENTITIES,
            identities=GoogleIdentities(settings, clock, certificates),
            sessions=SessionSigner(settings, clock),
            service_accounts=account,
            check_key=check_key,
            server_key=server_key(settings),
            count=source,
            outside=Outside(redis, Vault(settings.sealing_keys)),
        )

    yield make
    for redis in made:
        redis.close()


@pytest.fixture
def services(settings: Settings, make_services: Callable[[Settings], Services]) -> Services:
    return make_services(settings)


@pytest.fixture
def app(settings: Settings, services: Services) -> Flask:
    return create_app(settings, services)


@pytest.fixture
def open_session(app: Flask, issuer: Issuer) -> Callable[..., TestResponse]:
    """POST /sessions with a token of Ada's; claims and body may be changed."""

    def post(*, audience: str = AUDIENCE, body: Any = None, **claims: object) -> TestResponse:
        token = issuer.mint(ADA, audience, **claims)
        return app.test_client().post(
            "/api/v1/sessions",
            json={"spreadsheet_id": "sheet-1", "time_zone": "Europe/Berlin", **(body or {})},
            headers={"Authorization": f"Bearer {token}"},
        )

    return post


@pytest.fixture
def newcomer(app: Flask, open_session: Callable[..., TestResponse]) -> Callable[..., Sidebar]:
    """A sidebar whose user has proved nothing yet."""

    def make(**changes: Any) -> Sidebar:
        answer = open_session(**changes)
        assert answer.status_code == 201, answer.json
        return Sidebar(app, {"Authorization": f"Bearer {answer.json['session']}"})

    return make


@pytest.fixture
def editor(newcomer: Callable[..., Sidebar], account: Account) -> Callable[..., Sidebar]:
    """A sidebar whose user has proved that they can edit."""

    def make(**changes: Any) -> Sidebar:
        sidebar = newcomer(**changes)
        nonce = sidebar("POST", "/edit-proofs").json["nonce"]
        account.shared[(changes.get("body") or {}).get("spreadsheet_id", "sheet-1")].add(nonce)
        assert sidebar("POST", "/edit-proofs/verify", {"nonce": nonce}).status_code == 200
        return sidebar

    return make


@pytest.fixture
def importer(editor: Callable[..., Sidebar], services: Services) -> Callable[[], Any]:
    """A connected sidebar with its flow of Calls, whose first run is over."""

    def make() -> Any:
        sidebar = editor()
        sidebar("POST", "/connections", GOOD)
        today = services.clock.now().date().isoformat()
        started = sidebar("POST", "/flows", {"entity": "calls", "since": today}).json
        run = services.runs.find(started["run"]["id"])
        ended(services.redis, run, ended_at=services.clock.now())
        services.clock.sleep(1)
        return sidebar, started["flow"]["id"], started["run"]["id"]

    return make
