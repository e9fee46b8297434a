"""Turns a message into deliveries: who hears of it, by which channels."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

from redis import Redis

from callsheet.clock import Clock
from callsheet.delivery import OPERATOR, Channel, Delivery
from callsheet.enqueue import enqueue_delivery
from callsheet.notice import Message
from callsheet.run import Run
from callsheet.settings import Settings
from callsheet.store.deliveries import DeliveryStore
from callsheet.store.subscriptions import SubscriptionStore
from callsheet.store.vault import Vault
from callsheet.webhook import body_of


class Telling:
    """Puts messages into the outbox and enqueues their first try."""

    def __init__(self, redis: Redis, settings: Settings, clock: Clock) -> None:
        self._redis = redis
        self._settings = settings
        self._clock = clock
        self._deliveries = DeliveryStore(redis)
        self._subscriptions = SubscriptionStore(redis, Vault(settings.sealing_keys))

    def tell(self, spreadsheet_id: str, message: Message, *, operators: bool = True) -> None:
        """Tell those who hear of this spreadsheet, and those who run the server."""
        found = list(self._of_spreadsheet(spreadsheet_id, message))
        if operators:
            found += self._of_operators(message)
        self._hand_over(found)

    def webhook(self, run: Run) -> None:
        """Post the run to its flow's webhook."""
        message = Message(subject="", text=body_of(run))
        self._hand_over([self._new(Channel.WEBHOOK, run.spreadsheet_id, run.flow_id, message)])

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

    def _hand_over(self, deliveries: list[Delivery]) -> None:
        if deliveries:
            self._deliveries.add(deliveries, self._clock.now())
        for delivery in deliveries:
            enqueue_delivery(self._redis, delivery)
