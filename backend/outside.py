"""What connects data flows with the outside: notices, webhooks and flow keys."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, SecretStr
from redis import Redis

from callsheet.flows.events import Heard
from callsheet.notice import NoticeKind
from callsheet.store.flow_keys import HEARS, FlowKeyStore
from callsheet.store.notices import NoticeStore
from callsheet.store.subscriptions import SubscriptionStore
from callsheet.store.vault import Vault
from callsheet.store.webhooks import WebhookStore


class Outside:
    """The stores of notices, webhooks and flow keys; event_keys: in addresses for events."""

    def __init__(self, redis: Redis, vault: Vault) -> None:
        self.notices = NoticeStore(redis)
        self.subscriptions = SubscriptionStore(redis, vault)
        self.webhooks = WebhookStore(redis, vault)
        self.flow_keys = FlowKeyStore(redis)
        self.event_keys = FlowKeyStore(redis, HEARS)


class _Model(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class NoticeOut(_Model):
    """An open notice of a data flow: it was told once, and closes when a run succeeds."""

    flow_id: str
    label: str
    kind: NoticeKind
    code: str
    sentence: str
    opened_at: datetime
    is_dismissed: bool


class NoticeSettingsBody(_Body):
    """What to change about who hears of notices; what is left out stays.

    email_me: mails to the address of this session. slack_url: of an incoming webhook; empty: no
    longer. digest: once a day, at 8 by the spreadsheet's clock.
    """

    email_me: bool | None = None
    slack_url: SecretStr | None = None
    digest: bool | None = None


class NoticeSettingsOut(_Model):
    """Who hears of notices. can_email: the server has a mail server. others: people beside you."""

    can_email: bool
    email_me: bool
    others: int
    has_slack: bool
    digest: bool


class FlowKeyOut(_Model):
    """A new key of a flow; it is not shown again. url: what to POST to, with it as bearer token."""

    key: str
    url: str
    created_at: datetime


class EventAddressOut(_Model):
    """A new address to POST events to; it holds a key and is not shown again."""

    url: str
    created_at: datetime


class HeardOut(_Model):
    """What became of an event. starts_at: when the run that covers it starts; null: at once."""

    outcome: Heard
    starts_at: datetime | None


class WebhookBody(_Body):
    """Where the end of each run is to be posted."""

    url: SecretStr


class NewWebhookOut(_Model):
    """A new webhook with its secret, which is not shown again."""

    url: str
    secret: str
    created_at: datetime


class AttemptOut(_Model):
    """One try of one delivery. outcome: the answer's status, or the kind of the failure."""

    delivery_id: str
    attempt: int
    at: datetime
    is_delivered: bool
    outcome: str


class WebhookOut(_Model):
    """A flow's webhook. host: of its address; the rest may be secret."""

    host: str
    created_at: datetime
    attempts: list[AttemptOut]


class OutsideOut(_Model):
    """How a flow is connected with other programs. run_url: what starts it, with its key.

    key_created_at, event_address_created_at: null while there is none.
    """

    run_url: str
    key_created_at: datetime | None
    event_address_created_at: datetime | None
    webhook: WebhookOut | None
