"""Starts the whole demo, stand-ins and our own unchanged processes, and tells its addresses."""

from __future__ import annotations

import json
import os
import secrets
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
from cryptography.fernet import Fernet

from sandbox.demo.beginning import create_spreadsheet, user_token
from sandbox.demo.places import HOST, Ports, redis_socket
from sandbox.demo.site import SiteConfig
from sandbox.demo.supervisor import Child, ChildEnded, Output, Supervisor
from sandbox.serve import World

START_SECONDS = 60.0
AUDIENCE = "callsheet-demo.apps.googleusercontent.com"
USER_SUB = "104871632090518276145"
USER_EMAIL = "owner@callsheet.example"
ROOT = Path(__file__).parents[2]
# Nothing of the user's own configuration may leak into the demo.
OURS = ("CALLSHEET_", "AIRCALL_", "SHEETS_", "GOOGLE_")
ALSO_OURS = {"REDIS_URL", "PORT"}


@dataclass(frozen=True)
class DemoOptions:
    """What the demo is made of; page port 0 takes a free one."""

    port: int = 0
    world: World = field(default_factory=lambda: replace(World(), arrivals_per_minute=6.0))
    requests_per_minute: int = 60


@dataclass(frozen=True)
class Demo:
    """A running demo: where everything is, for people and for tests."""

    page_url: str
    web_url: str
    # The stand-ins; their admin endpoints are under /_admin.
    aircall_url: str
    aircall_api_id: str
    aircall_api_token: str
    sheets_url: str
    spreadsheet_id: str
    access_token: str
    service_account_file: Path
    user_email: str
    redis_url: str
    # The environment of our own processes, to start more of them or the command line.
    environment: Mapping[str, str]
    supervisor: Supervisor

    def pids(self) -> dict[str, int]:
        """Process ids by name: aircall, google, redis, web, worker, scheduler, page."""
        return self.supervisor.pids()


@contextmanager
def running_demo(
    folder: Path, options: DemoOptions, output: Output, *, remove_folder: bool = False
) -> Iterator[Demo]:
    """Run the demo for as long as the block lasts; what it keeps lies in `folder`.

    Raises PortTaken, or ChildEnded when a process does not start.
    """
    ports = Ports.choose(options.port)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    supervisor = Supervisor(output, remove=[folder] if remove_folder else [])
    try:
        yield _Launch(supervisor, folder, options, ports).everything()
    finally:
        supervisor.stop()


