"""Turns a message into deliveries: who hears of it, by which channels."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterable, Iterator

from redis import Redis
from redis.exceptions import RedisError

from callsheet.clock import Clock
from callsheet.delivery import OPERATOR, Channel, Delivery
from callsheet.enqueue import enqueue_delivery
from callsheet.notice import Message
from callsheet.run import Run
from callsheet.settings import Settings
from callsheet.store.subscriptions import SubscriptionStore
from callsheet.store.vault import Vault
from callsheet.webhook import body_of

log = logging.getLogger(__name__)


class Telling:
    """Addresses messages; whoever has put them into the outbox lets it enqueue their first try."""

    def __init__(self, redis: Redis, settings: Settings, clock: Clock) -> None:
        self._redis = redis
        self._settings = settings
        self._clock = clock
        self._subscriptions = SubscriptionStore(redis, Vault(settings.sealing_keys))

    def addressed(
        self, spreadsheet_id: str, message: Message, *, operators: bool = True
    ) -> tuple[Delivery, ...]:
        """Return one delivery for each channel of this spreadsheet, and of the server's operators.

        operators: whether they hear of it too.
        """
        found = [*self._of_spreadsheet(spreadsheet_id, message)]
        return (*found, *self._of_operators(message)) if operators else tuple(found)

    def posted(self, run: Run) -> Delivery:
        """Return the delivery of a run that is over to its flow's webhook."""
        message = Message(subject="", text=body_of(run))
        return self._new(Channel.WEBHOOK, run.spreadsheet_id, run.flow_id, message)

    def enqueue(self, deliveries: Iterable[Delivery]) -> None:
        """Hand the first try to the workers, now that the outbox has them.

        Raises nothing: what cannot be handed over now the scheduler finds seconds later.
        """
        try:
            for delivery in deliveries:
                enqueue_delivery(self._redis, delivery)
        except RedisError as error:
            log.warning("delivery_not_enqueued error=%s", type(error).__name__)

    def _of_spreadsheet(self, spreadsheet_id: str, message: Message) -> Iterator[Delivery]:
        known = self._subscriptions.get(spreadsheet_id)
        if self._settings.smtp_host:
            for email in sorted(set(known.emails.values())):
                yield self._new(Channel.MAIL, spreadsheet_id, email, message)
        if known.has_slack:
            yield self._new(Channel.SLACK, spreadsheet_id, "", message)

    def _of_operators(self, message: Message) -> Iterator[Delivery]:
        if self._settings.smtp_host:
            for email in self._settings.notice_emails:
                yield self._new(Channel.MAIL, OPERATOR, email, message)
        if self._settings.notice_slack_url:
            yield self._new(Channel.SLACK, OPERATOR, "", message)

    def _new(self, channel: Channel, owner: str, to: str, message: Message) -> Delivery:
        return Delivery(
            id=secrets.token_hex(12),
            channel=channel,
            owner=owner,
            to=to,
            subject=message.subject,
            text=message.text,
            created_at=self._clock.now(),
        )
