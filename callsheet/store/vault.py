"""Seals secrets of customers with authenticated encryption before they reach Redis."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from pydantic import SecretStr

from callsheet.errors import ConfigError


class Vault:
    """Seals with the first key; opens with any, so that keys can be rotated."""

    def __init__(self, keys: Sequence[SecretStr]) -> None:
        """Take Fernet keys, newest first. Raises ConfigError when there is none or one is wrong."""
        if not keys:
            raise ConfigError(
                message="CALLSHEET_SEALING_KEYS is not set. Make a key with `callsheet keys` and "
                "put it in the environment or in .env."
            )
        try:
            fernets = [Fernet(key.get_secret_value()) for key in keys]
        except ValueError:
            raise ConfigError(
                message="CALLSHEET_SEALING_KEYS holds something that is not a key. Make a new one "
                "with `callsheet keys`."
            ) from None
        self._fernet, self._newest = MultiFernet(fernets), fernets[0]

    def seal(self, secret: str) -> bytes:
        """Return the secret in a form that may be stored."""
        return self._fernet.encrypt(secret.encode())

    def open(self, sealed: bytes | str) -> str:
        """Return the secret. Raises ConfigError when it was sealed with a key we do not have."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken:
            raise ConfigError(
                message="A stored Aircall token cannot be opened with CALLSHEET_SEALING_KEYS. Put "
                "the former key back beside the new one, or connect to Aircall again."
            ) from None

    def seal_bytes(self, secret: bytes) -> bytes:
        """Return bytes in a form that may be stored."""
        return self._fernet.encrypt(secret)

    def open_bytes(self, sealed: bytes) -> bytes:
        """Return the bytes. Raises ConfigError when they were sealed with a key we do not have."""
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken:
            raise ConfigError("bytes sealed with another key") from None

    def reseal(self, sealed: bytes) -> bytes:
        """Return the same secret sealed with the newest key. Raises ConfigError as `open_bytes`."""
        return self.seal_bytes(self.open_bytes(sealed))

    def is_newest(self, sealed: bytes) -> bool:
        """Say whether the newest key has sealed it."""
        try:
            self._newest.decrypt(sealed)
        except InvalidToken:
            return False
        return True
