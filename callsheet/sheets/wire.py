"""gspread's HTTPClient with timeouts, a choice of server, counters, and no traps."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from google.oauth2.service_account import Credentials
from gspread.http_client import HTTPClient
from requests import Response

from callsheet.sheets.accounts import not_a_key

GOOGLE = "https://sheets.googleapis.com"
_SCOPES = ("https://www.googleapis.com/auth/spreadsheets",)
_TIMEOUT = (5.0, 200.0)  # seconds to connect, to answer: Google itself gives up after 180


class TokenMemory(Protocol):
    """Remembers access tokens, so that not every client has to sign in."""

    def recall(self, account: str) -> tuple[str, datetime] | None:
        """Return the account's token and its end (UTC), if one is known that lives on."""
        ...

    def keep(self, account: str, token: str, ends_at: datetime) -> None:
        """Keep a new token of the account."""
        ...


class Wire(HTTPClient):
    """One signed-in session. Not for more than one thread at a time (requests says nothing of it).

    gspread's methods may be used; unlike there, `request` returns every answer, 4xx and 5xx too.
    """

    def __init__(
        self, base_url: str, service_account_file: Path, tokens: TokenMemory | None = None
    ) -> None:
        """Take the key; sends nothing yet.

        base_url: Google's or another server's, see SheetsClient. tokens: where a token is looked
        up before the first request. Raises GoogleCredentialsRejected.
        """
        self._base = base_url.rstrip("/")
        self._credentials = _credentials(self._base, service_account_file)
        self._tokens = tokens
        self._kept: str | None = None
        self.account: str = self._credentials.service_account_email
        super().__init__(self._credentials)
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
        self._recall_token()
        response = self.session.request(
            method, self._address(endpoint), timeout=self.timeout, **options
        )
        self._keep_token()
        self.bytes_received += len(response.content)
        return response

    def _recall_token(self) -> None:
        """Begin with the token of somebody else who signed in as this account."""
        if self._tokens is None or self._credentials.token is not None:
            return
        known = self._tokens.recall(self.account)
        if known is not None:
            self._kept = self._credentials.token = known[0]
            self._credentials.expiry = known[1].replace(tzinfo=None)  # as google-auth has it

    def _keep_token(self) -> None:
        """Let others have a token that google-auth has just asked for, before its end or a 401."""
        token = self._credentials.token
        if self._tokens is None or token == self._kept:
            return
        self._kept = token
        self._tokens.keep(self.account, token, self._credentials.expiry.replace(tzinfo=UTC))

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
