"""Keys and the companies behind them."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from sandbox.aircall.limits import RateLimiter
from sandbox.aircall.world import World

HOME = "home"
DEFAULT_ID, DEFAULT_TOKEN = "demo-api-id", "demo-api-token"


@dataclass(frozen=True, slots=True)
class Company:
    """A company of the stand-in: its data, and the one request counter of all its keys."""

    name: str
    world: World
    limiter: RateLimiter


@dataclass(frozen=True, slots=True)
class Key:
    """An API key pair and the company it opens."""

    api_id: str
    api_token: str
    company: str


class KeyRing:
    """The key pairs that are accepted at the moment."""

    def __init__(self) -> None:
        self._keys: dict[str, Key] = {}

    def add(self, key: Key) -> None:
        """Accept a key pair."""
        self._keys[key.api_id] = key

    def revoke(self, api_id: str) -> bool:
        """Stop accepting a key pair; say whether it was known."""
        return self._keys.pop(api_id, None) is not None

    def all(self) -> list[Key]:
        """Return the accepted key pairs."""
        return list(self._keys.values())

    def company_of(self, authorization: str) -> str | None:
        """Return the company an Authorization header opens, None if it opens nothing."""
        scheme, _, encoded = authorization.partition(" ")
        if scheme.lower() != "basic":
            return None
        try:
            api_id, _, token = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        key = self._keys.get(api_id)
        return key.company if key is not None and key.api_token == token else None
