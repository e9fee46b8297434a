"""How the phone numbers and e-mail addresses of Contacts are read."""

from __future__ import annotations

from callsheet.columns import items, join, joined, to_e164
from callsheet.entity import ReadContext, Record, Value


def _phones(record: Record) -> list[str]:
    """All numbers in E.164 (contacts hold them with their +); what is no number stays as it is."""
    values = [item.get("value") for item in items(record, "phone_numbers")]
    texts = [value for value in values if isinstance(value, str) and value]
    return [to_e164(text, None) or text for text in texts]


def first_phone(record: Record, _context: ReadContext) -> Value:
    """The first phone number."""
    return next(iter(_phones(record)), None)


def all_phones(record: Record, _context: ReadContext) -> Value:
    """Every phone number, as one text."""
    return join(_phones(record), ", ")


def first_email(record: Record, _context: ReadContext) -> Value:
    """The first e-mail address."""
    values = (item.get("value") for item in items(record, "emails"))
    return next((value for value in values if isinstance(value, str) and value), None)


all_emails = joined("emails", "value")
"""Every e-mail address, as one text."""
