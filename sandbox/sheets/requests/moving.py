"""Requests that copy, cut, shift and sort cells."""

from __future__ import annotations

import csv
import io
import random
from typing import Any

from sandbox.sheets.a1 import Rect
from sandbox.sheets.errors import TOO_LONG, Json, Refusal
from sandbox.sheets.grid import Formula, Grid, Row, has_formula, trimmed
from sandbox.sheets.requests.context import Batch
from sandbox.sheets.style import PLAIN, Style, style
from sandbox.sheets.workbook import MAX_CHARACTERS
from sandbox.sheets.writing import put

Styles = list[list[tuple[int, Style]]]
STYLE_PARTS = {
    "PASTE_NORMAL": None,
    "PASTE_FORMAT": {"userEnteredFormat"},
    "PASTE_NO_BORDERS": None,
    "PASTE_DATA_VALIDATION": {"dataValidation"},
}
VALUE_TYPES = {"PASTE_NORMAL", "PASTE_VALUES", "PASTE_FORMULA", "PASTE_NO_BORDERS"}


def _block(grid: Grid, rect: Rect) -> tuple[list[Row], Styles]:
    bottom, right = rect.bottom or 0, rect.right or 0
    rows = grid.values(rect)
    rows.extend([()] * (bottom - rect.top - len(rows)))
    styles = [list(grid.style_runs(c).pieces(rect.top, bottom)) for c in range(rect.left, right)]
    return rows, styles


def _pasted(old: Style, new: Style, kind: str) -> Style:
    """Return the style a cell has after a paste of that kind."""
    parts = STYLE_PARTS[kind]
    if kind == "PASTE_NORMAL":
        return new
    if parts is None:
        fmt = {k: v for k, v in new.format.items() if k != "borders"}
        borders = old.format.get("borders")
        fmt |= {"borders": borders} if borders else {}
        return style({**new.attributes, "userEnteredFormat": fmt})
    rest = {k: v for k, v in old.attributes.items() if k not in parts}
    return style(rest | {k: v for k, v in new.attributes.items() if k in parts})


def _zipped(old: list[tuple[int, Style]], new: list[tuple[int, Style]], kind: str) -> Any:
    """Yield the pasted styles down one column, stretch by stretch."""
    olds, news = list(old), list(new)
    while olds and news:
        length = min(olds[0][0], news[0][0])
        yield length, _pasted(olds[0][1], news[0][1], kind)
        for pieces in (olds, news):
            left = pieces[0][0] - length
            pieces[0:1] = [(left, pieces[0][1])] if left else []


def _paste(grid: Grid, rect: Rect, rows: list[Row], styles: Styles, kind: str) -> None:
    """Write a block of exactly the rectangle's size."""
    width = (rect.right or 0) - rect.left
    if kind in VALUE_TYPES:
        if kind == "PASTE_VALUES":
            rows = [tuple(_result(cell) for cell in row) for row in rows]
        grid.put(rect.top, rect.left, [row + (None,) * (width - len(row)) for row in rows])
    if kind in STYLE_PARTS:
        bottom = rect.bottom or 0
        for at, pieces in enumerate(styles):
            old = list(grid.style_runs(rect.left + at).pieces(rect.top, bottom))
            grid.put_styles(rect.top, rect.left + at, [_zipped(old, pieces, kind)])


def _result(cell: Any) -> Any:
    return cell.value if isinstance(cell, Formula) and cell.value is not None else cell


def _transposed(rows: list[Row], styles: Styles, width: int) -> tuple[list[Row], Styles]:
    padded = [row + (None,) * (width - len(row)) for row in rows]
    turned = [trimmed(column) for column in zip(*padded, strict=True)]
    flat = [[s for n, s in pieces for _ in range(n)] for pieces in styles]
    return turned, [[(1, s) for s in row] for row in zip(*flat, strict=True)]


