"""Requests about rows and columns: adding, removing, moving, sizing, grouping."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from sandbox.sheets.a1 import MAX_COLUMNS, Rect
from sandbox.sheets.errors import Json, Refusal
from sandbox.sheets.fields import of_update
from sandbox.sheets.follow import deleted, follow, inserted, moved
from sandbox.sheets.grid import Size
from sandbox.sheets.requests.context import Batch
from sandbox.sheets.workbook import Tab

PIXELS_A_CHARACTER = 7


def _stretch(batch: Batch, range_: Json) -> tuple[Tab, str, int, int]:
    """Return the tab, the dimension and the part of it a DimensionRange names."""
    tab = batch.book.grid_tab(range_.get("sheetId", 0))
    dimension = range_.get("dimension", "DIMENSION_UNSPECIFIED")
    if dimension == "DIMENSION_UNSPECIFIED":
        raise Refusal("No dimension specified.")
    start = range_.get("startIndex", 0)
    end = range_.get("endIndex", _length(tab, dimension))
    if start < 0:
        raise Refusal(f"range.startIndex[{start}] must not be negative.")
    if end <= start:
        raise Refusal(f"range.endIndex[{end}] must be greater than range.startIndex[{start}].")
    return tab, dimension, start, end


def _length(tab: Tab, dimension: str) -> int:
    return tab.grid.row_count if dimension == "ROWS" else tab.grid.column_count


def strip(dimension: str, start: int, end: int | None) -> Rect:
    """Return whole rows or columns as a rectangle."""
    return Rect(start, 0, end, None) if dimension == "ROWS" else Rect(0, start, None, end)


def _room(batch: Batch, tab: Tab, dimension: str, count: int) -> None:
    grid = tab.grid
    batch.room_for(count * (grid.column_count if dimension == "ROWS" else grid.row_count))
    if dimension == "COLUMNS" and grid.column_count + count > MAX_COLUMNS:
        raise Refusal(
            "This action would increase the number of columns in the sheet above the limit of"
            f" {MAX_COLUMNS} columns."
        )


def append_dimension(batch: Batch, body: Json) -> Json:
    """Add empty rows or columns at the end."""
    tab = batch.book.grid_tab(body.get("sheetId", 0))
    count, dimension = body.get("length", 0), body.get("dimension")
    if count < 1:
        raise Refusal("length must be greater than 0.")
    _room(batch, tab, str(dimension), count)
    if dimension == "ROWS":
        tab.grid.row_count += count
    else:
        tab.grid.column_count += count
    return {}


def insert(tab: Tab, batch: Batch, dimension: str, at: int, count: int, source: int | None) -> None:
    """Insert rows or columns and let everything on the tab follow."""
    if dimension == "ROWS":
        tab.grid.insert_rows(at, count, source)
    else:
        tab.grid.insert_columns(at, count, source)
    follow(batch.book, inserted(tab.sheet_id, dimension, at, count))


def insert_dimension(batch: Batch, body: Json) -> Json:
    """Insert empty rows or columns."""
    tab, dimension, start, end = _stretch(batch, body.get("range", {}))
    size, before = _length(tab, dimension), body.get("inheritFromBefore", False)
    if start > size:
        raise Refusal(f"range.startIndex is larger than current grid size ({size})")
    if start == size and not before:
        raise Refusal(
            f"range.startIndex must be less than the grid size ({size}) if inheritFromBefore is"
            " false."
        )
    if before and not start:
        raise Refusal("inheritFromBefore cannot be true when inserting at index 0.")
    _room(batch, tab, dimension, end - start)
    batch.guard(tab, strip(dimension, start, start + 1))
    insert(tab, batch, dimension, start, end - start, start - 1 if before else start)
    return {}


def remove(tab: Tab, batch: Batch, dimension: str, start: int, end: int) -> None:
    """Delete rows or columns and let everything on the tab follow."""
    if dimension == "ROWS":
        tab.grid.delete_rows(start, end)
    else:
        tab.grid.delete_columns(start, end)
    follow(batch.book, deleted(tab.sheet_id, dimension, start, end))


def delete_dimension(batch: Batch, body: Json) -> Json:
    """Delete rows or columns."""
    tab, dimension, start, end = _stretch(batch, body.get("range", {}))
    size, word = _length(tab, dimension), "row" if dimension == "ROWS" else "column"
    if start >= size:
        raise Refusal(
            f"Cannot delete a {word} that doesn't exist. Tried to delete {word} index {start} but"
            f" there are only {size} {word}s."
        )
    end = min(end, size)
    if not start and end == size:
        raise Refusal(f"You can't delete all the {word}s on the sheet.")
    frozen = tab.grid_properties.get(f"frozen{word.capitalize()}Count", 0)
    if frozen and start <= frozen and end == size:
        raise Refusal(f"Sorry, it is not possible to delete all non-frozen {word}s.")
    batch.guard(tab, strip(dimension, start, end))
    remove(tab, batch, dimension, start, end)
    if frozen > start:
        left = frozen - (min(frozen, end) - start)
        key = f"frozen{word.capitalize()}Count"
        rest = {k: v for k, v in tab.grid_properties.items() if k != key}
        tab.grid_properties = rest | ({key: left} if left else {})
    return {}


def move_dimension(batch: Batch, body: Json) -> Json:
    """Move rows or columns before another."""
    tab, dimension, start, end = _stretch(batch, body.get("source", {}))
    to, size = body.get("destinationIndex", 0), _length(tab, dimension)
    if end > size or to > size:
        raise Refusal(f"Cannot move beyond the grid size ({size}).")
    if start < to < end:
        raise Refusal("destinationIndex must not be inside the source range.")
    batch.guard(tab, strip(dimension, min(start, to), max(end, to)))
    if dimension == "ROWS":
        tab.grid.move_rows(start, end, to)
    else:
        tab.grid.move_columns(start, end, to)
    follow(batch.book, moved(tab.sheet_id, dimension, start, end, to))
    return {}


def update_dimension_properties(batch: Batch, body: Json) -> Json:
    """Size, hide or show rows or columns."""
    tab, dimension, start, end = _stretch(batch, body.get("range", {}))
    mask = of_update(body.get("fields"), "DimensionProperties")
    given: Json = body.get("properties", {})

    def change(old: Size) -> Size:
        new = old
        if not mask or "pixelSize" in mask:
            new = replace(new, pixels=given.get("pixelSize"))
        if not mask or "hiddenByUser" in mask:
            new = replace(new, hidden=given.get("hiddenByUser", False))
        return new

    _resize(tab, dimension, start, end, change)
    return {}


def _resize(tab: Tab, dimension: str, start: int, end: int, change: Callable[[Size], Size]) -> None:
    end = min(end, _length(tab, dimension))
    if dimension == "ROWS":
        tab.grid.row_sizes = tab.grid.row_sizes.change(start, end, change)
    else:
        tab.grid.column_sizes = tab.grid.column_sizes.change(start, end, change)


def auto_resize_dimensions(batch: Batch, body: Json) -> Json:
    """Make columns as wide as their longest text, roughly: there are no fonts here."""
    tab, dimension, start, end = _stretch(batch, body.get("dimensions", {}))
    for index in range(start, min(end, _length(tab, dimension))):
        pixels = _wanted_width(tab, index) if dimension == "COLUMNS" else None
        _resize(tab, dimension, index, index + 1, partial(replace, pixels=pixels))
    return {}


def _wanted_width(tab: Tab, column: int) -> int | None:
    texts = (str(row[column]) for row in tab.grid.rows if column < len(row))
    longest = max(map(len, texts), default=0)
    return max(longest * PIXELS_A_CHARACTER + 10, 21) if longest else None


def _groups(tab: Tab, dimension: str) -> str:
    key = "rowGroupControlAfter" if dimension == "ROWS" else "columnGroupControlAfter"
    tab.grid_properties = {**tab.grid_properties, key: True}
    return "rowGroups" if dimension == "ROWS" else "columnGroups"


def _regrouped(depths: list[int], dimension: str, sheet_id: int) -> tuple[Json, ...]:
    """Return the groups that give every index its depth, outer ones first."""
    found = []
    for depth in range(1, max(depths, default=0) + 1):
        start = None
        for at, here in enumerate([*depths, 0]):
            if here >= depth and start is None:
                start = at
            elif here < depth and start is not None:
                place: Json = {"sheetId": sheet_id} if sheet_id else {}
                place |= {"dimension": dimension, "startIndex": start, "endIndex": at}
                found.append({"range": place, "depth": depth})
                start = None
    return tuple(found)


def _change_depth(batch: Batch, body: Json, by: int) -> Json:
    tab, dimension, start, end = _stretch(batch, body.get("range", {}))
    kind = _groups(tab, dimension)
    depths = [0] * _length(tab, dimension)
    for group in tab.list(kind):
        for at in range(group["range"]["startIndex"], group["range"]["endIndex"]):
            depths[at] = max(depths[at], group["depth"])
    if by < 0 and not any(depths[start:end]):
        raise Refusal("Cannot delete a group that does not exist.")
    for at in range(start, min(end, len(depths))):
        depths[at] = max(depths[at] + by, 0)
    groups = _regrouped(depths, dimension, tab.sheet_id)
    tab.set(kind, groups)
    return {"dimensionGroups": list(groups)} if groups else {}


def add_dimension_group(batch: Batch, body: Json) -> Json:
    """Group rows or columns, one level deeper where they are grouped already."""
    return _change_depth(batch, body, 1)


def delete_dimension_group(batch: Batch, body: Json) -> Json:
    """Ungroup rows or columns by one level."""
    return _change_depth(batch, body, -1)


def update_dimension_group(batch: Batch, body: Json) -> Json:
    """Collapse or expand a group."""
    given: Json = body.get("dimensionGroup", {})
    tab, dimension, start, end = _stretch(batch, given.get("range", {}))
    kind = _groups(tab, dimension)
    for group in tab.list(kind):
        place = group["range"]
        if (place["startIndex"], place["endIndex"]) == (start, end):
            rest = {k: v for k, v in group.items() if k != "collapsed"}
            new = rest | ({"collapsed": True} if given.get("collapsed") else {})
            tab.set(kind, tuple(new if item is group else item for item in tab.list(kind)))
            return {}
    raise Refusal("No dimension group exists over the given range.")
