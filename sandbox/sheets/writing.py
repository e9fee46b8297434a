"""Writes cells as the `values` methods take them: update and append."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.sheets.a1 import Rect, column_name, render
from sandbox.sheets.errors import TOO_LONG, TOO_MANY_CELLS, Json, invalid, violations
from sandbox.sheets.grid import KEEP, Grid, trimmed
from sandbox.sheets.parse import entered
from sandbox.sheets.ranges import Place
from sandbox.sheets.render import MOMENTS
from sandbox.sheets.style import Style, with_number_format
from sandbox.sheets.workbook import MAX_CELLS, MAX_CHARACTERS, Workbook

LIST_VALUE = "type.googleapis.com/google.protobuf.ListValue"


@dataclass(frozen=True, slots=True)
class Written:
    """Where values landed and how many there were."""

    rect: Rect
    rows: int
    columns: int
    cells: int


def _require_lists(values: Any, path: str) -> None:
    """Refuse values that are no list of lists."""
    whole = list(enumerate(values)) if isinstance(values, list) else [(None, values)]
    wrong = [
        (path if at is None else f"{path}[{at}]", row)
        for at, row in whole
        if at is None or not isinstance(row, list)
    ]
    if wrong:
        words = f"({LIST_VALUE}), "
        raise violations(
            [
                (where, f"Invalid value at '{where}' {words}{json.dumps(row, ensure_ascii=False)}")
                for where, row in wrong
            ]
        )


def _require_scalars(rows: list[list[Any]]) -> None:
    for at, row in enumerate(rows):
        for column, cell in enumerate(row):
            if isinstance(cell, dict | list):
                kind = "struct_value" if isinstance(cell, dict) else "list_value"
                raise invalid(f"Invalid values[{at}][{column}]: {kind} {{\n}}\n")


def rows_of(values: Any, major: str, path: str = "data.values") -> list[list[Any]]:
    """Return the rows of a `values` field, or raise Google's 400."""
    if values is None:
        return []
    _require_lists(values, path)
    _require_scalars(values)
    if major != "COLUMNS":
        return list(values)
    height = max(map(len, values), default=0)
    padded = [column + [None] * (height - len(column)) for column in values]
    return [list(row) for row in zip(*padded, strict=True)]


def _stored(cell: Any) -> Any:
    if cell is None:
        return KEEP
    if isinstance(cell, str):
        if len(cell) > MAX_CHARACTERS:
            raise invalid(TOO_LONG)
        return cell or None
    return cell


def _typed(grid: Grid, row: int, column: int, cell: Any) -> Any:
    """Return a cell parsed as if typed, its implied format set."""
    stored = _stored(cell)
    if not isinstance(stored, str):
        return stored
    style = grid.style(row, column)
    present = style.number_format or {}
    if present.get("type") == "TEXT" and not stored.startswith("="):
        return stored
    found = entered(stored)
    wanted = found.number_format
    if wanted is not None and (not present or _outranks(wanted["type"], present.get("type", ""))):

        def change(old: Style) -> Style:
            return with_number_format(old, wanted)

        grid.restyle(Rect(row, column, row + 1, column + 1), change)
    return found.value


def _outranks(wanted: str, present: str) -> bool:
    return wanted != present and wanted in MOMENTS | {"PERCENT", "CURRENCY"}


def put(grid: Grid, top: int, left: int, rows: Sequence[Sequence[Any]], option: str) -> None:
    """Write rows from a corner, RAW or as if typed."""
    if option == "RAW":
        grid.put(top, left, [list(map(_stored, row)) for row in rows])
        return
    parsed = [
        [_typed(grid, row, column, cell) for column, cell in enumerate(cells, left)]
        for row, cells in enumerate(rows, top)
    ]
    grid.put(top, left, parsed)


def _measure(top: int, left: int, rows: list[list[Any]]) -> Written:
    width = max(map(len, rows), default=0)
    cells = sum(len(row) for row in rows) - sum(row.count(None) for row in rows)
    return Written(Rect(top, left, top + len(rows), left + width), len(rows), width, cells)


def update(place: Place, rows: list[list[Any]], option: str) -> Written:
    """Write rows into a place; a single cell is a corner, a larger range is a limit."""
    place.require_inside()
    top, left = place.rect.top, place.rect.left
    grid = place.tab.grid
    inner = place.inner
    limit = Rect(0, 0, grid.row_count, grid.column_count) if place.rect.is_cell else inner
    for row, cells in enumerate(rows, top):
        beyond = None
        if row >= (limit.bottom or 0):
            beyond = f"row [{row + 1}]"
        elif left + len(cells) > (limit.right or 0):
            beyond = f"column [{column_name(limit.right or 0)}]"
        if beyond:
            raise invalid(
                f"Requested writing within range [{place.text}], but tried writing to {beyond}"
            )
    put(grid, top, left, rows, option)
    return _measure(top, left, rows)


def answer(book: Workbook, place: Place, written: Written) -> Json:
    """Return an UpdateValuesResponse without the values themselves."""
    found: Json = {"spreadsheetId": book.id}
    if not written.cells:
        return found | {"updatedRange": place.shown()}
    return found | {
        "updatedRange": render(place.tab.title, written.rect),
        "updatedRows": written.rows,
        "updatedColumns": written.columns,
        "updatedCells": written.cells,
    }


def _filled(grid: Grid, row: int, left: int, right: int) -> bool:
    return row >= 0 and any(cell is not None for cell in grid.row(row)[max(left, 0) : right])


def _column_filled(grid: Grid, column: int, top: int, bottom: int) -> bool:
    return column >= 0 and any(
        column < len(row) and row[column] is not None for row in grid.rows[top:bottom]
    )


def find_table(grid: Grid, rect: Rect) -> Rect | None:
    """Return the last table that has a cell in the rectangle: a block of touching cells."""
    rows = grid.values(rect)
    last = next((at for at in range(len(rows) - 1, -1, -1) if trimmed(rows[at])), None)
    if last is None:
        return None
    top = rect.top + last
    left = rect.left + len(trimmed(rows[last])) - 1
    bottom, right = top + 1, left + 1
    grown = True
    while grown:
        grown = False
        while _filled(grid, top - 1, left, right):
            top, grown = top - 1, True
        while _filled(grid, bottom, left, right):
            bottom, grown = bottom + 1, True
        if _column_filled(grid, left - 1, top, bottom):
            left, grown = left - 1, True
        if _column_filled(grid, right, top, bottom):
            right, grown = right + 1, True
    return Rect(top, left, bottom, right)


def grow(book: Workbook, grid: Grid, rows: int, columns: int) -> None:
    """Make a grid at least that large, within the limit of cells."""
    rows, columns = max(rows, grid.row_count), max(columns, grid.column_count)
    added = rows * columns - grid.row_count * grid.column_count
    if added and book.cells() + added > MAX_CELLS:
        raise invalid(TOO_MANY_CELLS)
    grid.row_count, grid.column_count = rows, columns
