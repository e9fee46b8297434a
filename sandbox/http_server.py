"""A small HTTP/1.1 server for the stand-ins: threads, connections that live on, and can be cut."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any

from cheroot import wsgi

Application = Callable[..., Iterable[bytes]]

_THREADS = 24
SOCKET = "sandbox.socket"
"""Where an application finds the connection's socket, to drop it or to cut an answer short."""


class _Gateway(wsgi.Gateway_10):  # type: ignore[misc,unused-ignore]
    """Hands the connection's socket to the application."""

    def get_environ(self) -> Any:
        environ: Any = super().get_environ()  # type: ignore[no-untyped-call]
        environ[SOCKET] = self.req.conn.socket
        return environ


class HttpServer:
    """Serves a WSGI application in a thread of this process.

    port: 0 lets the system choose one. server_name: the value of the `Server` header.
    """

    def __init__(self, application: Application, *, host: str, port: int, server_name: str) -> None:
        self._server = wsgi.Server(
            (host, port),
            application,
            numthreads=_THREADS,
            max=-1,
            server_name=server_name,
            request_queue_size=128,
            timeout=600,
            shutdown_timeout=1,
        )
        self._server.gateway = _Gateway
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        """The port that is listened on, once started."""
        return int(self._server.bind_addr[1])

    def start(self) -> None:
        """Listen, and serve until `stop`. Raises OSError when the port is taken."""
        self._server.prepare()
        self._thread = threading.Thread(target=self._server.serve, daemon=True, name="http")
        self._thread.start()

    def stop(self) -> None:
        """Stop listening, hang up on everybody and end the threads."""
        if self._thread is not None:
            self._server.stop()
            self._thread.join(5)
            self._thread = None
