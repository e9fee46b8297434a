"""Keys with which other programs start a flow's runs; only their hash is kept.

A key is 256 random bits, so a fast hash is enough: there is nothing to guess.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from redis import Redis

from callsheet.store import codec, keys
from callsheet.store.client import text_of

PREFIX = "csk_"
"""The beginning of every key, so that scanners for leaked secrets know it."""

_WINDOW = timedelta(minutes=1)
_NO_HASH = "0" * 64


@dataclass(frozen=True, slots=True)
class FlowKey:
    """What is kept of a key."""

    flow_id: str
    spreadsheet_id: str
    hashed: str
    created_at: datetime


class FlowKeyStore:
    """At most one key a flow."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def create(self, spreadsheet_id: str, flow_id: str, now: datetime) -> str:
        """Return a new key in the place of the former one; it cannot be read again."""
        key = PREFIX + secrets.token_urlsafe(32)
        kept = FlowKey(flow_id, spreadsheet_id, _hash(key), now)
        self._redis.set(keys.flow_key(flow_id), codec.dump(kept))
        return key

    def check(self, flow_id: str, key: str) -> str | None:
        """Return the spreadsheet of the flow that this key opens; None for a wrong key or flow."""
        kept = self.find(flow_id)
        is_right = hmac.compare_digest(_hash(key), kept.hashed if kept else _NO_HASH)
        return kept.spreadsheet_id if kept and is_right else None

    def find(self, flow_id: str) -> FlowKey | None:
        """Return what is kept of the flow's key."""
        text = self._redis.get(keys.flow_key(flow_id))
        return None if text is None else codec.load(FlowKey, text_of(text))

    def revoke(self, flow_id: str) -> None:
        """Forget the flow's key: it opens nothing any more."""
        self._redis.delete(keys.flow_key(flow_id))

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
