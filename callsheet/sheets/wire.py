"""gspread's HTTPClient with timeouts, a choice of server, counters, and no traps."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from google.oauth2.service_account import Credentials
from gspread.http_client import HTTPClient
from requests import Response

from callsheet.sheets.accounts import not_a_key

GOOGLE = "https://sheets.googleapis.com"
_SCOPES = ("https://www.googleapis.com/auth/spreadsheets",)
_TIMEOUT = (5.0, 200.0)  # seconds to connect, to answer: Google itself gives up after 180


class Wire(HTTPClient):
    """One signed-in session. Not for more than one thread at a time (requests says nothing of it).

    gspread's methods may be used; unlike there, `request` returns every answer, 4xx and 5xx too.
    """

    def __init__(self, base_url: str, service_account_file: Path) -> None:
        self._base = base_url.rstrip("/")
        credentials = _credentials(self._base, service_account_file)
        self.account: str = credentials.service_account_email
        super().__init__(credentials)
        self.set_timeout(_TIMEOUT)
        self.bytes_sent = 0
        self.bytes_received = 0

    def request(  # type: ignore[override]
        self, method: str, endpoint: str, **options: Any
    ) -> Response:
        """Send one request once.

        endpoint: Google's address; another server's base takes its place. Returns the answer, an
        error too. Raises what requests and google-auth raise: no answer, or no token.
        """
        self.bytes_sent += len(options.get("data") or b"")
        response = self.session.request(
            method, self._address(endpoint), timeout=self.timeout, **options
        )
        self.bytes_received += len(response.content)
        return response

    def _address(self, endpoint: str) -> str:
        if self._base == GOOGLE:
            return endpoint
        for prefix in (GOOGLE, "https://www.googleapis.com"):  # Drive's is the second
            if endpoint.startswith(prefix + "/"):
                return self._base + endpoint.removeprefix(prefix)
        return endpoint


class _LocalCredentials(Credentials):
    """Credentials for a server that is not Google: they ask nothing of Google itself.

    google-auth starts a background look-up at iamcredentials.googleapis.com after each token.
    """

    def _after_refresh(self, *_: object) -> None:
        """Start nothing."""


def _credentials(base: str, path: Path) -> Any:
    """Return new credentials of a service account, whose key is read and checked once."""
    try:
        return _read_key(base, path, path.stat().st_mtime_ns).with_scopes(_SCOPES)
    except (OSError, ValueError, TypeError) as problem:
        # The text of these exceptions may hold pieces of the key.
        raise not_a_key(path, problem) from None


@lru_cache(maxsize=256)
def _read_key(base: str, path: Path, _changed: int) -> Any:
    """Read a service account's file; its tokens come from the same server as the sheets.

    Checking the key costs more than anything else at the start of an import. Without a token, so
    that what is cached is the key alone.
    """
    kind: Any = Credentials  # google-auth has no types
    info = json.loads(path.read_bytes())
    if base != GOOGLE:
        info, kind = {**info, "token_uri": f"{base}/token"}, _LocalCredentials
    return kind.from_service_account_info(info)
