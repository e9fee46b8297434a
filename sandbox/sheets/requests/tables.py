"""Requests about tables."""

from __future__ import annotations

from typing import Any

from sandbox.sheets.a1 import Rect
from sandbox.sheets.errors import Json, Refusal
from sandbox.sheets.fields import of_update, update
from sandbox.sheets.grid import Formula
from sandbox.sheets.requests.context import Batch, exchange, overlap, owner_of
from sandbox.sheets.style import paired_colors
from sandbox.sheets.workbook import Tab, grid_range, rect_of

KIND = "tables"


def _all(batch: Batch) -> list[Json]:
    return [table for tab in batch.book.tabs for table in tab.list(KIND)]


def _checked(batch: Batch, table: Json, tab: Tab, old: Json | None = None) -> Json:
    """Return a table with the defaults Google fills in, or refuse it."""
    name, rect = table.get("name", ""), rect_of(table["range"])
    for other in _all(batch):
        if other is not old and other["name"].casefold() == name.casefold():
            raise Refusal(f'A table with the name "{name}" already exists.')
    for other in tab.list(KIND):
        if other is not old and overlap(rect_of(other["range"]), rect):
            raise Refusal("You cannot create a table that overlaps with another table.")
    if any(overlap(rect_of(band["range"]), rect) for band in tab.list("bandedRanges")):
        raise Refusal(
            "You cannot add alternating background colors to a range that already has alternating"
            " background colors."
        )
    shown = table | {"columnProperties": _columns(table, tab, rect)}
    if "rowsProperties" in shown:
        # Unlike those of banding, a table's colours have no older twin.
        rows = shown["rowsProperties"].items()
        shown["rowsProperties"] = {k: v for k, v in rows if k.endswith("Style")}
    return shown


def _header(cell: Any, index: int) -> str:
    if isinstance(cell, Formula):
        return cell.text
    return f"Column {index + 1}" if cell in {None, ""} else str(cell)


def _columns(table: Json, tab: Tab, rect: Rect) -> list[Json]:
    given = {column.get("columnIndex", 0): column for column in table.get("columnProperties", [])}
    width = (rect.right or 0) - rect.left
    if any(index >= width for index in given):
        raise Refusal("columnProperties.columnIndex is outside of the table's range.")
    found = []
    for index in range(width):
        column: Json = given.get(index, {})
        kind = column.get("columnType", "COLUMN_TYPE_UNSPECIFIED")
        rule = column.get("dataValidationRule", {}).get("condition", {}).get("type")
        if kind == "DROPDOWN" and rule != "ONE_OF_LIST":
            raise Refusal("A DROPDOWN column needs a dataValidationRule of type ONE_OF_LIST.")
        header = _header(tab.grid.value(rect.top, rect.left + index), index)
        name = column.get("columnName") or header
        shown = {"columnIndex": index} if index else {}
        found.append({**column, **shown, "columnName": name, "columnType": kind})
    return found


def _write_headers(tab: Tab, table: Json) -> None:
    rect = rect_of(table["range"])
    names = [column["columnName"] for column in table["columnProperties"]]
    tab.grid.put(rect.top, rect.left, [names])


def add_table(batch: Batch, body: Json) -> Json:
    """Make a table of a range."""
    given: Json = paired_colors(body.get("table", {}))
    tab, rect = batch.writable(given.get("range", {}))
    made = given.get("tableId") or str(batch.book.fresh_id(set()))
    if made in {table["tableId"] for table in _all(batch)}:
        raise Refusal(f"Table with id {made} already exists.")
    name = given.get("name") or f"Table{len(_all(batch)) + 1}"
    table = given | {"tableId": made, "name": name, "range": grid_range(tab.sheet_id, rect)}
    table = _checked(batch, table, tab)
    tab.add(KIND, table)
    _write_headers(tab, table)
    return {"table": table}


def update_table(batch: Batch, body: Json) -> Json:
    """Change a table's name, range or columns."""
    given: Json = body.get("table", {})
    tab, old = owner_of(batch, KIND, "tableId", given.get("tableId"), "table")
    new = update(old, given, of_update(body.get("fields"), "Table"))
    new["tableId"] = old["tableId"]
    moved_to, rect = batch.writable(new.get("range", {}))
    if moved_to is not tab:
        raise Refusal("A table cannot be moved to another sheet.")
    new["range"] = grid_range(tab.sheet_id, rect)
    new = _checked(batch, new, tab, old)
    exchange(tab, KIND, old, new)
    _write_headers(tab, new)
    return {}


def delete_table(batch: Batch, body: Json) -> Json:
    """Delete a table with its contents."""
    tab, old = owner_of(batch, KIND, "tableId", body.get("tableId"), "table")
    rect = tab.grid.inside(rect_of(old["range"]))
    batch.guard(tab, rect)
    tab.grid.clear(rect)
    exchange(tab, KIND, old, None)
    return {}
