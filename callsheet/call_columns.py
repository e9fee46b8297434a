"""How the columns of Calls are read: what Aircall says, and what we derive from it.

Facts about the fields: API reference and measurements of 2026 (no `updated_at`, no `missed`
status, `duration` counts ringing and can be off by a second, so times are computed here).
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from callsheet.columns import full_name, instant
from callsheet.columns import to_e164 as to_e164
from callsheet.entity import ReadContext, Record, Value

_ABANDONED = ("short_abandoned", "abandoned_in_ivr", "abandoned_in_classic")


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
    answered = record.get("answered_at")
    return _between(
        record.get("started_at"), record.get("ended_at") if answered is None else answered
    )


def talking_seconds(record: Record, _context: ReadContext) -> Value:
    """From the answer to the end; 0 for a call that ended unanswered."""
    answered, ended = record.get("answered_at"), record.get("ended_at")
    if answered is None:
        return None if ended is None else 0
    return _between(answered, ended)


def total_seconds(record: Record, _context: ReadContext) -> Value:
    """From the start to the end."""
    return _between(record.get("started_at"), record.get("ended_at"))


def number_e164(record: Record, _context: ReadContext) -> Value:
    """The other party's number as +digits; empty for `anonymous` and what is not a number."""
    raw, country = record.get("raw_digits"), record.get("country_code_a2")
    if not country:
        line = record.get("number")
        country = line.get("country") if isinstance(line, dict) else None
    if not isinstance(raw, str):
        return None
    return to_e164(raw, country if isinstance(country, str) else None)


def contact_name(record: Record, context: ReadContext) -> Value:
    """First and last name of a known contact."""
    contact = record.get("contact")
    if not isinstance(contact, dict):
        return None
    return full_name(contact, context)


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
    started = record.get("started_at")
    return _local(started, context.zone) if isinstance(started, int) else None


@lru_cache(maxsize=16)
def _local(started: int, zone: ZoneInfo) -> datetime | None:
    """Three columns of one row ask for the same moment."""
    return instant(started, zone)


def _has_voicemail(record: Record) -> bool:
    asset = record.get("asset")
    return bool(record.get("voicemail")) or (
        isinstance(asset, str) and asset.rstrip("/").endswith("/voicemail")
    )


def _between(start: Any, end: Any) -> int | None:
    """Whole seconds between two UNIX times, never negative; None where one of them is none."""
    if start is None or end is None:
        return None
    try:
        return max(0, int(end - start))
    except (TypeError, ValueError, OverflowError):
        return None
