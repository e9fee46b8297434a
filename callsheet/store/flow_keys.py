"""Keys with which other programs reach a flow; only their hash is kept.

One kind starts its runs and travels in a header; the other stands in the address to which events
are posted by those who cannot set a header.

A key is 256 random bits, so a fast hash is enough: there is nothing to guess.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from redis import Redis

from callsheet.store import codec, keys
from callsheet.store.client import text_of

_WINDOW = timedelta(minutes=1)
_NO_HASH = "0" * 64


@dataclass(frozen=True, slots=True)
class Kind:
    """What a key is for. prefix: its beginning, so that scanners for leaked secrets know it.

    name: the Redis key of what is kept of a flow's key.
    """

    prefix: str
    name: Callable[[str], str]


STARTS = Kind("csk_", keys.flow_key)
"""Starts the flow's runs."""

HEARS = Kind("cse_", keys.event_key)
"""In the address for events."""


@dataclass(frozen=True, slots=True)
class FlowKey:
    """What is kept of a key."""

    flow_id: str
    spreadsheet_id: str
    hashed: str
    created_at: datetime


class FlowKeyStore:
    """At most one key of its kind a flow."""

    def __init__(self, redis: Redis, kind: Kind = STARTS) -> None:
        self._redis = redis
        self._kind = kind

    def create(self, spreadsheet_id: str, flow_id: str, now: datetime) -> str:
        """Return a new key in the place of the former one; it cannot be read again."""
        key = self._kind.prefix + secrets.token_urlsafe(32)
        kept = FlowKey(flow_id, spreadsheet_id, _hash(key), now)
        self._redis.set(self._kind.name(flow_id), codec.dump(kept))
        return key

    def check(self, flow_id: str, key: str) -> str | None:
        """Return the spreadsheet of the flow that this key opens; None for a wrong key or flow."""
        kept = self.find(flow_id)
        is_right = hmac.compare_digest(_hash(key), kept.hashed if kept else _NO_HASH)
        return kept.spreadsheet_id if kept and is_right else None

    def find(self, flow_id: str) -> FlowKey | None:
        """Return what is kept of the flow's key."""
        text = self._redis.get(self._kind.name(flow_id))
        return None if text is None else codec.load(FlowKey, text_of(text))

    def revoke(self, flow_id: str) -> None:
        """Forget the flow's key: it opens nothing any more."""
        self._redis.delete(self._kind.name(flow_id))

    def may_call(self, flow_id: str, per_minute: int) -> bool:
        """Count a call with the right key; False when there were more than this in a minute."""
        key = keys.flow_key_calls(flow_id)
        with self._redis.pipeline() as pipe:
            pipe.set(key, 0, ex=_WINDOW, nx=True)
            pipe.incr(key)
            _, count = pipe.execute()
        return int(count) <= per_minute


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
