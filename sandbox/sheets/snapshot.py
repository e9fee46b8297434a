"""Shows a spreadsheet to the demo page: cheap, by pages of rows."""

from __future__ import annotations

from sandbox.sheets.drive import moment
from sandbox.sheets.errors import Json
from sandbox.sheets.grid import Grid, Size
from sandbox.sheets.render import formatted
from sandbox.sheets.requests.sheets import properties_of
from sandbox.sheets.resource import COLUMN_PIXELS, OBJECT_KINDS
from sandbox.sheets.state import State
from sandbox.sheets.style import PLAIN, Style
from sandbox.sheets.workbook import Workbook


def outline(state: State, file_id: str) -> Json:
    """Return a spreadsheet without its cells."""
    book, file = state.books[file_id], state.files[file_id]
    tabs = [
        properties_of(tab, index) | {"cells": tab.cells, "lastRow": tab.grid.last_row()}
        for index, tab in enumerate(book.tabs)
    ]
    return {
        "id": file_id,
        "title": book.properties["title"],
        "locale": book.properties["locale"],
        "timeZone": book.properties["timeZone"],
        "owner": file.owner,
        "roles": file.roles,
        "revision": book.revision,
        "modified": moment(file.modified),
        "cells": book.cells(),
        "tabs": tabs,
    }


def _look(style: Style) -> Json:
    shown = dict(style.format)
    if style.attributes.get("note"):
        shown["note"] = style.attributes["note"]
    if "dataValidation" in style.attributes:
        shown["dataValidation"] = style.attributes["dataValidation"]
    return shown


def _column(size: Size) -> Json:
    width = COLUMN_PIXELS if size.pixels is None else size.pixels
    return {"width": width, "hidden": size.hidden}


def _cells(grid: Grid, start: int, end: int) -> tuple[list[Json], list[list[str]], list[list[int]]]:
    """Return the looks in use, and per row the texts and the looks' numbers; 0 is plain."""
    looks: dict[int, int] = {id(PLAIN): 0}
    shown: list[Json] = [{}]
    texts, numbers = [], []
    runs = [grid.style_runs(column) for column in range(grid.column_count)]
    for index in range(start, end):
        styles = [each[index] for each in runs]
        row = grid.row(index)
        texts.append([formatted(v, styles[at].number_format) for at, v in enumerate(row)])
        line = []
        for style in styles:
            if id(style) not in looks:
                looks[id(style)] = len(shown)
                shown.append(_look(style))
            line.append(looks[id(style)])
        while line and not line[-1]:
            line.pop()
        numbers.append(line)
    return shown, texts, numbers


def tab_snapshot(book: Workbook, sheet_id: int, start: int, rows: int) -> Json:
    """Return some rows of a tab as they look."""
    tab = book.tab(sheet_id)
    if tab is None:
        raise KeyError(f"sheetId {sheet_id}")
    end = min(start + rows, tab.grid.row_count)
    looks, texts, numbers = _cells(tab.grid, start, end)
    hidden = [
        index
        for index, size in enumerate(tab.grid.row_sizes.expand(start, end), start)
        if size.hidden
    ]
    columns = tab.grid.column_sizes.expand(0, tab.grid.column_count)
    shown: Json = {
        "spreadsheetId": book.id,
        "title": book.properties["title"],
        "revision": book.revision,
        "properties": properties_of(tab, book.tabs.index(tab)),
        "start": start,
        "lastRow": tab.grid.last_row(),
        "columns": [_column(size) for size in columns],
        "hiddenRows": hidden,
        "looks": looks,
        "texts": texts,
        "lookNumbers": numbers,
    }
    for kind in (*OBJECT_KINDS, "protectedRanges"):
        if tab.list(kind):
            shown[kind] = list(tab.list(kind))
    if tab.basic_filter is not None:
        shown["basicFilter"] = tab.basic_filter
    return shown
