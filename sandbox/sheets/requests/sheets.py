"""Requests about whole tabs and the spreadsheet's own properties."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.sheets.errors import Json, Refusal
from sandbox.sheets.fields import Mask, of_update, update
from sandbox.sheets.grid import Grid
from sandbox.sheets.requests.context import Batch
from sandbox.sheets.style import paired_colors
from sandbox.sheets.workbook import Tab

# An ISO 639 language with, usually, an ISO 3166 country: ``en_US``, ``fil``.
_LOCALE = "[a-z]{2,3}(_[A-Z]{2})?"
OBJECT_IDS = {
    "protectedRanges": "protectedRangeId",
    "bandedRanges": "bandedRangeId",
    "filterViews": "filterViewId",
    "charts": "chartId",
    "slicers": "slicerId",
    "tables": "tableId",
}


def properties_of(tab: Tab, index: int) -> Json:
    """Return a tab's SheetProperties as answered."""
    grid: Json = {"rowCount": tab.grid.row_count, "columnCount": tab.grid.column_count}
    shown: Json = {
        "sheetId": tab.sheet_id,
        "title": tab.title,
        "index": index,
        "sheetType": "GRID",
        "gridProperties": grid | tab.grid_properties,
    }
    return shown | tab.properties


def _free_title(batch: Batch, title: str, tab: Tab | None = None) -> str:
    if len(title) > 100:
        raise Refusal("The sheet name cannot be greater than 100 characters.")
    if not title:
        raise Refusal("The sheet name cannot be empty.")
    found = batch.book.titled(title)
    if found is not None and found is not tab:
        raise Refusal(f'A sheet with the name "{title}" already exists. Please enter another name.')
    return title


def _default_title(batch: Batch) -> str:
    number = len(batch.book.tabs) + 1
    while batch.book.titled(f"Sheet{number}"):
        number += 1
    return f"Sheet{number}"


def _new_sheet_id(batch: Batch, wanted: int | None) -> int:
    taken = {tab.sheet_id for tab in batch.book.tabs}
    if wanted is None:
        return batch.book.fresh_id(taken)
    if wanted < 0:
        raise Refusal("Sheet id must be non-negative.")
    if wanted in taken:
        raise Refusal(f"Sheet with id {wanted} already exists.")
    return wanted


def _size(given: Json, key: str, default: int) -> int:
    wanted = int(given.get(key) or default)
    if wanted < 1:
        raise Refusal(f"gridProperties.{key} must be at least 1.")
    return wanted


def add_sheet(batch: Batch, body: Json) -> Json:
    """Add a tab."""
    given: Json = body.get("properties", {})
    grid = given.get("gridProperties", {})
    rows, columns = _size(grid, "rowCount", 1000), _size(grid, "columnCount", 26)
    title = _free_title(batch, given.get("title") or _default_title(batch))
    sheet_id = _new_sheet_id(batch, given.get("sheetId"))
    batch.room_for(rows * columns)
    tab = Tab(sheet_id, title, Grid(rows, columns))
    plain = {"sheetId", "title", "index", "sheetType", "gridProperties"}
    tab.properties = paired_colors({k: v for k, v in given.items() if k not in plain})
    tab.grid_properties = {k: v for k, v in grid.items() if k not in {"rowCount", "columnCount"}}
    index = min(given.get("index", len(batch.book.tabs)), len(batch.book.tabs))
    batch.book.tabs.insert(index, tab)
    return {"properties": properties_of(tab, index)}


def _require_visible(batch: Batch, without: Tab, message: str) -> None:
    if not any(not tab.hidden for tab in batch.book.tabs if tab is not without):
        raise Refusal(message)


def _sheet(batch: Batch, sheet_id: int) -> Tab:
    tab = batch.book.tab(sheet_id)
    if tab is None:
        raise Refusal(f"No sheet with id: {sheet_id}")
    return tab


def delete_sheet(batch: Batch, body: Json) -> Json:
    """Delete a tab and whatever belongs to it."""
    sheet_id = body.get("sheetId", 0)
    tab = _sheet(batch, sheet_id)
    batch.guard_tab(tab)
    _require_visible(batch, tab, "You can't remove all the visible sheets in a document.")
    book = batch.book
    book.tabs.remove(tab)
    book.metadata = tuple(entry for entry in book.metadata if entry.sheet_id != sheet_id)
    book.named_ranges = tuple(
        entry for entry in book.named_ranges if entry["range"].get("sheetId", 0) != sheet_id
    )
    return {}


def readdressed(value: Any, old: int, new: int) -> Any:
    """Return JSON whose ranges on one tab lie on another."""
    if isinstance(value, list | tuple):
        return type(value)(readdressed(item, old, new) for item in value)
    if not isinstance(value, dict):
        return value
    result = {key: readdressed(item, old, new) for key, item in value.items()}
    if any(key.endswith(("RowIndex", "ColumnIndex")) for key in value) and (
        value.get("sheetId", 0) == old
    ):
        result["sheetId"] = new
    return result


