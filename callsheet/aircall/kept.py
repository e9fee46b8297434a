"""Connections to Aircall that outlive the client that opened them."""

from __future__ import annotations

import httpx

from callsheet.aircall.tls import tls_context


class KeptTransport(httpx.BaseTransport):
    """A way to Aircall for one client after the other, of any accounts: requests carry the key.

    A client that is closed leaves it open; it ends with its process. Idle connections are given up
    after five seconds (httpx's default), so none is used that Aircall has long closed.
    """

    def __init__(self) -> None:
        self._inner = httpx.HTTPTransport(verify=tls_context())

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request."""
        return self._inner.handle_request(request)

    def close(self) -> None:
        """Leave the connections open for the next client."""
