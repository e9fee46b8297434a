"""How the columns of Calls are read: what Aircall says, and what we derive from it.

Facts about the fields: API reference and measurements of 2026 (no `updated_at`, no `missed`
status, `duration` counts ringing and can be off by a second, so times are computed here).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import phonenumbers

from callsheet.entity import ReadContext, Reader, Record, Value

_ABANDONED = frozenset({"short_abandoned", "abandoned_in_ivr", "abandoned_in_classic"})


def field(path: str) -> Reader:
    """Read `a.b.c`; a missing step gives an empty cell."""
    steps = path.split(".")

    def read(record: Record, _context: ReadContext) -> Value:
        value: Any = record
        for step in steps:
            if not isinstance(value, dict):
                return None
            value = value.get(step)
        return value if isinstance(value, str | int | float | bool) else None

    return read


def key(path: str) -> Reader:
    """Read an id as text: ids are labels, not quantities."""
    inner = field(path)

    def read(record: Record, context: ReadContext) -> Value:
        value = inner(record, context)
        return None if value is None else str(value)

    return read


def moment(name: str) -> Reader:
    """Read UNIX seconds as an instant."""

    def read(record: Record, _context: ReadContext) -> Value:
        seconds = _seconds(record, name)
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)

    return read


def joined(name: str, inner: str, separator: str = ", ") -> Reader:
    """Read one field of every item of a list, as one text."""

    def read(record: Record, _context: ReadContext) -> Value:
        return _join((item.get(inner) for item in _items(record, name)), separator)

    return read


def outcome(record: Record, _context: ReadContext) -> Value:
    """Say how the call ended.

    in progress: not over yet. answered: somebody answered. Otherwise an outbound call is
    unanswered outbound; an inbound one is voicemail when the caller left one, abandoned when the
    caller hung up first (Aircall's three abandoned reasons), and missed in all other cases.
    """
    if record.get("status") != "done" and record.get("ended_at") is None:
        return "in progress"
    if record.get("answered_at") is not None:
        return "answered"
    if record.get("direction") == "outbound":
        return "unanswered outbound"
    if _has_voicemail(record):
        return "voicemail"
    return "abandoned" if record.get("missed_call_reason") in _ABANDONED else "missed"


def waiting_seconds(record: Record, _context: ReadContext) -> Value:
    """From the start to the answer, or to the end of a call that nobody answered."""
    started, answered = _seconds(record, "started_at"), _seconds(record, "answered_at")
    return _between(started, answered if answered is not None else _seconds(record, "ended_at"))


def talking_seconds(record: Record, _context: ReadContext) -> Value:
    """From the answer to the end; 0 for a call that ended unanswered."""
    answered, ended = _seconds(record, "answered_at"), _seconds(record, "ended_at")
    if answered is None:
        return None if ended is None else 0
    return _between(answered, ended)


def total_seconds(record: Record, _context: ReadContext) -> Value:
    """From the start to the end."""
    return _between(_seconds(record, "started_at"), _seconds(record, "ended_at"))


def number_e164(record: Record, _context: ReadContext) -> Value:
    """The other party's number as +digits; empty for `anonymous` and what is not a number."""
    raw = record.get("raw_digits")
    line = record.get("number")
    country = record.get("country_code_a2") or (
        line.get("country") if isinstance(line, dict) else None
    )
    return to_e164(raw, country) if isinstance(raw, str) else None


@lru_cache(maxsize=65_536)
def to_e164(raw: str, country: str | None) -> str | None:
    """Return a number in E.164, or None. country: ISO code for numbers without a leading +."""
    try:
        number = phonenumbers.parse(raw, None if raw.lstrip().startswith("+") else country)
    except phonenumbers.NumberParseException:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def contact_name(record: Record, _context: ReadContext) -> Value:
    """First and last name of a known contact."""
    contact = record.get("contact")
    if not isinstance(contact, dict):
        return None
    return _join((contact.get("first_name"), contact.get("last_name")), " ")


def cost_cents(record: Record, _context: ReadContext) -> Value:
    """The cost, which Aircall sends as text in US cents, as a number."""
    try:
        return None if record.get("cost") is None else float(record["cost"])
    except (TypeError, ValueError):
        return None


def media_link(record: Record, _context: ReadContext) -> Value:
    """The permanent page of the recording or voicemail; addresses that expire are left out."""
    asset = record.get("asset")
    return asset if isinstance(asset, str) else None


def local_date(record: Record, context: ReadContext) -> Value:
    """The day the call started, in the spreadsheet's time zone."""
    local = _local_start(record, context)
    return None if local is None else local.date()


def local_hour(record: Record, context: ReadContext) -> Value:
    """The hour (0 to 23) the call started, in the spreadsheet's time zone."""
    local = _local_start(record, context)
    return None if local is None else local.hour


def local_weekday(record: Record, context: ReadContext) -> Value:
    """The weekday the call started, in the spreadsheet's time zone, in English."""
    local = _local_start(record, context)
    return None if local is None else _WEEKDAYS[local.weekday()]


_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _local_start(record: Record, context: ReadContext) -> datetime | None:
    seconds = _seconds(record, "started_at")
    return None if seconds is None else datetime.fromtimestamp(seconds, context.zone)


def _has_voicemail(record: Record) -> bool:
    asset = record.get("asset")
    return bool(record.get("voicemail")) or (
        isinstance(asset, str) and asset.rstrip("/").endswith("/voicemail")
    )


def _seconds(record: Record, name: str) -> int | None:
    value = record.get(name)
    return int(value) if isinstance(value, int | float) else None


def _between(start: int | None, end: int | None) -> int | None:
    return None if start is None or end is None else max(0, end - start)


def _items(record: Record, name: str) -> list[dict[str, Any]]:
    items = record.get(name)
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _join(parts: Iterable[object], separator: str) -> str | None:
    text = separator.join(part for part in parts if isinstance(part, str) and part)
    return text or None