class _Launch:
    """The steps of a start, in order: each needs what the one before found out."""

    def __init__(
        self, supervisor: Supervisor, folder: Path, options: DemoOptions, ports: Ports
    ) -> None:
        self._supervisor = supervisor
        self._folder = folder
        self._options = options
        self._ports = ports
        self._clean = _clean_environment()
        self._redis_url = f"unix://{redis_socket(folder)}"

    def everything(self) -> Demo:
        aircall, google = self._start_aircall(), self._start_google()
        # Redis and the stand-ins know nothing of each other and start side by side.
        self._start_ours("redis", self._environment({}))
        found = aircall.announced(START_SECONDS)
        found |= {k: v for k, v in google.announced(START_SECONDS).items() if v is not None}
        spreadsheet_id = create_spreadsheet(found["sheets_url"], found["access_token"])
        site = self._site(found, spreadsheet_id)
        environment = self._environment(self._settings(found, site))
        for name in ("web", "worker", "scheduler"):
            self._start_ours(name, environment)
        self._start_page(site)
        _wait_for(self._supervisor, f"{site.backend_url}/healthz", f"{site.page_origin}/certs")
        return Demo(
            page_url=site.page_origin,
            web_url=site.backend_url,
            aircall_url=found["aircall_url"],
            aircall_api_id=found["aircall_api_id"],
            aircall_api_token=found["aircall_api_token"],
            sheets_url=found["sheets_url"],
            spreadsheet_id=spreadsheet_id,
            access_token=found["access_token"],
            service_account_file=Path(found["service_account_file"]),
            user_email=USER_EMAIL,
            redis_url=self._redis_url,
            environment=environment,
            supervisor=self._supervisor,
        )

    def _start_aircall(self) -> Child:
        world = self._options.world
        options = {
            "--calls": world.calls,
            "--days": world.days,
            "--seed": world.seed,
            "--arrivals-per-minute": world.arrivals_per_minute,
            "--samples": world.samples,
        }
        given = [str(word) for pair in options.items() if pair[1] is not None for word in pair]
        return self._serve("aircall", self._ports.aircall, 0, *given)

    def _start_google(self) -> Child:
        return self._serve("google", 0, self._ports.google)

    def _serve(self, name: str, aircall: int, google: int, *options: str) -> Child:
        command = [sys.executable, "-m", "sandbox", "serve"]
        command += ["--aircall-port", str(aircall), "--sheets-port", str(google), *options]
        return self._supervisor.start(name, command, self._clean, self._folder)

    def _start_ours(self, name: str, environment: Mapping[str, str]) -> None:
        command = [sys.executable, "-m", "callsheet", name]
        self._supervisor.start(name, command, environment, self._folder)

    def _start_page(self, site: SiteConfig) -> None:
        config = self._folder / "page.json"
        site.write(config)
        command = [sys.executable, "-m", "sandbox.demo.site", str(config)]
        self._supervisor.start("page", command, self._clean, self._folder)

    def _site(self, found: Mapping[str, Any], spreadsheet_id: str) -> SiteConfig:
        return SiteConfig(
            port=self._ports.page,
            frames_port=self._ports.frames,
            backend_url=f"http://{HOST}:{self._ports.web}",
            sheets_url=found["sheets_url"],
            aircall_url=found["aircall_url"],
            spreadsheet_id=spreadsheet_id,
            access_token=user_token(found["sheets_url"]),
            audience=AUDIENCE,
            writer_email=_account_email(found["service_account_file"]),
            user_sub=USER_SUB,
            user_email=USER_EMAIL,
        )

    def _settings(self, found: Mapping[str, Any], site: SiteConfig) -> dict[str, str]:
        return {
            "PORT": str(self._ports.web),
            "AIRCALL_API_URL": found["aircall_url"],
            "AIRCALL_API_ID": found["aircall_api_id"],
            "AIRCALL_API_TOKEN": found["aircall_api_token"],
            "AIRCALL_REQUESTS_PER_MINUTE": str(self._options.requests_per_minute),
            "SHEETS_API_URL": found["sheets_url"],
            "GOOGLE_SERVICE_ACCOUNT_FILE": found["service_account_file"],
            "CALLSHEET_PUBLIC_URL": site.backend_url,
            "CALLSHEET_FRAME_ANCESTORS": f"{site.page_origin} {site.frames_origin}",
            "CALLSHEET_IDENTITY_AUDIENCE": AUDIENCE,
            "CALLSHEET_IDENTITY_CERTS_URL": f"{site.page_origin}/certs",
            "CALLSHEET_SESSION_KEY": secrets.token_urlsafe(48),
            "CALLSHEET_SEALING_KEYS": Fernet.generate_key().decode(),
        }

    def _environment(self, settings: Mapping[str, str]) -> dict[str, str]:
        redis = {"REDIS_URL": self._redis_url, "CALLSHEET_DATA_DIR": str(self._folder)}
        return {**self._clean, **redis, **settings}


def _account_email(key_file: str) -> str:
    account: dict[str, str] = json.loads(Path(key_file).read_text(encoding="utf-8"))
    return account["client_email"]


def _clean_environment() -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(OURS) and name not in ALSO_OURS
    }
    path = os.pathsep.join(filter(None, [str(ROOT), kept.get("PYTHONPATH")]))
    return kept | {"PYTHONPATH": path, "PYTHONUNBUFFERED": "1", "NO_PROXY": f"{HOST},localhost"}


def _wait_for(supervisor: Supervisor, *addresses: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    waiting = list(addresses)
    with httpx.Client(timeout=5, trust_env=False) as client:
        while waiting:
            supervisor.check()
            waiting = [address for address in waiting if not _answers(client, address)]
            if waiting and time.monotonic() > deadline:
                raise ChildEnded(waiting[0], None)
            time.sleep(0.05)


def _answers(client: httpx.Client, address: str) -> bool:
    try:
        return client.get(address).is_success
    except httpx.HTTPError:
        return False
