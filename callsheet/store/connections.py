"""Saved Aircall sign-ins; the token is sealed and never leaves with the rest."""

from __future__ import annotations

from collections.abc import Callable

from redis import Redis
from redis.client import Pipeline

from callsheet.connection import AircallKey, Connection
from callsheet.errors import NotFound
from callsheet.store import codec, keys
from callsheet.store.client import text_of
from callsheet.store.vault import Vault


class ConnectionStore:
    """Connections by spreadsheet; nothing is found by id alone."""

    def __init__(self, redis: Redis, vault: Vault) -> None:
        self._redis = redis
        self._vault = vault

    def save(self, connection: Connection, api_token: str | None = None) -> None:
        """Save a connection; with a token also that, sealed."""
        with self._redis.pipeline() as pipe:
            pipe.set(keys.connection(connection.id), codec.dump(connection))
            if api_token is not None:
                pipe.set(keys.connection_token(connection.id), self._vault.seal(api_token))
            pipe.sadd(keys.spreadsheet_connections(connection.spreadsheet_id), connection.id)
            pipe.execute()

    def change(
        self,
        spreadsheet_id: str,
        connection_id: str,
        how: Callable[[Connection], Connection],
        *,
        api_token: str | None = None,
    ) -> Connection:
        """Apply `how` to the connection as it is now and save it, together or not at all.

        api_token: takes the place of the former token, sealed. `how` may be called again when
        somebody else changed the connection meanwhile. Raises NotFound.
        """
        result: list[Connection] = []

        def transact(pipe: Pipeline) -> None:
            found = self._load(connection_id, pipe)
            if found is None or found.spreadsheet_id != spreadsheet_id:
                raise NotFound(f"connection {connection_id}")
            changed = how(found)
            pipe.multi()
            pipe.set(keys.connection(connection_id), codec.dump(changed))
            if api_token is not None:
                pipe.set(keys.connection_token(connection_id), self._vault.seal(api_token))
            result[:] = [changed]

        self._redis.transaction(transact, keys.connection(connection_id))
        return result[0]

    def get(self, spreadsheet_id: str, connection_id: str) -> Connection:
        """Return the spreadsheet's connection of this id. Raises NotFound."""
        found = self._load(connection_id)
        if found is None or found.spreadsheet_id != spreadsheet_id:
            raise NotFound(f"connection {connection_id}")
        return found

    def of_spreadsheet(self, spreadsheet_id: str) -> list[Connection]:
        """Return the spreadsheet's connections, oldest first."""
        ids = self._redis.smembers(keys.spreadsheet_connections(spreadsheet_id))
        texts = self._redis.mget([keys.connection(text_of(raw)) for raw in ids]) if ids else []
        found = [codec.load(Connection, text) for text in texts if text is not None]
        return sorted(found, key=lambda connection: connection.created_at)

    def key_of(self, connection: Connection) -> AircallKey:
        """Return the key to sign in with. Raises NotFound; ConfigError if it cannot be opened."""
        sealed = self._redis.get(keys.connection_token(connection.id))
        if sealed is None:
            raise NotFound(f"token of connection {connection.id}")
        return AircallKey(connection.api_id, self._vault.open(text_of(sealed)))

    def remove(self, connection: Connection) -> None:
        """Forget the connection and its token."""
        with self._redis.pipeline() as pipe:
            pipe.delete(keys.connection(connection.id), keys.connection_token(connection.id))
            pipe.srem(keys.spreadsheet_connections(connection.spreadsheet_id), connection.id)
            pipe.execute()

    def _load(self, connection_id: str, redis: Redis | None = None) -> Connection | None:
        text = (redis or self._redis).get(keys.connection(connection_id))
        return None if text is None else codec.load(Connection, text)
