"""Run the stand-in over HTTP, in a thread of the present process."""

from __future__ import annotations

import socket
from pathlib import Path

from sandbox.aircall.access import DEFAULT_ID, DEFAULT_TOKEN, HOME, Key
from sandbox.aircall.app import create_app
from sandbox.aircall.clock import WorldClock
from sandbox.aircall.limits import LimitSettings
from sandbox.aircall.plan import Plan
from sandbox.aircall.site import Site
from sandbox.aircall.switches import Switches
from sandbox.aircall.world import RETENTION_DAYS, World
from sandbox.http_server import HttpServer


class AircallStandIn:
    """An Aircall account over HTTP."""

    def __init__(  # noqa: PLR0913 - each is a knob of the invented account
        self,
        port: int = 0,
        host: str = "127.0.0.1",
        *,
        calls: int = 5000,
        days: int = 90,
        seed: int = 1,
        samples_dir: Path | str | None = None,
        arrivals_per_minute: float | None = None,
        burst: int = 0,
        contacts: int | None = None,
        rate_limit: int | None = 120,
        v1_users: str = "404",
        own_links: bool = False,
        retention_days: int | None = RETENTION_DAYS,
        clock: WorldClock | None = None,
    ) -> None:
        if samples_dir is not None:
            calls, contacts, arrivals_per_minute = 0, 0, 0.0
        rate = 2.0 if arrivals_per_minute is None else arrivals_per_minute
        plan = Plan(calls, days, seed, rate, burst, contacts)
        folder = None if samples_dir is None else Path(samples_dir)
        self.world = World(
            plan, clock or WorldClock(), samples_dir=folder, retention_days=retention_days
        )
        limits = LimitSettings(per_minute=rate_limit)
        self.site = Site(self.world, limits, Switches(v1_users, own_links))
        self.api_id, self.api_token = DEFAULT_ID, DEFAULT_TOKEN
        self.site.keys.add(Key(self.api_id, self.api_token, HOME))
        self.app = create_app(self.site)
        self._host, self._port = host, port
        self._server: HttpServer | None = None

    @property
    def url(self) -> str:
        """Return the base address to talk to."""
        return f"http://{self._host}:{self._port}"

    def start(self) -> AircallStandIn:
        """Begin to listen; port 0 takes a free port."""
        self._port = self._port or _free_port(self._host)
        self._server = HttpServer(
            self.app, host=self._host, port=self._port, server_name="istio-envoy"
        )
        self._server.start()
        return self

    def stop(self) -> None:
        """Stop listening and hang up on everybody; `start` takes up the same port again."""
        if self._server is not None:
            self._server.stop()
            self._server = None

    def __enter__(self) -> AircallStandIn:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


def _free_port(host: str) -> int:
    """Return a port nobody listens on.

    The server lets an address be taken again at once, as after an outage, only where the port was
    named from the beginning.
    """
    with socket.create_server((host, 0)) as probe:
        return int(probe.getsockname()[1])
