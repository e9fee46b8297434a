"""Access tokens of Google's service accounts, shared by all processes for as long as they live."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from redis import Redis
from redis.exceptions import RedisError

from callsheet.errors import ConfigError
from callsheet.store import keys
from callsheet.store.client import text_of
from callsheet.store.vault import Vault

log = logging.getLogger(__name__)

_MARGIN_SECONDS = 300
"""Nobody begins with a token that ends so soon; google-auth asks for a new one 225 s before."""


class GoogleTokens:
    """The token memory of a Wire, in Redis and sealed. Without Redis nothing is remembered."""

    def __init__(self, redis: Redis, vault: Vault) -> None:
        self._redis = redis
        self._vault = vault

    def recall(self, account: str) -> tuple[str, datetime] | None:
        """Return the account's token and its end (UTC), if one is known that lives on."""
        try:
            sealed = self._redis.get(keys.google_token(account))
            if sealed is None:
                return None
            moment, _, token = self._vault.open(text_of(sealed)).partition(" ")
        except (RedisError, ConfigError) as error:
            log.warning("google_token_not_recalled error=%s", type(error).__name__)
            return None
        return token, datetime.fromtimestamp(float(moment), UTC)

    def keep(self, account: str, token: str, ends_at: datetime) -> None:
        """Keep a new token of the account until shortly before its end."""
        until = int(ends_at.timestamp()) - _MARGIN_SECONDS
        sealed = self._vault.seal(f"{ends_at.timestamp()} {token}")
        try:
            self._redis.set(keys.google_token(account), sealed, exat=until)
        except RedisError as error:
            log.warning("google_token_not_kept error=%s", type(error).__name__)
