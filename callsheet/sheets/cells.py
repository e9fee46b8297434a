"""Pure: what a cell is sent as, and whether what Sheets gives back is the same."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import orjson

from callsheet.entity import Kind, Value

Cell = str | int | float | bool
"""One value as it stands in JSON; the empty string is an empty cell."""

MAX_CHARACTERS = 50_000  # of one cell (Sheets: "more than the maximum of 50000 characters")
CUT_MARK = "… [cut: a cell holds 50,000 characters]"

_SURELY_FITS = MAX_CHARACTERS // 2  # whatever the characters are

_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - serials count local time, without a zone
_DAY = timedelta(days=1)
_TEXT_KINDS = frozenset({Kind.TEXT, Kind.PARAGRAPH, Kind.LINK})
_EXACT_INTEGERS = 2**53  # above, a double and so a Sheets number loses digits
# Not allowed in UTF-8 (surrogates) or in the XML of an exported file (controls, non-characters).
_REFUSED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LINE_ENDS = re.compile("\r\n?")


class Encoded(NamedTuple):
    """A cell, and whether its text had to be cut."""

    cell: Cell
    cut: bool = False


def encode(value: Value, kind: Kind, zone: ZoneInfo) -> Encoded:
    """Return the cell for a value of a column of that kind.

    Aware date-times become serials in `zone`, the spreadsheet's own: days since 1899-12-30 of its
    wall clock, as the `SERIAL_NUMBER` of the Sheets API. Text kinds become strings whatever they
    hold. What a cell cannot hold is replaced: numbers that are not finite by an empty cell,
    characters that Google refuses by U+FFFD.
    """
    if value is None:
        return Encoded("")
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, datetime):
        return Encoded(serial(value, zone))
    if isinstance(value, date):
        return Encoded((value - _EPOCH.date()).days)
    if isinstance(value, bool):
        return Encoded(("TRUE" if value else "FALSE") if kind in _TEXT_KINDS else value)
    return Encoded(_number(value, kind))


def serial(moment: datetime, zone: ZoneInfo) -> float:
    """Return an aware moment as a Sheets serial: days of the zone's wall clock since 1899-12-30."""
    local = moment.astimezone(zone).replace(tzinfo=None)
    return (local - _EPOCH) / _DAY


def _number(value: float, kind: Kind) -> Cell:
    if not math.isfinite(value):
        return ""
    if kind in _TEXT_KINDS:
        return key_text(value)
    return str(value) if isinstance(value, int) and abs(value) > _EXACT_INTEGERS else value


def _text(value: str) -> Encoded:
    if is_plain(value):
        return Encoded(value)
    text = _REFUSED.sub("\ufffd", value)
    if utf16_length(text) <= MAX_CHARACTERS:
        return Encoded(text)
    room = MAX_CHARACTERS - len(CUT_MARK)
    text = text[:room]
    # Google's count is taken to be of UTF-16 units, the larger of the two possible counts.
    while (excess := utf16_length(text) - room) > 0:
        text = text[: -((excess + 1) // 2)]
    return Encoded(text + CUT_MARK, cut=True)


def is_plain(text: str) -> bool:
    """Say whether a text is sent as it is, told in a moment; if not, it has to be looked through.

    Nothing that Google refuses is printable (Unicode: controls, surrogates, non-characters).
    """
    return text.isprintable() and len(text) <= _SURELY_FITS


def utf16_length(text: str) -> int:
    """Return the length in UTF-16 units: characters beyond U+FFFF count twice."""
    if text.isascii():
        return len(text)
    return len(text) + sum(character > "\uffff" for character in text)


def size(cells: Sequence[Cell]) -> int:
    """Return the bytes that a row takes as compact JSON in UTF-8, with the comma after it."""
    return len(to_json(cells)) + 1


def to_json(value: object) -> bytes:
    """Return compact JSON in UTF-8, as every body of ours is sent."""
    return orjson.dumps(value)


def key_text(cell: object) -> str:
    """Return a primary key as text, so that 42, 42.0 and "42" are the same key."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell)


def same(wanted: Cell, found: object) -> bool:
    """Say whether a cell read with UNFORMATTED_VALUE holds what we would write.

    Types count (a number is not its text), but not how a number is spelled, nor the last of a
    double's sixteen digits, nor the kind of line ends.
    """
    if isinstance(wanted, bool) or isinstance(found, bool):
        return wanted is found
    if isinstance(wanted, str):
        return isinstance(found, str) and (
            wanted == found or _LINE_ENDS.sub("\n", wanted) == _LINE_ENDS.sub("\n", found)
        )
    return isinstance(found, int | float) and math.isclose(
        wanted, found, rel_tol=1e-13, abs_tol=1e-12
    )


def same_row(wanted: list[Cell], found: list[object]) -> bool:
    """Say whether a row needs no writing; a row read is shorter by its trailing empty cells."""
    padded = found + [""] * (len(wanted) - len(found))
    return all(map(same, wanted, padded))
