"""Webhooks of flows, sealed, and the last tries of each."""

from __future__ import annotations

from redis import Redis

from callsheet.store import codec, keys
from callsheet.store.client import text_of
from callsheet.store.vault import Vault
from callsheet.webhook import Attempt, Webhook

KEEP_ATTEMPTS = 20


class WebhookStore:
    """At most one webhook a flow; its address and secret are sealed together."""

    def __init__(self, redis: Redis, vault: Vault) -> None:
        self._redis = redis
        self._vault = vault

    def save(self, webhook: Webhook) -> None:
        """Keep the webhook in the place of the flow's former one, with an empty log."""
        sealed = self._vault.seal(codec.dump(webhook).decode())
        with self._redis.pipeline() as pipe:
            pipe.set(keys.webhook(webhook.flow_id), sealed)
            pipe.delete(keys.webhook_attempts(webhook.flow_id))
            pipe.execute()

    def find(self, spreadsheet_id: str, flow_id: str) -> Webhook | None:
        """Return the webhook of the spreadsheet's flow. Raises ConfigError if it stays sealed."""
        sealed = self._redis.get(keys.webhook(flow_id))
        if sealed is None:
            return None
        webhook = codec.load(Webhook, self._vault.open(text_of(sealed)))
        return webhook if webhook.spreadsheet_id == spreadsheet_id else None

    def exists(self, flow_id: str) -> bool:
        """Say whether the flow has a webhook."""
        return bool(self._redis.exists(keys.webhook(flow_id)))

    def remove(self, flow_id: str) -> None:
        """Forget the flow's webhook and its log."""
        self._redis.delete(keys.webhook(flow_id), keys.webhook_attempts(flow_id))

    def note(self, flow_id: str, attempt: Attempt) -> None:
        """Write a try down; the last 20 are kept."""
        key = keys.webhook_attempts(flow_id)
        with self._redis.pipeline() as pipe:
            pipe.lpush(key, codec.dump(attempt).decode())
            pipe.ltrim(key, 0, KEEP_ATTEMPTS - 1)
            pipe.execute()

    def attempts(self, flow_id: str) -> list[Attempt]:
        """Return the last tries, the newest first."""
        texts = self._redis.lrange(keys.webhook_attempts(flow_id), 0, -1)
        return [codec.load(Attempt, text_of(text)) for text in texts]
