"""Stand-ins, Redis and our processes for the integration tests."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from redis import Redis

from callsheet.redis_server import EmbeddedRedis
from tests.integration.google import Viewer
from tests.integration.processes import Processes, settings_for, stand_ins


def free_port() -> int:
    """Return a port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True, slots=True)
class Outside:
    """The stand-ins of one module of tests."""

    addresses: dict[str, str]

    def aircall(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """Steer the Aircall stand-in."""
        answer = httpx.request(method, f"{self.addresses['aircall_url']}/_admin{path}", json=body)
        answer.raise_for_status()
        return answer

    def google(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """Steer the Google stand-in."""
        answer = httpx.request(method, f"{self.addresses['sheets_url']}/_admin{path}", json=body)
        answer.raise_for_status()
        return answer

    def truth(self, after: int, until: int) -> dict[str, Any]:
        """What Aircall has for after < started_at <= until, by id as text."""
        answer = self.aircall("GET", f"/truth/calls?from={after}&to={until}")
        records = [json.loads(line) for line in answer.text.split("\n") if line]
        return {str(record["id"]): record for record in records}

    @property
    def service_account(self) -> str:
        """The address of the service account."""
        info = json.loads(Path(self.addresses["service_account_file"]).read_text())
        return str(info["client_email"])

    def calm(self) -> None:
        """End all faults and limits."""
        self.aircall("DELETE", "/faults")
        self.aircall("PUT", "/limits", {"per_minute": None})
        self.aircall("DELETE", "/requests")
        self.google("DELETE", "/faults")
        self.google("PUT", "/quota", {"enabled": False})


@pytest.fixture(scope="module")
def outside() -> Iterator[Outside]:
    """Both stand-ins in a process of their own: 3,000 calls in 60 days, no arrivals."""
    options = ("--calls", "3000", "--days", "60", "--arrivals-per-minute", "0")
    ports = ("--aircall-port", str(free_port()), "--sheets-port", str(free_port()))
    with stand_ins(*ports, *options) as addresses:
        yield Outside(addresses)


@pytest.fixture
def spreadsheet(outside: Outside) -> Iterator[Viewer]:
    """A new spreadsheet in Paris that the service account may edit."""
    outside.calm()
    body = {"title": "Report", "timeZone": "Europe/Paris", "editors": [outside.service_account]}
    made = outside.google("POST", "/spreadsheets", body).json()
    viewer = Viewer(outside.addresses, made["id"])
    yield viewer
    viewer.close()


@pytest.fixture
def processes(outside: Outside, redis_server: EmbeddedRedis, redis: Redis) -> Iterator[Processes]:
    """Our own processes, pointed at the stand-ins and an empty Redis."""
    started = Processes(settings_for(outside.addresses, REDIS_URL=redis_server.url))
    yield started
    started.end()
