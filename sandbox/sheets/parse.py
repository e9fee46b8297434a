"""Reads what a user types (USER_ENTERED) into a value and, where it implies one, a format."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from sandbox.sheets.arithmetic import calculated
from sandbox.sheets.errors import Json
from sandbox.sheets.grid import Cell, Formula

EPOCH = date(1899, 12, 30)
_NUMBER = re.compile(r"([+-]?)(\d{1,3}(?:,\d{3})+|\d+)?(\.\d*)?(?:[eE]([+-]?\d+))?")
_ISO = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})")
_US = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4}|\d{2})")
_NAMED = re.compile(r"(?:(\d{1,2})[ -]([A-Za-z]{3,9})|([A-Za-z]{3,9}) (\d{1,2}),?)[ -](\d{4})")
_TIME = re.compile(r"(\d{1,4}):(\d{2})(?::(\d{2}(?:\.\d+)?))?(?: ?([AaPp])\.?[Mm]\.?)?")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@dataclass(frozen=True, slots=True)
class Entered:
    """A value with the number format it brings along."""

    value: Cell
    number_format: Json | None = None


def _format(kind: str, pattern: str) -> Json:
    return {"type": kind, "pattern": pattern}


def serial(day: date) -> int:
    """Return the days since 30 December 1899."""
    return (day - EPOCH).days


def _number(text: str) -> Entered | None:
    match = _NUMBER.fullmatch(text)
    if match is None or not (match.group(2) or (match.group(3) or ".") != "."):
        return None
    grouped = "," in (match.group(2) or "")
    number = float(text.replace(",", ""))
    value = int(number) if number.is_integer() and abs(number) < 2**53 else number
    if match.group(4):
        return Entered(value, _format("SCIENTIFIC", "0.00E+00"))
    if grouped:
        return Entered(value, _format("NUMBER", "#,##0.00" if match.group(3) else "#,##0"))
    return Entered(value)


def _percent_or_money(text: str) -> Entered | None:
    if text.endswith("%"):
        found = _number(text[:-1].strip())
        if found is None or not isinstance(found.value, int | float):
            return None
        pattern = "0.00%" if "." in text else "0%"
        return Entered(round(found.value / 100, 15), _format("PERCENT", pattern))
    match = re.fullmatch(r"([+-]?)\$ ?([\d.,]+)", text)
    found = _number(match.group(1) + match.group(2)) if match else None
    if found is None:
        return None
    pattern = '"$"#,##0.00' if "." in text else '"$"#,##0'
    return Entered(found.value, _format("CURRENCY", pattern))


def _day(text: str) -> tuple[date, str] | None:
    try:
        if match := _ISO.fullmatch(text):
            year, month, day = map(int, match.groups())
            return date(year, month, day), "yyyy-mm-dd" if "-" in text else "yyyy/mm/dd"
        if match := _US.fullmatch(text):
            month, day, year = map(int, match.groups())
            year += 0 if year > 99 else (2000 if year < 30 else 1900)
            return date(year, month, day), "M/d/yyyy" if "/" in text else "m-d-yyyy"
        if match := _NAMED.fullmatch(text):
            name = (match.group(2) or match.group(3)).lower()[:3]
            day = int(match.group(1) or match.group(4))
            if name in _MONTHS:
                pattern = "d mmm yyyy" if match.group(1) else "mmm d, yyyy"
                return date(int(match.group(5)), _MONTHS.index(name) + 1, day), pattern
    except ValueError:
        return None
    return None


def _clock(text: str) -> tuple[float, str] | None:
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    hours, minutes, seconds = int(match.group(1)), int(match.group(2)), float(match.group(3) or 0)
    if minutes > 59 or seconds >= 60:
        return None
    pattern = "h:mm:ss" if match.group(3) else "h:mm"
    if match.group(4):
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + (12 if match.group(4).lower() == "p" else 0)
        pattern += " am/pm"
    elif hours > 24:
        pattern = "[h]:mm:ss"
    return (hours * 3600 + minutes * 60 + seconds) / 86400, pattern


def _moment(text: str) -> Entered | None:
    day = _day(text)
    if day is not None:
        return Entered(serial(day[0]), _format("DATE", day[1]))
    clock = _clock(text)
    if clock is not None:
        return Entered(clock[0], _format("TIME", clock[1]))
    head, _, tail = text.replace("T", " ").partition(" ")
    day, clock = _day(head), _clock(tail.strip().removesuffix("Z"))
    if day is None or clock is None:
        return None
    return Entered(serial(day[0]) + clock[0], _format("DATE_TIME", f"{day[1]} {clock[1]}"))


def entered(text: str) -> Entered:
    """Return what typing that text into a cell leaves there."""
    if text.startswith("'"):
        return Entered(text[1:] or None)
    if text.startswith("=") and len(text) > 1:
        return Entered(Formula(text, calculated(text[1:])))
    stripped = text.strip()
    if stripped.upper() in {"TRUE", "FALSE"}:
        return Entered(stripped.upper() == "TRUE")
    if stripped and (stripped[0].isdigit() or stripped[0] in "+-.$"):
        found = _number(stripped) or _percent_or_money(stripped) or _moment(stripped)
    else:
        found = _moment(stripped) if stripped[:3].lower() in _MONTHS else None
    if found is None and stripped.startswith("+") and len(stripped) > 1:
        # Google turns a leading plus into a formula, which rarely means anything.
        return Entered(Formula("=" + stripped, calculated(stripped[1:])))
    return found or Entered(text or None)
