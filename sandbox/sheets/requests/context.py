"""What every request of a batch works on: the draft, the caller, and what both forbid."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.sheets.a1 import Rect
from sandbox.sheets.errors import PROTECTED, TOO_MANY_CELLS, Json, Refusal
from sandbox.sheets.ranges import past_the_grid
from sandbox.sheets.workbook import MAX_CELLS, Tab, Workbook, rect_of


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: an address, and the Cloud project of the credentials."""

    email: str
    project: str


def overlap(one: Rect, two: Rect) -> bool:
    """Tell whether two rectangles share a cell."""

    def meet(a: int, b: int | None, c: int, d: int | None) -> bool:
        return (d is None or a < d) and (b is None or c < b)

    return meet(one.top, one.bottom, two.top, two.bottom) and meet(
        one.left, one.right, two.left, two.right
    )


def covers(outer: Rect, inner: Rect) -> bool:
    """Tell whether the first rectangle holds all of the second."""
    return (
        outer.top <= inner.top
        and outer.left <= inner.left
        and (outer.bottom is None or (inner.bottom is not None and inner.bottom <= outer.bottom))
        and (outer.right is None or (inner.right is not None and inner.right <= outer.right))
    )


def may_edit(entry: Json, caller: Caller, owner: str) -> bool:
    """Tell whether a protected range lets the caller edit."""
    if entry.get("warningOnly") or caller.email == owner:
        return True
    return caller.email in entry.get("editors", {}).get("users", ())


@dataclass(slots=True)
class Batch:
    """A draft of a workbook being changed by one caller."""

    book: Workbook
    caller: Caller

    def place(self, range_: Json) -> tuple[Tab, Rect]:
        """Return the tab and the part of the grid a GridRange names; its start must exist."""
        tab = self.book.grid_tab(range_.get("sheetId", 0))
        for name, index in range_.items():
            if index < 0:
                raise Refusal(f"GridRange.{name}[{index}] must be non-negative.")
        rect = rect_of(range_)
        if rect.top >= tab.grid.row_count or rect.left >= tab.grid.column_count:
            raise Refusal(past_the_grid(tab, rect))
        inner = tab.grid.inside(rect)
        if (inner.bottom or 0) < rect.top or (inner.right or 0) < rect.left:
            raise Refusal("GridRange must not end before it starts.")
        return tab, inner

    def corner(self, coordinate: Json) -> tuple[Tab, int, int]:
        """Return the tab and the cell a GridCoordinate names."""
        tab = self.book.grid_tab(coordinate.get("sheetId", 0))
        row, column = coordinate.get("rowIndex", 0), coordinate.get("columnIndex", 0)
        rows, columns = tab.grid.row_count, tab.grid.column_count
        if not 0 <= row < rows:
            raise Refusal(f"GridCoordinate.rowIndex[{row}] is after last row in grid[{rows}]")
        if not 0 <= column < columns:
            words = f"is after last column in grid[{columns}]"
            raise Refusal(f"GridCoordinate.columnIndex[{column}] {words}")
        return tab, row, column

    def writable(self, range_: Json) -> tuple[Tab, Rect]:
        """Return the place a GridRange names, refused when it is protected."""
        tab, rect = self.place(range_)
        self.guard(tab, rect)
        return tab, rect

    def guard(self, tab: Tab, rect: Rect) -> None:
        """Refuse to change cells that somebody protected from the caller."""
        for entry in tab.list("protectedRanges"):
            if may_edit(entry, self.caller, self.book.owner):
                continue
            open_parts = [rect_of(part) for part in entry.get("unprotectedRanges", ())]
            if overlap(self._protected(entry), rect) and not any(
                covers(part, rect) for part in open_parts
            ):
                raise Refusal(PROTECTED)

    def _protected(self, entry: Json) -> Rect:
        for named in self.book.named_ranges:
            if named["namedRangeId"] == entry.get("namedRangeId"):
                return rect_of(named["range"])
        return rect_of(entry.get("range", {}))

    def guard_tab(self, tab: Tab) -> None:
        """Refuse to change a tab that holds anything protected from the caller."""
        self.guard(tab, Rect(0, 0))

    def room_for(self, added: int) -> None:
        """Refuse to go over the limit of cells."""
        if added > 0 and self.book.cells() + added > MAX_CELLS:
            raise Refusal(TOO_MANY_CELLS)


def taken_ids(book: Workbook, kind: str, key: str) -> set[int]:
    """Return the ids in use for one kind of object."""
    return {item[key] for tab in book.tabs for item in tab.list(kind)}


def chosen_id(batch: Batch, kind: str, item: Json, key: str, label: str) -> int:
    """Return the caller's id for a new object, or a fresh one; an id in use is refused."""
    taken = taken_ids(batch.book, kind, key)
    wanted = item.get(key)
    if wanted is None:
        return batch.book.fresh_id(taken)
    if wanted in taken:
        raise Refusal(f"{label} with id {wanted} already exists.")
    return int(wanted)


def owner_of(batch: Batch, kind: str, key: str, wanted: object, label: str) -> tuple[Tab, Json]:
    """Return the tab and the object with that id."""
    for tab in batch.book.tabs:
        for item in tab.list(kind):
            if item.get(key) == wanted:
                return tab, item
    raise Refusal(f"No {label} with ID: {wanted}")


def exchange(tab: Tab, kind: str, old: Json, new: Json | None) -> None:
    """Put a new version of an object in the place of the old, or take it away."""
    items = [new if item is old else item for item in tab.list(kind)]
    tab.set(kind, tuple(item for item in items if item is not None))
