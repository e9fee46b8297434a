"""Keeps everything that names cells in step when rows or columns come, go or move."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox.sheets.errors import Json
from sandbox.sheets.references import Move, Point, Span
from sandbox.sheets.workbook import Tab, Workbook

KEYS = {
    "ROWS": ("startRowIndex", "endRowIndex", "rowIndex"),
    "COLUMNS": ("startColumnIndex", "endColumnIndex", "columnIndex"),
}
RANGE_KEYS = {"sheetId", "startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex"}
ANCHOR_KEYS = {"sheetId", "rowIndex", "columnIndex"}
GONE: Any = object()
# An object whose own range is gone goes with it; others only lose the range.
OWNERS = {"range", "ranges"}


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to the rows or columns of one tab."""

    sheet_id: int
    dimension: str
    point: Point
    span: Span


def inserted(sheet_id: int, dimension: str, at: int, count: int) -> Change:
    """Return the change of ``count`` new rows or columns before ``at``."""

    def point(index: int) -> int:
        return index + count if index >= at else index

    def span(start: int, end: int | None) -> tuple[int, int | None]:
        return point(start), None if end is None else end + count if end > at else end

    return Change(sheet_id, dimension, point, span)


def deleted(sheet_id: int, dimension: str, start: int, end: int) -> Change:
    """Return the change of a stretch taken out."""

    def edge(index: int) -> int:
        return index if index <= start else max(start, index - (end - start))

    def point(index: int) -> int | None:
        return None if start <= index < end else edge(index)

    def span(first: int, last: int | None) -> tuple[int, int | None] | None:
        if last is None:
            return edge(first), None
        one, two = edge(first), edge(last)
        return (one, two) if one < two or first == last else None

    return Change(sheet_id, dimension, point, span)


def moved(sheet_id: int, dimension: str, start: int, end: int, to: int) -> Change:
    """Return the change of a stretch put before ``to``."""
    count = end - start
    target = to if to <= start else to - count

    def point(index: int) -> int:
        if start <= index < end:
            return index - start + target
        without = index - count if index >= end else index
        return without + count if without >= target else without

    def span(first: int, last: int | None) -> tuple[int, int | None]:
        if last is None or last <= first:
            return first, last
        if start <= first and last <= end:
            return point(first), point(last - 1) + 1
        if first <= start and end <= last and first <= to <= last:
            return first, last  # moved within
        rest = [i for i in (first, last - 1) if not start <= i < end] or [first, last - 1]
        ends = [point(i) for i in rest]
        return min(ends), max(ends) + 1

    return Change(sheet_id, dimension, point, span)


def _range(value: Json, change: Change) -> Any:
    first, last, _ = KEYS[change.dimension]
    if first not in value and last not in value:
        return value
    moved_to = change.span(value.get(first, 0), value.get(last))
    if moved_to is None:
        return GONE
    result = dict(value)
    if first in value or moved_to[0]:
        result[first] = moved_to[0]
    if moved_to[1] is not None:
        result[last] = moved_to[1]
    return result


def _anchor(value: Json, change: Change) -> Json:
    key = KEYS[change.dimension][2]
    to = change.point(value.get(key, 0))
    result = {k: v for k, v in value.items() if k != key}
    return result | {key: to} if to else result


def _dimension_range(value: Json, change: Change) -> Any:
    if value.get("dimension") != change.dimension:
        return value
    to = change.span(value.get("startIndex", 0), value.get("endIndex"))
    if to is None:
        return GONE
    return value | {"startIndex": to[0], **({} if to[1] is None else {"endIndex": to[1]})}


def rewritten(value: Any, change: Change) -> Any:
    """Return JSON with every range on the changed tab brought up to date."""
    if isinstance(value, list):
        return [i for i in (rewritten(item, change) for item in value) if i is not GONE]
    if not isinstance(value, dict):
        return value
    here = value.get("sheetId", 0) == change.sheet_id
    if here and "dimension" in value:
        return _dimension_range(value, change)
    if here and set(value) <= RANGE_KEYS and set(value) - {"sheetId"}:
        return _range(value, change)
    if here and set(value) <= ANCHOR_KEYS and set(value) - {"sheetId"}:
        return _anchor(value, change)
    result: Json = {}
    for key, item in value.items():
        to = rewritten(item, change)
        if to is GONE or (key == "ranges" and item and not to):
            if key in OWNERS:
                return GONE
            continue
        result[key] = to
    return result


def _kept(items: tuple[Json, ...], change: Change) -> tuple[Json, ...]:
    return tuple(i for i in (rewritten(item, change) for item in items) if i is not GONE)


def _follow_tab(tab: Tab, change: Change) -> None:
    for kind, items in tab.objects.items():
        if items:
            tab.objects[kind] = _kept(items, change)
    if tab.basic_filter is not None:
        to = rewritten(tab.basic_filter, change)
        tab.basic_filter = None if to is GONE else to


def follow(book: Workbook, change: Change) -> None:
    """Bring every range, anchor, formula and metadata entry of a workbook up to date."""
    title = book.grid_tab(change.sheet_id).title
    move = Move(title, change.dimension, change.point, change.span)
    for tab in book.tabs:
        _follow_tab(tab, change)
        tab.grid.follow(tab.title, move)
    book.named_ranges = _kept(book.named_ranges, change)
    book.move_metadata(change.sheet_id, change.dimension, change.point)
