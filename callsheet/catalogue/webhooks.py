"""Webhooks: one row a webhook, never its token."""

from __future__ import annotations

from urllib.parse import urlsplit

from callsheet.columns import count, field, iso_moment, key, removed_at, texts
from callsheet.entity import (
    Column,
    Entity,
    Kind,
    Private,
    ReadContext,
    Reading,
    Record,
    Value,
    words,
)
from callsheet.schedule import Cadence, Schedule


def _address(record: Record, _context: ReadContext) -> Value:
    """The address without sign-in and query, which may hold secrets."""
    url = record.get("url")
    if not isinstance(url, str):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    host = parts.netloc.rpartition("@")[2]
    query = "?…" if parts.query or parts.fragment else ""
    return f"{parts.scheme}://{host}{parts.path}{query}" if host else parts.path or None


WEBHOOKS = Entity(
    name="webhooks",
    label="Webhooks",
    help="One row a webhook of your account: address, events, whether it is active. Its token is "
    "never read into the sheet: whoever has it can forge deliveries.",
    path="/v1/webhooks",
    records_key="webhooks",
    reading=Reading.LIST,
    default_schedule=Schedule(Cadence.WEEKLY),
    known_fields=words("id direct_link url active events token created_at webhook_id custom_name"),
    withheld=("token",),
    columns=(
        Column("id", "Webhook ID", key("id"), note="Aircall's own number of the webhook."),
        Column(
            "webhook_id",
            "Webhook UUID",
            field("webhook_id"),
            note="The id that Aircall's newer pages show.",
            width=260,
        ),
        Column(
            "url",
            "Address",
            _address,
            Kind.LINK,
            "Where events are sent; what stands after a ? is left out, it may hold a secret.",
            260,
            private=Private.LEAVE_OUT,
        ),
        Column(
            "active",
            "Active",
            field("active"),
            Kind.BOOLEAN,
            "Aircall switches it off after lasting failures.",
            70,
        ),
        Column(
            "events_count",
            "Events",
            count("events"),
            Kind.INTEGER,
            "How many kinds of events it gets.",
            70,
        ),
        Column(
            "events",
            "Event names",
            texts("events"),
            Kind.PARAGRAPH,
            "Which kinds of events it gets.",
            300,
        ),
        Column(
            "created_at",
            "Created at",
            iso_moment("created_at"),
            Kind.DATE_TIME,
            "When it was made, in this spreadsheet's time zone.",
            150,
        ),
        removed_at(),
    ),
)
