"""Reads and writes A1 and R1C1 notation."""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_COLUMNS = 18_278  # ZZZ
_CELL = re.compile(r"\$?([A-Za-z]{1,3})?\$?([1-9]\d{0,7})?")
_R1C1 = re.compile(r"[Rr]([1-9]\d*)[Cc]([1-9]\d*)")
_PLAIN_TITLE = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
_LIKE_A_CELL = re.compile(r"[A-Za-z]{1,3}\d+|[Rr]\d*[Cc]\d*|[Rr]\d+|[Cc]\d+")


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle of cells, half open; an end of None is open."""

    top: int
    left: int
    bottom: int | None = None
    right: int | None = None

    def clamp(self, rows: int, columns: int) -> Rect:
        """Return the part inside a grid of that size."""
        bottom = rows if self.bottom is None else min(self.bottom, rows)
        right = columns if self.right is None else min(self.right, columns)
        return Rect(self.top, self.left, bottom, right)

    @property
    def is_cell(self) -> bool:
        """Tell whether it is exactly one cell."""
        return self.bottom == self.top + 1 and self.right == self.left + 1


@dataclass(frozen=True, slots=True)
class Reference:
    """What an A1 text names: a tab's title, the cells' text, or both."""

    title: str | None
    cells: str | None


def column_name(index: int) -> str:
    """Return the letters of a column counted from zero."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_index(letters: str) -> int:
    """Return the zero-based number of a column."""
    index = 0
    for letter in letters.upper():
        index = index * 26 + ord(letter) - 64
    return index - 1


def quoted(title: str) -> str:
    """Return a title as it stands before the exclamation mark."""
    if _PLAIN_TITLE.fullmatch(title) and not _LIKE_A_CELL.fullmatch(title):
        return title
    return "'" + title.replace("'", "''") + "'"


def split(text: str) -> Reference | None:
    """Split a reference at its exclamation mark; None when it is no reference at all."""
    if text.startswith("'"):
        match = re.fullmatch(r"'((?:[^']|'')*)'(?:!(.+))?", text, re.DOTALL)
        if match is None:
            return None
        return Reference(match.group(1).replace("''", "'"), match.group(2))
    title, mark, cells = text.rpartition("!")
    if mark:
        return Reference(title, cells) if title and cells else None
    return Reference(None, text)


def _corner(text: str) -> tuple[int | None, int | None] | None:
    match = _R1C1.fullmatch(text)
    if match:
        return int(match.group(1)) - 1, int(match.group(2)) - 1
    match = _CELL.fullmatch(text)
    if match is None or not text.strip("$"):
        return None
    letters, digits = match.groups()
    row = int(digits) - 1 if digits else None
    return row, column_index(letters) if letters else None


def _span(one: int | None, two: int | None) -> tuple[int, int | None]:
    if one is None or two is None:
        return (one if one is not None else two) or 0, None
    return min(one, two), max(one, two) + 1


def parse_cells(text: str) -> Rect | None:
    """Read ``A1``, ``A1:B2``, ``A:C``, ``2:3``, ``A2:C``, ``A1:2`` or their R1C1 forms."""
    first, colon, second = text.partition(":")
    start = _corner(first)
    end = _corner(second) if colon else start
    if start is None or end is None:
        return None
    if not colon and None in start:
        return None
    # In ``A1:2`` the second corner names no column: the range runs to the last one.
    top, bottom = _span(start[0], end[0])
    left, right = _span(start[1], end[1])
    return Rect(top, left, bottom, right)


def render(title: str, rect: Rect) -> str:
    """Return the text of a range on a tab, quoted only when it must be."""
    start = f"{column_name(rect.left)}{rect.top + 1}"
    end_column = "" if rect.right is None else column_name(rect.right - 1)
    end_row = "" if rect.bottom is None else str(rect.bottom)
    end = end_column + end_row
    cells = start if end in {"", start} else f"{start}:{end}"
    return f"{quoted(title)}!{cells}"