def duplicate(batch: Batch, tab: Tab, sheet_id: int, title: str) -> Tab:
    """Return a copy of a tab whose objects have ids of their own."""
    twin = tab.copy()
    twin.sheet_id, twin.title = sheet_id, title
    for kind, items in tab.objects.items():
        fresh = []
        for item in readdressed(items, tab.sheet_id, sheet_id):
            key = OBJECT_IDS.get(kind)
            made = batch.book.fresh_id(set())
            fresh.append(item | {key: str(made) if kind == "tables" else made} if key else item)
        twin.objects[kind] = tuple(fresh)
    if tab.basic_filter is not None:
        twin.basic_filter = readdressed(tab.basic_filter, tab.sheet_id, sheet_id)
    return twin


def duplicate_sheet(batch: Batch, body: Json) -> Json:
    """Copy a tab within the spreadsheet."""
    tab = _sheet(batch, body.get("sourceSheetId", 0))
    title = _free_title(batch, body.get("newSheetName") or _copy_title(batch, tab.title))
    sheet_id = _new_sheet_id(batch, body.get("newSheetId"))
    batch.room_for(tab.cells)
    twin = duplicate(batch, tab, sheet_id, title)
    index = min(body.get("insertSheetIndex", 0), len(batch.book.tabs))
    batch.book.tabs.insert(index, twin)
    for entry in batch.book.metadata:
        if entry.sheet_id == tab.sheet_id:
            ids = {known.id for known in batch.book.metadata}
            made = batch.book.fresh_id(ids)
            batch.book.add_metadata(replace(entry, id=made, sheet_id=sheet_id))
    return {"properties": properties_of(twin, index)}


def _copy_title(batch: Batch, title: str) -> str:
    wanted, number = f"Copy of {title}", 2
    while batch.book.titled(wanted):
        wanted, number = f"Copy of {title} {number}", number + 1
    return wanted


def _resize(batch: Batch, tab: Tab, rows: int, columns: int) -> None:
    grid = tab.grid
    if rows < 1 or columns < 1:
        raise Refusal(f"You can't delete all the {'rows' if rows < 1 else 'columns'} on the sheet.")
    batch.room_for(rows * columns - tab.cells)
    if rows < grid.row_count:
        batch.guard_tab(tab)
        grid.delete_rows(rows, grid.row_count)
    if columns < grid.column_count:
        batch.guard_tab(tab)
        grid.delete_columns(columns, grid.column_count)
    grid.row_count, grid.column_count = rows, columns


def _update_grid(batch: Batch, tab: Tab, given: Json, mask: Mask) -> None:
    wanted = given if not mask else {key: given[key] for key in mask if key in given}
    # Rows first, against the old number of columns: growing one while shrinking the other can be
    # refused although the outcome would fit.
    if "rowCount" in wanted:
        _resize(batch, tab, wanted["rowCount"], tab.grid.column_count)
    if "columnCount" in wanted:
        _resize(batch, tab, tab.grid.row_count, wanted["columnCount"])
    rest = {k: v for k, v in mask.items() if k not in {"rowCount", "columnCount"}}
    if rest or not mask:
        plain = {k: v for k, v in given.items() if k not in {"rowCount", "columnCount"}}
        tab.grid_properties = update(tab.grid_properties, plain, rest)
    frozen = tab.grid_properties
    if frozen.get("frozenRowCount", 0) >= tab.grid.row_count:
        raise Refusal("You can't freeze all visible rows on the sheet.")
    if frozen.get("frozenColumnCount", 0) >= tab.grid.column_count:
        raise Refusal("You can't freeze all visible columns on the sheet.")


def _move(batch: Batch, tab: Tab, to: int) -> None:
    tabs = batch.book.tabs
    at = tabs.index(tab)
    if to in {at, at + 1}:
        return
    tabs.remove(tab)
    tabs.insert(to - 1 if to > at else to, tab)


def update_sheet_properties(batch: Batch, body: Json) -> Json:
    """Change a tab's properties, those of the mask only."""
    given: Json = body.get("properties", {})
    tab = _sheet(batch, given.get("sheetId", 0))
    mask = of_update(body.get("fields"), "SheetProperties")
    names = set(mask) or set(given)
    if "title" in names:
        tab.title = _free_title(batch, given.get("title", ""), tab)
    if "gridProperties" in names:
        _update_grid(batch, tab, given.get("gridProperties", {}), mask.get("gridProperties", {}))
    if "index" in names and "index" in given:
        _move(batch, tab, given["index"])
    rest = {
        name: mask.get(name, {})
        for name in names - {"sheetId", "title", "index", "gridProperties", "sheetType"}
    }
    if given.get("hidden") and "hidden" in rest:
        _require_visible(batch, tab, "You can't hide all the sheets in a document.")
    if rest:
        tab.properties = update(tab.properties, given, rest)
    return {}


def _is_zone(name: str) -> bool:
    if re.fullmatch(r"GMT[+-]\d{2}:\d{2}", name):
        return True
    try:
        ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        return False
    return True


def update_spreadsheet_properties(batch: Batch, body: Json) -> Json:
    """Change title, locale, time zone and the like."""
    mask = of_update(body.get("fields"), "SpreadsheetProperties")
    given: Json = body.get("properties", {})
    names = mask or {name: {} for name in given}
    zone, locale = given.get("timeZone"), given.get("locale")
    if "timeZone" in names and not _is_zone(zone or ""):
        raise Refusal(f"Invalid time zone: {zone}")
    if "locale" in names and not re.fullmatch(_LOCALE, locale or ""):
        raise Refusal(f"Unsupported locale: {locale}")
    batch.book.properties = update(batch.book.properties, given, names)
    return {}
