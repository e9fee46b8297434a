"""Column readers that any entity may use: fields, ids, instants, lists, numbers in E.164."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import phonenumbers

from callsheet.entity import Column, Kind, ReadContext, Reader, Record, Value

_CELL_TYPES = (str, int, float, bool)


def field(path: str) -> Reader:
    """Read `a.b.c`; a missing step, or a value that is no plain one, gives an empty cell."""
    *steps, last = path.split(".")

    def read(record: Record, _context: ReadContext) -> Value:
        value = record.get(last)
        return value if isinstance(value, _CELL_TYPES) else None

    def read_below(record: Record, _context: ReadContext) -> Value:
        inner: Any = record
        for step in steps:
            inner = inner.get(step)
            if not isinstance(inner, dict):
                return None
        value = inner.get(last)
        return value if isinstance(value, _CELL_TYPES) else None

    return read_below if steps else read


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
        value = seconds(record, name)
        return None if value is None else instant(value)

    return read


def iso_moment(name: str) -> Reader:
    """Read ISO 8601, with or without milliseconds, as an instant; UNIX seconds as well."""

    def read(record: Record, _context: ReadContext) -> Value:
        text = record.get(name)
        if not isinstance(text, str):
            value = seconds(record, name)
            return None if value is None else instant(value)
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            return None
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)

    return read


def joined(name: str, inner: str, separator: str = ", ") -> Reader:
    """Read one field of every item of a list, as one text."""

    def read(record: Record, _context: ReadContext) -> Value:
        found = record.get(name)
        return join((item.get(inner) for item in items(record, name)), separator) if found else None

    return read


def texts(name: str, separator: str = ", ") -> Reader:
    """Read a list of texts as one text."""

    def read(record: Record, _context: ReadContext) -> Value:
        found = record.get(name)
        return join(found, separator) if isinstance(found, list) else None

    return read


def count(name: str) -> Reader:
    """Read how many items a list has."""

    def read(record: Record, _context: ReadContext) -> Value:
        found = record.get(name)
        return len(found) if isinstance(found, list) else None

    return read


def full_name(record: Record, _context: ReadContext) -> Value:
    """First and last name, as one text."""
    return join((record.get("first_name"), record.get("last_name")), " ")


def nothing(_record: Record, _context: ReadContext) -> Value:
    """Leave the cell empty: the writer fills it."""
    return None


def removed_at() -> Column:
    """The last column of what is read whole: the writer marks what has gone at the source."""
    return Column(
        "removed_at",
        "Removed at",
        nothing,
        Kind.DATE_TIME,
        "When Callsheet first found that Aircall no longer has it; empty while it is there.",
        150,
    )


@lru_cache(maxsize=65_536)
def to_e164(raw: str, country: str | None) -> str | None:
    """Return a number in E.164, or None. country: ISO code for numbers without a leading +."""
    try:
        number = phonenumbers.parse(raw, None if raw.lstrip().startswith("+") else country)
    except phonenumbers.NumberParseException:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@lru_cache(maxsize=256)
def instant(seconds_since_1970: int) -> datetime | None:
    """Return UNIX seconds as an instant; None beyond the years that a date can have."""
    try:
        return datetime.fromtimestamp(seconds_since_1970, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def seconds(record: Record, name: str) -> int | None:
    """Return a field as whole UNIX seconds, or None."""
    value = record.get(name)
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, float) and abs(value) < 1e15 else None


def items(record: Record, name: str) -> list[dict[str, Any]]:
    """Return the objects of a list; nothing where there is none."""
    found = record.get(name)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def join(parts: Iterable[object], separator: str) -> str | None:
    """Join the texts among the parts that are not empty; None where there are none."""
    text = separator.join([part for part in parts if isinstance(part, str) and part])
    return text or None
