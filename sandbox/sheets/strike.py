"""Stands before the application and lets the faults that were asked for happen."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterable, Iterator
from typing import Any

from flask import Response

from sandbox.http_server import SOCKET
from sandbox.sheets import wire
from sandbox.sheets.faults import Fault, page, refusal
from sandbox.sheets.state import State
from sandbox.sheets.traffic import Exchange

Environ = dict[str, Any]


def _hang_up(environ: Environ) -> None:
    """Close the connection under the server, as a broken network would.

    Whatever the server still sends goes nowhere, which it takes quietly.
    """
    connection = environ.get(SOCKET)
    if connection is not None:
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)


def _is_write(method: str, path: str) -> bool:
    return method not in {"GET", "HEAD"} and not path.endswith((":search", "ByDataFilter"))


class FaultyConnection:
    """A WSGI application that strikes before or after the real one."""

    def __init__(self, app: Any, state: State) -> None:
        self._app = app
        self._state = state

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Answer one request, or fail to."""
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        if path.startswith("/_admin"):
            return self._pass(environ, start_response)
        fault = self._state.faults.next(method, path)
        if fault is None:
            return self._pass(environ, start_response)
        self._note(fault, method, path)
        if fault.kind in {"drop", "timeout"}:
            time.sleep(fault.delay)
            return _nothing(environ, start_response)
        if fault.kind in {"lost", "truncate"}:
            return self._cut_off(fault, environ, start_response)
        if fault.kind == "slow":
            time.sleep(fault.delay)
            return self._pass(environ, start_response)
        return self._refuse(fault, environ, start_response)

    def _pass(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        found: Iterable[bytes] = self._app(environ, start_response)
        return found

    def _note(self, fault: Fault, method: str, path: str) -> None:
        now = self._state.clock()
        self._state.traffic.add(
            Exchange(now, f"fault.{fault.kind}", method, path, 0, 0, 0, 0.0, fault.kind)
        )

    def _refuse(self, fault: Fault, environ: Environ, start_response: Any) -> Iterable[bytes]:
        _drain(environ)
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        error = refusal(fault.kind, write=_is_write(method, path))
        if error is None:
            code = int(fault.kind.partition("_")[0])
            response = Response(page(code), status=code, content_type="text/html; charset=UTF-8")
        else:
            text = wire.dumps(error.body())
            kind = "application/json; charset=UTF-8"
            response = Response(text, status=error.code, content_type=kind)
        time.sleep(fault.delay)
        return response(environ, start_response)

    def _cut_off(self, fault: Fault, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Do all of the work, then break off."""
        held: list[Any] = []

        def remember(status: str, headers: Any, exc_info: Any = None) -> None:
            held[:] = [status, headers, exc_info]

        body = b"".join(self._pass(environ, remember))
        time.sleep(fault.delay)
        if fault.kind == "lost":
            return _nothing(environ, start_response)
        start_response(*held)
        return _half(body, environ)


def _nothing(environ: Environ, start_response: Any) -> Iterable[bytes]:
    _hang_up(environ)
    start_response("500 Internal Server Error", [("Connection", "close")])
    return []


def _half(body: bytes, environ: Environ) -> Iterator[bytes]:
    yield body[: len(body) // 2]
    _hang_up(environ)


def _drain(environ: Environ) -> None:
    """Read the body, or a kept-alive connection would take it for the next request."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    if length or environ.get("wsgi.input_terminated"):
        environ["wsgi.input"].read(length if length else -1)
