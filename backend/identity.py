"""Who holds a Google identity token: verified against the issuer's certificates."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from google.auth.exceptions import GoogleAuthError, TransportError
from google.auth.transport import Request
from google.auth.transport.requests import Request as GoogleRequest
from google.oauth2 import id_token

from callsheet.clock import Clock
from callsheet.errors import DestinationUnavailable, NotAllowed, NotSignedIn
from callsheet.settings import Settings

CLOCK_SKEW_SECONDS = 10
_ISSUERS = frozenset({"accounts.google.com", "https://accounts.google.com"})
_FETCH_SECONDS = 5
_KEEP_AT_MOST = timedelta(hours=6)
_MAX_AGE = re.compile(r"max-age=(\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Identity:
    """A person as Google knows them. user: Google's lasting id (`sub`), not the address."""

    user: str
    email: str


class CachedCertificates(Request):
    """A google-auth transport that asks for the certificates only when they have grown old."""

    def __init__(self, clock: Clock, fetch: Callable[..., Any] | None = None) -> None:
        self._clock = clock
        self._fetch = fetch or GoogleRequest()
        self._lock = Lock()
        self._answer: Any = None
        self._good_until: datetime | None = None

    def __call__(self, url: str, method: str = "GET", *_body: Any, **_options: Any) -> Any:
        """Return the answer of the certificates' address, fresh enough by its Cache-Control."""
        with self._lock:
            now = self._clock.now()
            if self._good_until is None or now >= self._good_until:
                answer = self._fetch(url, method=method, timeout=_FETCH_SECONDS)
                self._good_until = now + _lifetime(answer.headers) if answer.status == 200 else None
                self._answer = answer
            return self._answer


class GoogleIdentities:
    """Verifies identity tokens as `google.oauth2.id_token.verify_oauth2_token` does.

    Unlike that function it takes the certificates' address from the settings.
    """

    def __init__(
        self, settings: Settings, clock: Clock, fetch: Callable[..., Any] | None = None
    ) -> None:
        """Take audience, allowed domains and certificates' address from the settings.

        fetch: another google-auth transport, for tests. Raises ConfigError without an audience:
        google-auth would then accept every token that Google ever signed.
        """
        settings.require("identity_audience")
        self._audience = list(settings.identity_audience)
        self._domains = {domain.lower() for domain in settings.allowed_domains}
        self._certs_url = settings.identity_certs_url
        self._transport = CachedCertificates(clock, fetch)

    def verify(self, token: str) -> Identity:
        """Return the person who holds the token.

        Raises NotSignedIn when the token does not count, NotAllowed for a person of a domain that
        is not let in, DestinationUnavailable when the certificates cannot be read.
        """
        claims = self._claims(token)
        if claims.get("iss") not in _ISSUERS:
            raise NotSignedIn("identity token of another issuer")
        user, email = claims.get("sub"), claims.get("email")
        if not isinstance(user, str) or not user or not isinstance(email, str):
            raise NotSignedIn("identity token without sub or email")
        if claims.get("email_verified") is not True:
            raise NotSignedIn("identity token with an unverified address")
        if self._domains and str(claims.get("hd", "")).lower() not in self._domains:
            raise NotAllowed(
                "domain not allowed",
                message="This Callsheet is only for the people of "
                f"{', '.join(sorted(self._domains))}. Open it with your account there.",
            )
        return Identity(user, email)

    def _claims(self, token: str) -> Mapping[str, Any]:
        try:
            claims: Mapping[str, Any] = id_token.verify_token(
                token,
                self._transport,
                audience=self._audience,
                certs_url=self._certs_url,
                clock_skew_in_seconds=CLOCK_SKEW_SECONDS,
            )
        except TransportError:
            raise DestinationUnavailable(
                "identity certificates",
                message="Google's sign-in cannot be checked right now. Try again in a minute.",
            ) from None
        except (ValueError, GoogleAuthError):
            raise NotSignedIn("identity token refused") from None
        return claims


def _lifetime(headers: Mapping[str, str]) -> timedelta:
    said = next((v for k, v in headers.items() if k.lower() == "cache-control"), "")
    found = _MAX_AGE.search(said)
    seconds = int(found.group(1)) if found else 0
    return min(timedelta(seconds=seconds), _KEEP_AT_MOST)
