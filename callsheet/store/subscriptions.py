"""Who hears of a spreadsheet's notices: people's own addresses, a Slack webhook, a daily digest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from redis import Redis
from redis.client import Pipeline

from callsheet.delivery import Delivery
from callsheet.store import deliveries, keys
from callsheet.store.client import text_of
from callsheet.store.vault import Vault

_MAIL = "mail:"
SLACK = "slack"
"""The field of the sealed address."""

_DIGEST = "digest"


@dataclass(frozen=True, slots=True)
class Subscriptions:
    """Who hears. emails: by the person's id. digest_zone: of the daily digest; None without one."""

    emails: dict[str, str]
    has_slack: bool
    digest_zone: str | None


class SubscriptionStore:
    """Subscriptions by spreadsheet; the Slack address is sealed, for who has it may post there."""

    def __init__(self, redis: Redis, vault: Vault) -> None:
        self._redis = redis
        self._vault = vault

    def get(self, spreadsheet_id: str) -> Subscriptions:
        """Return who hears of the spreadsheet's notices."""
        raw = self._redis.hgetall(keys.subscriptions(spreadsheet_id))
        fields = {text_of(name): text_of(value) for name, value in raw.items()}
        emails = {n.removeprefix(_MAIL): v for n, v in fields.items() if n.startswith(_MAIL)}
        return Subscriptions(emails, SLACK in fields, fields.get(_DIGEST))

    def slack_url(self, spreadsheet_id: str) -> str | None:
        """Return the Slack address. Raises ConfigError when it cannot be opened."""
        sealed = self._redis.hget(keys.subscriptions(spreadsheet_id), SLACK)
        return None if sealed is None else self._vault.open(text_of(sealed))

    def set_mail(self, spreadsheet_id: str, user: str, email: str | None) -> None:
        """Send mails to this person's own address, or no longer."""
        self._set(spreadsheet_id, f"{_MAIL}{user}", email)

    def set_slack(self, spreadsheet_id: str, url: str | None) -> None:
        """Post to this address, or no longer."""
        sealed = None if url is None else self._vault.seal(url).decode()
        self._set(spreadsheet_id, SLACK, sealed)

    def set_digest(self, spreadsheet_id: str, zone: str | None, first: datetime | None) -> None:
        """Send a digest each day from `first` on, by the clock of this zone; None: no longer."""
        self._set(spreadsheet_id, _DIGEST, zone)
        if first is None:
            self._redis.zrem(keys.DIGESTS, spreadsheet_id)
        else:
            self._redis.zadd(keys.DIGESTS, {spreadsheet_id: first.timestamp()})

    def due_digests(self, now: datetime, limit: int = 50) -> list[str]:
        """Return the spreadsheets whose digest is due."""
        raw = self._redis.zrange(
            keys.DIGESTS, "-inf", now.timestamp(), byscore=True, offset=0, num=limit
        )
        return [text_of(one) for one in raw]

    def move_digest(
        self, spreadsheet_id: str, following: datetime, messages: Sequence[Delivery]
    ) -> bool:
        """Put the digest that is due into the outbox, and set when the next one is; or neither.

        Neither, and False, when somebody has done so already.
        """
        is_moved: list[bool] = []

        def transact(pipe: Pipeline) -> None:
            due = pipe.zscore(keys.DIGESTS, spreadsheet_id)
            is_moved[:] = [due is not None and due < following.timestamp()]
            pipe.multi()
            if is_moved[0]:
                pipe.zadd(keys.DIGESTS, {spreadsheet_id: following.timestamp()})
                deliveries.put(pipe, messages)

        self._redis.transaction(transact, keys.DIGESTS)
        return is_moved[0]

    def _set(self, spreadsheet_id: str, name: str, value: str | None) -> None:
        if value is None:
            self._redis.hdel(keys.subscriptions(spreadsheet_id), name)
        else:
            self._redis.hset(keys.subscriptions(spreadsheet_id), name, value)
