"""Requests that change the text of cells: find and replace, trimming, duplicates, splitting."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sandbox.sheets.a1 import Rect
from sandbox.sheets.errors import Json, Refusal
from sandbox.sheets.grid import Formula, trimmed
from sandbox.sheets.parse import entered
from sandbox.sheets.requests.context import Batch
from sandbox.sheets.requests.moving import reorder
from sandbox.sheets.values import ReadOptions, shower
from sandbox.sheets.workbook import Tab

DELIMITERS = {"COMMA": ",", "SEMICOLON": ";", "PERIOD": ".", "SPACE": " "}


def _scope(batch: Batch, body: Json) -> list[tuple[Tab, Rect]]:
    if body.get("allSheets"):
        return [(tab, tab.grid.inside(Rect(0, 0))) for tab in batch.book.tabs]
    if "range" in body:
        return [batch.writable(body["range"])]
    tab = batch.book.grid_tab(body.get("sheetId", 0))
    return [(tab, tab.grid.inside(Rect(0, 0)))]


def _pattern(body: Json) -> re.Pattern[str]:
    find = body.get("find", "")
    if not find:
        raise Refusal("The find text must not be empty.")
    text = find if body.get("searchByRegex") else re.escape(find)
    if body.get("matchEntireCell"):
        text = f"^(?:{text})$"
    try:
        return re.compile(text, 0 if body.get("matchCase") else re.IGNORECASE)
    except re.error as error:
        raise Refusal(f"Invalid regular expression: {find}") from error


def find_replace(batch: Batch, body: Json) -> Json:
    """Replace text in cells and, when asked, in formulas."""
    pattern, with_text = _pattern(body), body.get("replacement", "")
    if body.get("searchByRegex"):
        with_text = re.sub(r"\$(\d)", r"\\\1", with_text)
    else:
        with_text = with_text.replace("\\", "\\\\")
    counts = {"values": 0, "formulas": 0, "rows": 0, "sheets": 0, "occurrences": 0}

    def replaced(cell: Any, shown: str) -> Any:
        formula = isinstance(cell, Formula)
        if formula and not body.get("includeFormulas"):
            return cell
        text, found = pattern.subn(with_text, cell.text if formula else shown)
        if not found:
            return cell
        counts["occurrences"] += found
        counts["formulas" if formula else "values"] += 1
        return entered(text).value

    for tab, rect in _scope(batch, body):
        rows = _change_cells(tab, rect, replaced)
        counts["rows"] += rows
        counts["sheets"] += bool(rows)
    return {f"{name}Changed": count for name, count in counts.items() if count and name != "none"}


def _change_cells(tab: Tab, rect: Rect, change: Callable[[Any, str], Any]) -> int:
    """Change the cells of a rectangle; return how many rows changed."""
    grid, changed, options = tab.grid, 0, ReadOptions()
    for index, row in enumerate(grid.values(rect), rect.top):
        new = [
            cell if cell is None else change(cell, shower(grid.style(index, column), options)(cell))
            for column, cell in enumerate(row, rect.left)
        ]
        if any(a is not b for a, b in zip(new, row, strict=True)):
            grid.put(index, rect.left, [new])
            changed += 1
    return changed


def trim_whitespace(batch: Batch, body: Json) -> Json:
    """Strip and squeeze the spaces of text cells."""
    tab, rect = batch.writable(body.get("range", {}))
    counts = {"cellsChangedCount": 0}

    def squeezed(cell: Any, _: str) -> Any:
        if not isinstance(cell, str):
            return cell
        text = re.sub(r"[ \t]+", " ", cell.strip())
        if text == cell:
            return cell
        counts["cellsChangedCount"] += 1
        return text or None

    _change_cells(tab, rect, squeezed)
    return {name: count for name, count in counts.items() if count}


def delete_duplicates(batch: Batch, body: Json) -> Json:
    """Delete rows of a range whose values were there before, shifting the rest up."""
    tab, rect = batch.writable(body.get("range", {}))
    columns = sorted(
        column
        for each in body.get("comparisonColumns", [])
        for column in range(each.get("startIndex", 0), each.get("endIndex", rect.right))
        if rect.left <= column < (rect.right or 0)
    ) or range(rect.left, rect.right or 0)
    seen: set[tuple[Any, ...]] = set()
    keep: list[int] = []
    gone: list[int] = []
    for row in range(rect.top, rect.bottom or 0):
        cells = [tab.grid.value(row, column) for column in columns]
        key = tuple(c.casefold() if isinstance(c, str) else c for c in cells)
        (gone if key in seen and trimmed(cells) else keep).append(row)
        seen.add(key)
    reorder(tab.grid, rect, keep + gone)
    if gone:
        tab.grid.clear(Rect(rect.top + len(keep), rect.left, rect.bottom, rect.right))
    return {"duplicatesRemovedCount": len(gone)} if gone else {}


def text_to_columns(batch: Batch, body: Json) -> Json:
    """Split the text of one column at a delimiter."""
    tab, rect = batch.writable(body.get("source", {}))
    if (rect.right or 0) - rect.left != 1:
        raise Refusal("The source must be a single column.")
    delimiter: str = DELIMITERS.get(body.get("delimiterType", "")) or body.get("delimiter", ",")
    for index, row in enumerate(tab.grid.values(rect), rect.top):
        if row and isinstance(row[0], str) and delimiter in row[0]:
            parts = [entered(part).value for part in row[0].split(delimiter)]
            tab.grid.column_count = max(tab.grid.column_count, rect.left + len(parts))
            tab.grid.put(index, rect.left, [parts])
    return {}
