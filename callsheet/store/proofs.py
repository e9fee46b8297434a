"""Who has shown that they can edit which spreadsheet."""

from __future__ import annotations

import secrets
from datetime import timedelta

from redis import Redis

from callsheet.store import keys

NONCE_LIFETIME = timedelta(minutes=5)
PROOF_LIFETIME = timedelta(hours=24)


class ProofStore:
    """Nonces that were handed out, and the proofs that came of them."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def begin(self, user: str, spreadsheet_id: str) -> str:
        """Return a new nonce for this user and spreadsheet, good for 5 minutes and one use."""
        nonce = secrets.token_urlsafe(24)
        self._redis.set(keys.edit_nonce(nonce), f"{user}|{spreadsheet_id}", ex=NONCE_LIFETIME)
        return nonce

    def is_theirs(self, nonce: str, user: str, spreadsheet_id: str) -> bool:
        """Say whether the nonce was handed to this user for this spreadsheet and still counts."""
        return bool(self._redis.get(keys.edit_nonce(nonce)) == f"{user}|{spreadsheet_id}".encode())

    def complete(self, nonce: str, user: str, spreadsheet_id: str) -> bool:
        """Use the nonce up and remember the proof for 24 hours; False when it did not count."""
        held = self._redis.getdel(keys.edit_nonce(nonce))
        if held != f"{user}|{spreadsheet_id}".encode():
            return False
        self._redis.set(keys.edit_proof(user, spreadsheet_id), 1, ex=PROOF_LIFETIME)
        return True

    def has_proved(self, user: str, spreadsheet_id: str) -> bool:
        """Say whether the user counts as an editor of the spreadsheet."""
        return bool(self._redis.exists(keys.edit_proof(user, spreadsheet_id)))

    def forget(self, user: str, spreadsheet_id: str) -> None:
        """Ask for a new proof next time."""
        self._redis.delete(keys.edit_proof(user, spreadsheet_id))
