"""A spreadsheet: its tabs, named ranges and developer metadata, as cheap copies of one another."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from typing import Any

from sandbox.sheets.a1 import Rect
from sandbox.sheets.errors import Json, Refusal
from sandbox.sheets.grid import Grid

MAX_CELLS = 10_000_000
MAX_CHARACTERS = 50_000


@dataclass(frozen=True, slots=True)
class Metadata:
    """One developer metadata entry and where it sticks."""

    id: int
    key: str
    visibility: str
    project: str
    value: str = ""
    sheet_id: int | None = None
    dimension: str | None = None
    index: int = 0


@dataclass(slots=True)
class Tab:
    """One sheet: properties, cells, and the objects that lie on it.

    Objects are JSON as answered and are replaced, never changed, so that copies may share them.
    """

    sheet_id: int
    title: str
    grid: Grid = field(default_factory=Grid)
    # What answers show besides id, title, index and size: hidden, frozen rows, colours.
    properties: Json = field(default_factory=dict)
    grid_properties: Json = field(default_factory=dict)
    # Lists by the name they have in a Sheet: merges, protectedRanges, charts, tables…
    objects: dict[str, tuple[Json, ...]] = field(default_factory=dict)
    basic_filter: Json | None = None

    def copy(self) -> Tab:
        """Return a copy that shares all cells and objects."""
        return Tab(
            self.sheet_id,
            self.title,
            self.grid.copy(),
            dict(self.properties),
            dict(self.grid_properties),
            dict(self.objects),
            self.basic_filter,
        )

    def list(self, kind: str) -> tuple[Json, ...]:
        """Return the objects of one kind."""
        return self.objects.get(kind, ())

    def add(self, kind: str, item: Json) -> None:
        """Put an object on the tab."""
        self.objects[kind] = (*self.list(kind), item)

    def set(self, kind: str, items: tuple[Json, ...]) -> None:
        """Exchange all objects of one kind."""
        self.objects[kind] = items

    @property
    def hidden(self) -> bool:
        """Tell whether the tab is hidden."""
        return bool(self.properties.get("hidden"))

    @property
    def cells(self) -> int:
        """Return how many cells of the workbook's limit it takes."""
        return self.grid.row_count * self.grid.column_count


@dataclass(slots=True)
class Workbook:
    """A spreadsheet at one revision."""

    id: str
    properties: Json
    owner: str
    tabs: list[Tab]
    named_ranges: tuple[Json, ...] = ()
    metadata: tuple[Metadata, ...] = ()
    revision: int = 1
    # Title and id of every spreadsheet-wide object, for ids that must be unique.
    seed: random.Random = field(default_factory=random.Random)

    def copy(self) -> Workbook:
        """Return a draft to change: nothing done to it shows in this one."""
        return Workbook(
            self.id,
            dict(self.properties),
            self.owner,
            [tab.copy() for tab in self.tabs],
            self.named_ranges,
            self.metadata,
            self.revision,
            self.seed,
        )

    def tab(self, sheet_id: int) -> Tab | None:
        """Return the tab with that id."""
        return next((tab for tab in self.tabs if tab.sheet_id == sheet_id), None)

    def grid_tab(self, sheet_id: int) -> Tab:
        """Return the tab a range lies on."""
        found = self.tab(sheet_id)
        if found is None:
            raise Refusal(f"No grid with id: {sheet_id}")
        return found

    def titled(self, title: str) -> Tab | None:
        """Return the tab with that title; Google ignores its case."""
        folded = title.casefold()
        return next((tab for tab in self.tabs if tab.title.casefold() == folded), None)

    def cells(self) -> int:
        """Return the number of cells of all grids."""
        return sum(tab.cells for tab in self.tabs)

    def fresh_id(self, taken: set[int]) -> int:
        """Return an id for a new object, as large and as random as Google's."""
        while True:
            made = self.seed.randrange(1, 2**31)
            if made not in taken:
                return made

    def add_metadata(self, entry: Metadata) -> None:
        """Remember a metadata entry."""
        self.metadata = (*self.metadata, entry)

    def move_metadata(self, sheet_id: int, dimension: str, new_index: Any) -> None:
        """Send the entries on rows or columns of a tab to new places; None removes them."""
        kept = []
        for entry in self.metadata:
            if entry.sheet_id == sheet_id and entry.dimension == dimension:
                index = new_index(entry.index)
                if index is None:
                    continue
                kept.append(entry if index == entry.index else replace(entry, index=index))
            else:
                kept.append(entry)
        self.metadata = tuple(kept)


def rect_of(range_: Json) -> Rect:
    """Return the rectangle of a GridRange."""
    return Rect(
        range_.get("startRowIndex", 0),
        range_.get("startColumnIndex", 0),
        range_.get("endRowIndex"),
        range_.get("endColumnIndex"),
    )


def grid_range(sheet_id: int, rect: Rect) -> Json:
    """Return a rectangle as a GridRange as answered: id zero and open ends left out."""
    found: Json = {"sheetId": sheet_id} if sheet_id else {}
    found |= {"startRowIndex": rect.top, "startColumnIndex": rect.left}
    if rect.bottom is not None:
        found["endRowIndex"] = rect.bottom
    if rect.right is not None:
        found["endColumnIndex"] = rect.right
    return found


def new_workbook(file_id: str, title: str, owner: str, **properties: str) -> Workbook:
    """Return a spreadsheet as Google makes it: one tab, 1000 rows, 26 columns."""
    shown = {"title": title, "locale": "en_US", "autoRecalc": "ON_CHANGE", "timeZone": "Etc/GMT"}
    return Workbook(file_id, shown | properties, owner, [Tab(0, "Sheet1")])
