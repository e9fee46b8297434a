"""Delivery: one message on its way out, and when it is tried again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Channel(StrEnum):
    """How a message leaves."""

    MAIL = "mail"
    SLACK = "slack"
    WEBHOOK = "webhook"


OPERATOR = "operator"
"""In place of a spreadsheet's id: the channels of those who run the server."""

_WAITS = (
    timedelta(seconds=5),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to one place; where exactly is looked up when it is sent.

    owner: the spreadsheet whose channels are meant, or OPERATOR. to: the address of a mail, the
    flow of a webhook, empty for Slack. text: what is sent; subject: of a mail.
    webhook's receiver can tell repeats by. attempt: how often it has been begun.
    """

    id: str
    channel: Channel
    owner: str
    to: str
    subject: str
    text: str
    created_at: datetime
    attempt: int = 0


def wait_after(attempt: int) -> timedelta | None:
    """Return how long to wait after the attempt of this number (1 is the first); None: give up."""
    return _WAITS[attempt - 1] if attempt <= len(_WAITS) else None
