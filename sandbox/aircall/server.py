"""Run the stand-in over HTTP, in a thread of the present process."""

from __future__ import annotations

import socket
from contextlib import suppress
from pathlib import Path
from threading import Thread
from weakref import WeakSet

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from sandbox.aircall.access import DEFAULT_ID, DEFAULT_TOKEN, HOME, Key
from sandbox.aircall.app import create_app
from sandbox.aircall.clock import WorldClock
from sandbox.aircall.limits import LimitSettings
from sandbox.aircall.plan import Plan
from sandbox.aircall.site import Site
from sandbox.aircall.switches import Switches
from sandbox.aircall.world import RETENTION_DAYS, World


class _Handler(WSGIRequestHandler):
    """Keep connections open, answer at once, and be silent."""

    wires: WeakSet[socket.socket]

    protocol_version = "HTTP/1.1"
    # Head and body are two writes: without this the second waits for the client's delayed ACK.
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.wires.add(self.connection)

    def version_string(self) -> str:
        return "istio-envoy"

    def log(self, type: str, message: str, *args: object) -> None:
        """Say nothing: the request log is asked over the admin endpoint."""


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
        self._server: BaseWSGIServer | None = None
        self._thread: Thread | None = None
        self._wires: WeakSet[socket.socket] = WeakSet()

    @property
    def url(self) -> str:
        """Return the base address to talk to."""
        return f"http://{self._host}:{self._port}"

    def start(self) -> AircallStandIn:
        """Begin to listen; port 0 takes a free port."""
        handler = type("Handler", (_Handler,), {"wires": self._wires})
        self._server = make_server(
            self._host, self._port, self.app, threaded=True, request_handler=handler
        )
        self._port = self._server.server_port
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop listening and hang up on everybody; `start` takes up the same port again."""
        if self._server is None or self._thread is None:
            return
        self._server.shutdown()
        self._server.server_close()
        for wire in list(self._wires):
            # Some clients have gone already.
            with suppress(OSError):
                wire.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._server = self._thread = None

    def __enter__(self) -> AircallStandIn:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
