"""Keeps the references inside formulas in step when cells are copied, come, go or move."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.sheets.a1 import column_index, column_name

LOST = "#REF!"
_CORNER = r"(\$?)([A-Za-z]{1,3})?(\$?)([1-9]\d{0,7})?"
_PIECE = re.compile(
    r'"(?:[^"]|"")*"'
    r"|(?P<tab>(?:'(?:[^']|'')+'|(?<![\w.])[^\W\d][\w.]*)!)?"
    rf"(?<![\w.$])(?P<cells>{_CORNER}(?::{_CORNER})?)(?![\w.$(!])"
)

Point = Callable[[int], int | None]
Span = Callable[[int, int | None], tuple[int, int | None] | None]


@dataclass(frozen=True, slots=True)
class Corner:
    """One end of a reference: a cell, or only its row or its column."""

    column: int | None
    row: int | None
    column_mark: str = ""
    row_mark: str = ""

    def text(self) -> str:
        """Return the corner as it stands in a formula."""
        column = "" if self.column is None else self.column_mark + column_name(self.column)
        return column + ("" if self.row is None else f"{self.row_mark}{self.row + 1}")


@dataclass(frozen=True, slots=True)
class Move:
    """How the rows, or the columns, of one tab are renumbered: one index, or a half-open span."""

    title: str
    dimension: str
    point: Point
    span: Span


def _corner(parts: tuple[str, ...]) -> Corner:
    column_mark, letters, row_mark, digits = parts
    if not letters:  # ``$2`` alone: the mark that was read first is the row's
        column_mark, row_mark = "", column_mark or row_mark
    return Corner(
        column_index(letters) if letters else None,
        int(digits) - 1 if digits else None,
        column_mark,
        row_mark,
    )


def _changed(text: str, change: Callable[[str, Corner, Corner | None], str | None]) -> str:
    """Return a formula with every reference replaced; None leaves one as it is."""

    def each(match: re.Match[str]) -> str:
        cells = match.group("cells")
        if not cells:
            return match.group(0)
        groups = tuple(part or "" for part in match.groups()[2:])
        first = _corner(groups[:4])
        last = _corner(groups[4:]) if ":" in cells else None
        if last is None and (first.column is None or first.row is None):
            return match.group(0)  # a number or a name
        tab = match.group("tab") or ""
        found = change(tab, first, last)
        return match.group(0) if found is None else tab + found

    return _PIECE.sub(each, text)


def shifted(text: str, rows: int, columns: int) -> str:
    """Return a formula as it reads when copied that many rows down and columns to the right."""

    def moved(corner: Corner) -> Corner | None:
        row, column = corner.row, corner.column
        if row is not None and not corner.row_mark:
            row += rows
        if column is not None and not corner.column_mark:
            column += columns
        if (row or 0) < 0 or (column or 0) < 0:
            return None
        return Corner(column, row, corner.column_mark, corner.row_mark)

    def change(_: str, first: Corner, last: Corner | None) -> str:
        ends = [moved(first)] + ([moved(last)] if last else [])
        return LOST if None in ends else ":".join(end.text() for end in ends if end)

    return _changed(text, change)


def _title(tab: str) -> str:
    name = tab.removesuffix("!")
    return name[1:-1].replace("''", "'") if name.startswith("'") else name


def followed(text: str, own_title: str, move: Move) -> str:
    """Return a formula on the tab ``own_title`` after rows or columns came, went or moved."""
    rows = move.dimension == "ROWS"

    def index(corner: Corner) -> int | None:
        return corner.row if rows else corner.column

    def put(corner: Corner, to: int) -> str:
        row, column = (to, corner.column) if rows else (corner.row, to)
        return Corner(column, row, corner.column_mark, corner.row_mark).text()

    def change(tab: str, first: Corner, last: Corner | None) -> str | None:
        if (_title(tab) if tab else own_title).casefold() != move.title.casefold():
            return None
        start, end = index(first), index(last) if last else None
        if start is None:
            return None  # whole rows while columns change, or the other way round
        if last is None:
            to = move.point(start)
            return LOST if to is None else put(first, to)
        span = move.span(start, None if end is None else end + 1)
        if span is None:
            return LOST
        close = last.text() if span[1] is None else put(last, span[1] - 1)
        return f"{put(first, span[0])}:{close}"

    return _changed(text, change)
