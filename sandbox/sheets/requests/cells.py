"""Requests that write cells: values, formats, notes, validation, borders."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from sandbox.sheets.a1 import Rect
from sandbox.sheets.arithmetic import calculated
from sandbox.sheets.errors import TOO_LONG, Json, Refusal
from sandbox.sheets.fields import Mask, of_update, update
from sandbox.sheets.grid import Formula, Grid
from sandbox.sheets.requests.context import Batch, owner_of
from sandbox.sheets.style import Style
from sandbox.sheets.workbook import MAX_CHARACTERS

VALUE = "userEnteredValue"
STYLE_FIELDS = (
    "userEnteredFormat",
    "note",
    "dataValidation",
    "textFormatRuns",
    "pivotTable",
    "chipRuns",
)
READ_ONLY = {"effectiveValue", "formattedValue", "effectiveFormat", "hyperlink"}


def stored_value(cell: Json) -> Any:
    """Return the value of a CellData as the grid holds it."""
    given: Json = cell.get(VALUE, {})
    if not given:
        return None
    kind, value = next(iter(given.items()))
    if kind == "errorValue":
        raise Refusal("ExtendedValue.errorValue cannot be written.")
    if isinstance(value, str) and len(value) > MAX_CHARACTERS:
        raise Refusal(TOO_LONG)
    if kind == "formulaValue":
        text = value if value.startswith("=") else "=" + value
        return Formula(text, calculated(text[1:]))
    return value if value != "" else None


def restyler(cell: Json, mask: Mask) -> Callable[[Style], Style] | None:
    """Return the change a CellData makes to a style under a mask, None when it makes none."""
    names = [name for name in STYLE_FIELDS if not mask or name in mask]
    if not names:
        return None
    wanted = {name: mask.get(name, {}) for name in names}
    given = {name: cell[name] for name in names if name in cell}
    key = json.dumps([given, wanted], sort_keys=True)

    def change(old: Style) -> Style:
        return old.becoming(key, lambda: _without_empty(update(old.attributes, given, wanted)))

    return change


def _without_empty(attributes: Json) -> Json:
    return {name: value for name, value in attributes.items() if value not in ({}, "", [])}


def cell_mask(fields: str | None) -> Mask:
    """Return the mask of a request over cells."""
    mask = of_update(fields, "CellData")
    if mask and set(mask) <= READ_ONLY:
        raise Refusal(f"Invalid field: {next(iter(mask))}")
    return mask


def write_cells(grid: Grid, top: int, left: int, rows: list[list[Json]], mask: Mask) -> None:
    """Write CellData from a corner."""
    if not mask or VALUE in mask:
        grid.put(top, left, [[stored_value(cell) for cell in cells] for cells in rows])
    if mask and not set(mask) & set(STYLE_FIELDS):
        return
    changes: dict[str, Callable[[Style], Style] | None] = {}
    width = max(map(len, rows), default=0)
    for column in range(width):
        pieces: list[tuple[int, Style]] = []
        runs = grid.style_runs(left + column)
        old = runs.expand(top, top + len(rows))
        for at, cells in enumerate(rows):
            if column >= len(cells):
                pieces.append((1, old[at]))
                continue
            part = {k: v for k, v in cells[column].items() if k in STYLE_FIELDS}
            key = json.dumps(part, sort_keys=True) if part else ""
            if key not in changes:
                changes[key] = restyler(part, mask)
            change = changes[key]
            pieces.append((1, change(old[at]) if change else old[at]))
        grid.put_styles(top, left + column, [pieces])


def _cells(row: Json) -> list[Json]:
    found: list[Json] = row.get("values", [])
    return found


def update_cells(batch: Batch, body: Json) -> Json:
    """Write rows of cells: into a range, whose rest is wiped, or from a corner."""
    mask = cell_mask(body.get("fields"))
    rows = [_cells(row) for row in body.get("rows", [])]
    width = max(map(len, rows), default=0)
    if "range" in body:
        tab, rect = batch.writable(body["range"])
        bottom, right = rect.bottom or 0, rect.right or 0
    else:
        tab, top, left = batch.corner(body.get("start", {}))
        bottom, right = tab.grid.row_count, tab.grid.column_count
        rect = Rect(top, left, min(top + len(rows), bottom), min(left + width, right))
        batch.guard(tab, rect)
    if rect.top + len(rows) > bottom:
        raise Refusal(_beyond("row", bottom))
    if rect.left + width > right:
        raise Refusal(_beyond("column", right))
    if "range" in body:
        rows = [cells + [{}] * (right - rect.left - len(cells)) for cells in rows]
        _wipe(tab.grid, Rect(rect.top + len(rows), rect.left, bottom, right), mask)
    write_cells(tab.grid, rect.top, rect.left, rows, mask)
    return {}


def _beyond(what: str, limit: int) -> str:
    return f"Attempting to write {what}: {limit}, beyond the last requested {what} of: {limit - 1}"


def _wipe(grid: Grid, rect: Rect, mask: Mask) -> None:
    if (rect.bottom or 0) <= rect.top:
        return
    if not mask or VALUE in mask:
        grid.clear(rect)
    change = restyler({}, mask)
    if change:
        grid.restyle(rect, change)


def repeat_cell(batch: Batch, body: Json) -> Json:
    """Write one cell into every cell of a range."""
    tab, rect = batch.writable(body.get("range", {}))
    mask, cell = cell_mask(body.get("fields")), body.get("cell", {})
    bottom, right = rect.bottom or 0, rect.right or 0
    if not mask or VALUE in mask:
        value = stored_value(cell)
        if value is None:
            tab.grid.clear(rect)
        else:
            tab.grid.put(
                rect.top, rect.left, _repeated(value, bottom - rect.top, right - rect.left)
            )
    change = restyler(cell, mask)
    if change:
        tab.grid.restyle(rect, change)
    return {}


def _repeated(value: Any, height: int, width: int) -> list[list[Any]]:
    """Return a block of one value; a formula counts its references on from cell to cell."""
    if not isinstance(value, Formula):
        return [[value] * width] * height
    return [[value.copied(down, right) for right in range(width)] for down in range(height)]


def append_cells(batch: Batch, body: Json) -> Json:
    """Write rows after the last row of the tab, or of a table, that holds anything."""
    rows = [_cells(row) for row in body.get("rows", [])]
    if body.get("tableId"):
        tab, table = owner_of(batch, "tables", "tableId", body["tableId"], "table")
        top, left = table["range"].get("endRowIndex", 0), table["range"].get("startColumnIndex", 0)
    else:
        tab = batch.book.grid_tab(body.get("sheetId", 0))
        top, left = tab.grid.last_row(), 0
    if left + max(map(len, rows), default=0) > tab.grid.column_count:
        raise Refusal(_beyond("column", tab.grid.column_count))
    short = top + len(rows) - tab.grid.row_count
    if short > 0:
        batch.room_for(short * tab.grid.column_count)
        tab.grid.row_count += short
    batch.guard(tab, Rect(top, left, top + len(rows), tab.grid.column_count))
    write_cells(tab.grid, top, left, rows, cell_mask(body.get("fields")))
    return {}


def set_data_validation(batch: Batch, body: Json) -> Json:
    """Set or, without a rule, remove the validation of a range."""
    tab, rect = batch.writable(body.get("range", {}))
    cell = {"dataValidation": body["rule"]} if "rule" in body else {}
    change = restyler(cell, {"dataValidation": {}})
    if change:
        tab.grid.restyle(rect, change)
    return {}


def update_borders(batch: Batch, body: Json) -> Json:
    """Draw the named borders of a range."""
    tab, rect = batch.writable(body.get("range", {}))
    bottom, right = rect.bottom or 0, rect.right or 0
    sides = {
        "top": [("top", Rect(rect.top, rect.left, rect.top + 1, right))],
        "bottom": [("bottom", Rect(bottom - 1, rect.left, bottom, right))],
        "left": [("left", Rect(rect.top, rect.left, bottom, rect.left + 1))],
        "right": [("right", Rect(rect.top, right - 1, bottom, right))],
        "innerHorizontal": [
            ("bottom", Rect(rect.top, rect.left, bottom - 1, right)),
            ("top", Rect(rect.top + 1, rect.left, bottom, right)),
        ],
        "innerVertical": [
            ("right", Rect(rect.top, rect.left, bottom, right - 1)),
            ("left", Rect(rect.top, rect.left + 1, bottom, right)),
        ],
    }
    for name, parts in sides.items():
        if name not in body:
            continue
        for side, part in parts:
            border = {} if body[name].get("style") in {None, "NONE"} else {side: body[name]}
            cell = {"userEnteredFormat": {"borders": border}}
            change = restyler(cell, {"userEnteredFormat": {"borders": {side: {}}}})
            if change and (part.bottom or 0) > part.top and (part.right or 0) > part.left:
                tab.grid.restyle(part, change)
    return {}
