"""Column readers that any entity may use: fields, ids, instants, lists, numbers in E.164."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from typing import Any

import phonenumbers

from callsheet.entity import Column, Kind, ReadContext, Reader, Record, Value

_CELL_TYPES = (str, int, float, bool)
_NUMBER_TYPES = (int, float)  # as tuples: checked many times for each row
_YEAR_9999 = datetime(9999, 1, 1, tzinfo=UTC).timestamp()


def field(path: str) -> Reader:
    """Read `a` or `a.b`; a missing step, or a value that is no plain one, gives an empty cell."""
    step, _, last = path.rpartition(".")
    if "." in step:
        raise ValueError(f"{path} is deeper than any field that we read")

    def read(record: Record, _context: ReadContext) -> Value:
        value = record.get(last)
        return value if value is None or isinstance(value, _CELL_TYPES) else None

    def read_below(record: Record, _context: ReadContext) -> Value:
        inner: Any = record.get(step)
        if inner is None or not isinstance(inner, dict):
            return None
        value = inner.get(last)
        return value if value is None or isinstance(value, _CELL_TYPES) else None

    return read_below if step else read


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
        return instant(record.get(name))

    return read


def iso_moment(name: str) -> Reader:
    """Read ISO 8601, with or without milliseconds, as an instant; UNIX seconds as well."""

    def read(record: Record, _context: ReadContext) -> Value:
        text = record.get(name)
        if not isinstance(text, str):
            return instant(text)
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            return None
        return instant((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp())

    return read


def joined(name: str, inner: str, separator: str = ", ") -> Reader:
    """Read one field of every item of a list, as one text."""

    def read(record: Record, _context: ReadContext) -> Value:
        if not record.get(name):
            return None
        return join([item.get(inner) for item in items(record, name)], separator)

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


_REGULAR = re.compile(r"\+(?:1[2-9]\d{9}|33[1-9]\d{8}|44[1-9]\d{9})", re.ASCII)
"""International numbers of plans with one length and no prefix left to strip (US, FR, GB)."""

_POSSIBLE = phonenumbers.ValidationResult.IS_POSSIBLE

_SPACING = str.maketrans("", "", " -")


@lru_cache(maxsize=65_536)
def to_e164(raw: str, country: str | None) -> str | None:
    """Return a number in E.164, or None. country: ISO code for numbers without a leading +.

    None also for what is too short or too long to be dialled from abroad, as 112 or an extension.
    """
    compact = raw.translate(_SPACING)
    if _REGULAR.fullmatch(compact):
        return compact  # what the library below would say, at a tenth of its time
    try:
        number = phonenumbers.parse(raw, None if raw.lstrip().startswith("+") else country)
    except phonenumbers.NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(number) != _POSSIBLE:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def instant(value: object, zone: tzinfo = UTC) -> datetime | None:
    """Return UNIX seconds as an instant; None for what is no number, or in no year of ours.

    The years are 1970 to 9998, so that the instant has a date in every zone.
    """
    if not isinstance(value, _NUMBER_TYPES) or not 0 <= value < _YEAR_9999:
        return None
    return datetime.fromtimestamp(value, zone)


def items(record: Record, name: str) -> list[dict[str, Any]]:
    """Return the objects of a list; nothing where there is none."""
    found = record.get(name)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def join(parts: Iterable[object], separator: str) -> str | None:
    """Join the texts among the parts that are not empty; None where there are none."""
    text = separator.join([part for part in parts if isinstance(part, str) and part])
    return text or None
