"""Answers a spreadsheet as a resource: properties, tabs, objects and, when asked, cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox.sheets.a1 import Rect
from sandbox.sheets.errors import Json
from sandbox.sheets.fields import Mask
from sandbox.sheets.grid import Cell, Formula, Grid, Size
from sandbox.sheets.ranges import Place
from sandbox.sheets.render import formatted
from sandbox.sheets.requests import metadata, protection
from sandbox.sheets.requests.context import Caller
from sandbox.sheets.requests.sheets import properties_of
from sandbox.sheets.style import DEFAULT_FORMAT, PLAIN, THEME, Style
from sandbox.sheets.workbook import Metadata, Tab, Workbook

THEME_ORDER = ("TEXT", "BACKGROUND", *(f"ACCENT{n}" for n in range(1, 7)), "LINK")
SPREADSHEET_THEME: Json = {
    "primaryFontFamily": "Arial",
    "themeColors": [
        {"colorType": name, "color": {"rgbColor": THEME[name]}} for name in THEME_ORDER
    ],
}
OBJECT_KINDS = (
    "merges",
    "conditionalFormats",
    "filterViews",
    "charts",
    "bandedRanges",
    "rowGroups",
    "columnGroups",
    "slicers",
    "tables",
)
ROW_PIXELS, COLUMN_PIXELS = 21, 100
CELL_STYLE = ("note", "dataValidation", "textFormatRuns", "pivotTable", "chipRuns")


@dataclass(frozen=True, slots=True)
class View:
    """What of a spreadsheet is wanted, and by whom."""

    caller: Caller
    places: tuple[Place, ...] = ()
    with_data: bool = False
    mask: Mask | None = None


def spreadsheet(book: Workbook, view: View) -> Json:
    """Return the spreadsheet resource."""
    answer: Json = {
        "spreadsheetId": book.id,
        "properties": book.properties
        | {"defaultFormat": DEFAULT_FORMAT, "spreadsheetTheme": SPREADSHEET_THEME},
        "sheets": _sheets(book, view),
    }
    if book.named_ranges:
        answer["namedRanges"] = list(book.named_ranges)
    answer["spreadsheetUrl"] = f"https://docs.google.com/spreadsheets/d/{book.id}/edit"
    own = [e for e in metadata.visible(book, view.caller) if e.sheet_id is None]
    if own:
        answer["developerMetadata"] = [metadata.shown(entry) for entry in own]
    return answer


def _sheets(book: Workbook, view: View) -> list[Json]:
    found = []
    for index, tab in enumerate(book.tabs):
        places = [place for place in view.places if place.tab is tab]
        if places or not view.places:
            found.append(_sheet(book, tab, index, view, places))
    return found


def _sheet(book: Workbook, tab: Tab, index: int, view: View, places: list[Place]) -> Json:
    entries = [e for e in metadata.visible(book, view.caller) if e.sheet_id == tab.sheet_id]
    shown: Json = {"properties": properties_of(tab, index)}
    if view.with_data:
        rects = [place.inner for place in places] or [tab.grid.inside(Rect(0, 0))]
        wanted = ((view.mask or {}).get("sheets") or {}).get("data") or {}
        shown["data"] = [_data(tab.grid, rect, wanted, entries) for rect in rects]
    for kind in OBJECT_KINDS:
        if tab.list(kind):
            shown[kind] = list(tab.list(kind))
    protected = [
        protection.shown(each, view.caller, book.owner) for each in tab.list("protectedRanges")
    ]
    if protected:
        shown["protectedRanges"] = protected
    if tab.basic_filter is not None:
        shown["basicFilter"] = tab.basic_filter
    own = [entry for entry in entries if entry.dimension is None]
    if own:
        shown["developerMetadata"] = [metadata.shown(entry) for entry in own]
    return shown


def _data(grid: Grid, rect: Rect, wanted: Mask, entries: list[Metadata]) -> Json:
    shown: Json = {}
    if rect.top:
        shown["startRow"] = rect.top
    if rect.left:
        shown["startColumn"] = rect.left
    if not wanted or "rowData" in wanted:
        cells = ((wanted.get("rowData") or {}).get("values")) or {}
        rows = _row_data(grid, rect, cells)
        if rows:
            shown["rowData"] = rows
    if not wanted or "rowMetadata" in wanted:
        sizes = grid.row_sizes.expand(rect.top, rect.bottom or 0)
        own = [entry for entry in entries if entry.dimension == "ROWS"]
        shown["rowMetadata"] = _dimensions(sizes, rect.top, ROW_PIXELS, own)
    if not wanted or "columnMetadata" in wanted:
        sizes = grid.column_sizes.expand(rect.left, rect.right or 0)
        own = [entry for entry in entries if entry.dimension == "COLUMNS"]
        shown["columnMetadata"] = _dimensions(sizes, rect.left, COLUMN_PIXELS, own)
    return shown


def _dimensions(sizes: list[Size], first: int, pixels: int, own: list[Metadata]) -> list[Json]:
    found: list[Json] = []
    for index, size in enumerate(sizes, first):
        entry: Json = {"hiddenByUser": True} if size.hidden else {}
        entry["pixelSize"] = pixels if size.pixels is None else size.pixels
        here = [metadata.shown(each) for each in own if each.index == index]
        found.append(entry | ({"developerMetadata": here} if here else {}))
    return found


def _row_data(grid: Grid, rect: Rect, wanted: Mask) -> list[Json]:
    bottom, right = rect.bottom or 0, rect.right or 0
    values = grid.values(rect)
    columns = [grid.style_runs(column) for column in range(rect.left, right)]
    styled = [
        _last_styled(list(runs.pieces(rect.top, bottom)), rect.top)
        for runs in columns
        if not (runs.uniform and runs.last is PLAIN)
    ]
    filled = [at + rect.top + 1 for at, row in enumerate(values) if row]
    end = max([*styled, *filled[-1:]], default=rect.top)
    rows = []
    for index in range(rect.top, end):
        row = values[index - rect.top] if index - rect.top < len(values) else ()
        cells = [
            _cell(row[at] if at < len(row) else None, runs[index], wanted)
            if (at < len(row) and row[at] is not None) or runs[index] is not PLAIN
            else None
            for at, runs in enumerate(columns)
        ]
        while cells and cells[-1] is None:
            cells.pop()
        rows.append({"values": [cell or {} for cell in cells]} if cells else {})
    while rows and not rows[-1]:
        rows.pop()
    return rows


def _last_styled(pieces: list[tuple[int, Style]], top: int) -> int:
    end = top + sum(length for length, _ in pieces)
    for length, style in reversed(pieces):
        if style is not PLAIN:
            return end
        end -= length
    return top


def extended(value: Cell) -> Json:
    """Return a value as an ExtendedValue."""
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, str):
        return {"stringValue": value}
    if isinstance(value, Formula):
        return {"formulaValue": value.text}
    return {"numberValue": value}


def _effective_format(value: Cell, style: Style) -> Json:
    own = style.format
    text = DEFAULT_FORMAT["textFormat"] | {"fontFamily": "Arial"} | own.get("textFormat", {})
    result = value.value if isinstance(value, Formula) else value
    side = "RIGHT" if isinstance(result, int | float) else "LEFT"
    base = DEFAULT_FORMAT | {"horizontalAlignment": "CENTER" if isinstance(result, bool) else side}
    return base | {"hyperlinkDisplayType": "PLAIN_TEXT"} | own | {"textFormat": text}


def _cell(value: Cell, style: Style, wanted: Mask) -> Json:
    def asked(name: str) -> bool:
        return not wanted or name in wanted

    shown: Json = {}
    if value is not None:
        result = value
        if isinstance(value, Formula):
            result = value.text if value.value is None else value.value
        makers: dict[str, Any] = {
            "userEnteredValue": lambda: extended(value),
            "effectiveValue": lambda: extended(result),
            "formattedValue": lambda: formatted(value, style.number_format),
        }
        shown = {name: make() for name, make in makers.items() if asked(name)}
    attributes = style.attributes
    if asked("userEnteredFormat") and "userEnteredFormat" in attributes:
        shown["userEnteredFormat"] = attributes["userEnteredFormat"]
    if asked("effectiveFormat") and (value is not None or style.format):
        shown["effectiveFormat"] = _effective_format(value, style)
    for name in CELL_STYLE:
        if name in attributes and asked(name):
            shown[name] = attributes[name]
    link = style.format.get("textFormat", {}).get("link", {}).get("uri")
    if link and asked("hyperlink"):
        shown["hyperlink"] = link
    return shown
