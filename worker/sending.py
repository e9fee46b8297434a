"""Send one message: a mail, a post to Slack, or a webhook."""

from __future__ import annotations

import json
import logging

from rq.timeouts import JobTimeoutException

from callsheet import log as logs
from callsheet.clock import Clock
from callsheet.delivery import OPERATOR, Channel, Delivery, wait_after
from callsheet.errors import AddressRefused, CallsheetError, ConfigError, DeliveryFailed
from callsheet.outgoing.mail import send_mail
from callsheet.outgoing.post import post
from callsheet.settings import Settings
from callsheet.store.client import connect
from callsheet.store.deliveries import DeliveryStore
from callsheet.store.subscriptions import SubscriptionStore
from callsheet.store.vault import Vault
from callsheet.store.webhooks import WebhookStore
from callsheet.webhook import EVENT, SIGNATURE, Attempt, signature
from callsheet.wiring import mail_server

log = logging.getLogger(__name__)

_TAKEN = "taken"
_GONE = "gone"
"""Nobody wants the message any more: the channel was removed meanwhile."""


class Sending:
    """What a worker does with the id of a message."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        redis = connect(settings)
        vault = Vault(settings.sealing_keys)
        self._settings = settings
        self._clock = clock
        self._deliveries = DeliveryStore(redis)
        self._subscriptions = SubscriptionStore(redis, vault)
        self._webhooks = WebhookStore(redis, vault)

    def deliver(self, delivery_id: str, attempt: int) -> None:
        """Make this try; what fails is tried again by time, or given up after the last."""
        delivery = self._deliveries.begin(delivery_id, attempt, self._clock.now())
        if delivery is None:
            return
        with logs.bound(delivery_id=delivery.id, channel=delivery.channel):
            try:
                outcome = self._send(delivery)
            except DeliveryFailed as error:
                self._failed(delivery, error)
            except JobTimeoutException:
                self._failed(delivery, DeliveryFailed("too slow"))
            except (AddressRefused, ConfigError) as error:  # no use in trying again
                self._failed(delivery, error, is_last=True)
            else:
                self._note(delivery, outcome, is_delivered=True)
                self._deliveries.end(delivery.id)
                log.info("delivered attempt=%d outcome=%s", delivery.attempt, outcome)

    def _failed(self, delivery: Delivery, error: CallsheetError, *, is_last: bool = False) -> None:
        self._note(delivery, str(error), is_delivered=False)
        if is_last or wait_after(delivery.attempt) is None:
            self._deliveries.end(delivery.id)
            log.warning("delivery_given_up attempt=%d code=%s", delivery.attempt, error.code)
        else:
            log.info("delivery_failed attempt=%d detail=%r", delivery.attempt, str(error))

    def _note(self, delivery: Delivery, outcome: str, *, is_delivered: bool) -> None:
        if delivery.channel is Channel.WEBHOOK and outcome != _GONE:
            now = self._clock.now()
            attempt = Attempt(delivery.id, delivery.attempt, now, is_delivered, outcome)
            self._webhooks.note(delivery.to, attempt)

    def _send(self, delivery: Delivery) -> str:
        """Send it and return what the other side answered."""
        match delivery.channel:
            case Channel.MAIL:
                return self._mail(delivery)
            case Channel.SLACK:
                return self._slack(delivery)
            case Channel.WEBHOOK:
                return self._webhook(delivery)

    def _mail(self, delivery: Delivery) -> str:
        server = mail_server(self._settings)
        if server is None:
            return _GONE
        send_mail(server, delivery.to, delivery.subject, delivery.text)
        return _TAKEN

    def _slack(self, delivery: Delivery) -> str:
        url = self._slack_url(delivery.owner)
        return _GONE if url is None else self._post(url, slack_body(delivery.text), {})

    def _slack_url(self, owner: str) -> str | None:
        if owner != OPERATOR:
            return self._subscriptions.slack_url(owner)
        url = self._settings.notice_slack_url
        return None if url is None else url.get_secret_value()

    def _webhook(self, delivery: Delivery) -> str:
        webhook = self._webhooks.find(delivery.owner, delivery.to)
        if webhook is None:
            return _GONE
        body = delivery.text.encode()
        seconds = int(self._clock.now().timestamp())
        signed = signature(webhook.secret, body, seconds)
        return self._post(webhook.url, body, {SIGNATURE: signed, EVENT: delivery.id})

    def _post(self, url: str, body: bytes, headers: dict[str, str]) -> str:
        is_local = self._settings.is_on_this_machine
        return str(post(url, body, headers, on_this_machine=is_local))


def slack_body(text: str) -> bytes:
    """Return the JSON of a Slack incoming webhook; `&<>` are Slack's control characters."""
    safe = text.strip().replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return json.dumps({"text": safe}).encode()