def copy_paste(batch: Batch, body: Json) -> Json:
    """Copy a range, repeated as often as it fits into the destination."""
    source_tab, source = batch.place(body.get("source", {}))
    tab, target = batch.place(body.get("destination", {}))
    kind = body.get("pasteType", "PASTE_NORMAL")
    rows, styles = _block(source_tab.grid, source)
    height, width = (source.bottom or 0) - source.top, (source.right or 0) - source.left
    if not height or not width:
        return {}
    if body.get("pasteOrientation") == "TRANSPOSE":
        rows, styles = _transposed(rows, styles, width)
        height, width = width, height
    down = max(((target.bottom or 0) - target.top) // height, 1)
    across = max(((target.right or 0) - target.left) // width, 1)
    whole = Rect(target.top, target.left, target.top + down * height, target.left + across * width)
    if height == 1:  # one row copied down to many is one block, not many pastes
        rows, styles = rows * down, [[(down, pieces[0][1])] for pieces in styles]
        height, down = down, 1
    _require_fits(tab.grid, whole)
    batch.guard(tab, whole)
    for row in range(down):
        for column in range(across):
            top, left = target.top + row * height, target.left + column * width
            into = Rect(top, left, top + height, left + width)
            _paste(tab.grid, into, _copied(rows, source, into), styles, kind)
    return {}


def _copied(rows: list[Row], source: Rect, target: Rect) -> list[Row]:
    """Return rows with the relative references of their formulas counted from the new place."""
    height, across = (source.bottom or 0) - source.top, target.left - source.left
    found = []
    for at, row in enumerate(rows):
        down = target.top + at - (source.top + at % height)
        found.append(_as_copied(row, down, across) if has_formula(row) else row)
    return found


def _as_copied(row: Row, down: int, across: int) -> Row:
    return tuple(c.copied(down, across) if isinstance(c, Formula) else c for c in row)


def _require_fits(grid: Grid, rect: Rect) -> None:
    if (rect.bottom or 0) > grid.row_count or (rect.right or 0) > grid.column_count:
        raise Refusal(
            f"The destination does not fit into the grid: {grid.row_count} rows,"
            f" {grid.column_count} columns."
        )


def _emptied(grid: Grid, rect: Rect) -> None:
    grid.clear(rect)
    grid.restyle(rect, lambda _: PLAIN)


def cut_paste(batch: Batch, body: Json) -> Json:
    """Move a range to another place."""
    source_tab, source = batch.writable(body.get("source", {}))
    tab, top, left = batch.corner(body.get("destination", {}))
    height, width = (source.bottom or 0) - source.top, (source.right or 0) - source.left
    target = Rect(top, left, top + height, left + width)
    _require_fits(tab.grid, target)
    batch.guard(tab, target)
    rows, styles = _block(source_tab.grid, source)
    kind = body.get("pasteType", "PASTE_NORMAL")
    if kind == "PASTE_NORMAL":
        _emptied(source_tab.grid, source)
    else:
        source_tab.grid.clear(source)
    _paste(tab.grid, target, rows, styles, kind)
    return {}


def paste_data(batch: Batch, body: Json) -> Json:
    """Paste delimited text, parsed as if typed."""
    tab, top, left = batch.corner(body.get("coordinate", {}))
    if body.get("html"):
        raise Refusal("Pasting HTML is not supported by this stand-in.")
    rows = _delimited(body.get("data", ""), body.get("delimiter", ","))
    if any(len(cell) > MAX_CHARACTERS for row in rows for cell in row):
        raise Refusal(TOO_LONG)
    rect = Rect(top, left, top + len(rows), left + max(map(len, rows), default=0))
    _require_fits(tab.grid, rect)
    batch.guard(tab, rect)
    put(tab.grid, top, left, rows, "USER_ENTERED")
    return {}


def _delimited(text: str, delimiter: str) -> list[list[str]]:
    if len(delimiter) != 1:
        return [line.split(delimiter) for line in text.splitlines()]
    return list(csv.reader(io.StringIO(text), delimiter=delimiter))


def insert_range(batch: Batch, body: Json) -> Json:
    """Insert empty cells, shifting what is there down or to the right."""
    tab, rect = batch.writable(body.get("range", {}))
    grid, down = tab.grid, body.get("shiftDimension") == "ROWS"
    bottom, right = rect.bottom or 0, rect.right or 0
    if down:
        rest = Rect(rect.top, rect.left, grid.row_count - (bottom - rect.top), right)
        to = Rect(bottom, rect.left, grid.row_count, right)
    else:
        rest = Rect(rect.top, rect.left, bottom, grid.column_count - (right - rect.left))
        to = Rect(rect.top, right, bottom, grid.column_count)
    _shift(grid, rest, to)
    _emptied(grid, rect)
    return {}


def delete_range(batch: Batch, body: Json) -> Json:
    """Delete cells, shifting what is beyond up or to the left."""
    tab, rect = batch.writable(body.get("range", {}))
    grid, up = tab.grid, body.get("shiftDimension") == "ROWS"
    bottom, right = rect.bottom or 0, rect.right or 0
    if up:
        end = rect.top + grid.row_count - bottom
        _shift(
            grid,
            Rect(bottom, rect.left, grid.row_count, right),
            Rect(rect.top, rect.left, end, right),
        )
        _emptied(grid, Rect(end, rect.left, grid.row_count, right))
    else:
        end = rect.left + grid.column_count - right
        _shift(
            grid,
            Rect(rect.top, right, bottom, grid.column_count),
            Rect(rect.top, rect.left, bottom, end),
        )
        _emptied(grid, Rect(rect.top, end, bottom, grid.column_count))
    return {}


def _shift(grid: Grid, source: Rect, target: Rect) -> None:
    rows, styles = _block(grid, source)
    _paste(grid, target, rows, styles, "PASTE_NORMAL")


def sort_key(cell: Any) -> tuple[int, Any]:
    """Return how Sheets orders cells: numbers, then text, then booleans."""
    value = _result(cell)
    if isinstance(value, bool):
        return 2, value
    if isinstance(value, int | float):
        return 0, value
    return 1, str(value.text if isinstance(value, Formula) else value).casefold()


def sort_rows(grid: Grid, rect: Rect, specs: list[tuple[int, bool]]) -> None:
    """Sort the rows of a rectangle by (column, descending) pairs; empty cells come last."""
    bottom = rect.bottom or 0
    order = list(range(rect.top, bottom))
    for column, descending in reversed(specs):
        filled = [row for row in order if grid.value(row, column) is not None]
        empty = [row for row in order if grid.value(row, column) is None]
        # Stable also when descending, as equal rows keep their order.
        filled.sort(key=lambda row: sort_key(grid.value(row, column)), reverse=descending)
        order = filled + empty
    reorder(grid, rect, order)


def reorder(grid: Grid, rect: Rect, order: list[int]) -> None:
    """Put the rows of a rectangle into another order: formulas as if copied, styles with them."""
    bottom, right = rect.bottom or 0, rect.right or 0
    rows = [
        _as_copied(grid.row(row)[rect.left : right], to - row, 0)
        if grid.formulas
        else grid.row(row)[rect.left : right]
        for to, row in enumerate(order, rect.top)
    ]
    width = right - rect.left
    for column in range(rect.left, right):
        runs = grid.style_runs(column)
        pieces = list(runs.pieces(rect.top, bottom))
        if any(s is not pieces[0][1] for _, s in pieces):
            grid.put_styles(rect.top, column, [[(1, runs[row]) for row in order]])
    grid.put(rect.top, rect.left, [row + (None,) * (width - len(row)) for row in rows])


def sort_specs(body: Json, rect: Rect) -> list[tuple[int, bool]]:
    """Return the columns to sort a rectangle by, each with whether it is descending."""
    specs = [
        (spec.get("dimensionIndex", 0), spec.get("sortOrder") == "DESCENDING")
        for spec in body.get("sortSpecs", [])
    ]
    for column, _ in specs:
        if not rect.left <= column < (rect.right or 0):
            raise Refusal(f"sortSpecs dimensionIndex[{column}] is outside of the range.")
    return specs


def sort_range(batch: Batch, body: Json) -> Json:
    """Sort a range."""
    tab, rect = batch.writable(body.get("range", {}))
    sort_rows(tab.grid, rect, sort_specs(body, rect))
    return {}


def randomize_range(batch: Batch, body: Json) -> Json:
    """Shuffle the rows of a range."""
    tab, rect = batch.writable(body.get("range", {}))
    order = list(range(rect.top, rect.bottom or 0))
    random.shuffle(order)
    reorder(tab.grid, rect, order)
    return {}
