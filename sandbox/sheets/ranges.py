"""Finds the tab and the rectangle that a text names."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.sheets.a1 import Rect, parse_cells, render, split
from sandbox.sheets.errors import ApiError, Json, invalid
from sandbox.sheets.workbook import Tab, Workbook, rect_of


@dataclass(frozen=True, slots=True)
class Place:
    """A rectangle on a tab, with the text that named it."""

    tab: Tab
    rect: Rect
    text: str

    @property
    def inner(self) -> Rect:
        """Return the part inside the grid."""
        return self.tab.grid.inside(self.rect)

    def shown(self) -> str:
        """Return the range as answers name it: clamped to the grid."""
        return render(self.tab.title, self.inner)

    def require_start_inside(self) -> None:
        """Refuse a range that begins past the last row or column."""
        grid = self.tab.grid
        if self.rect.top >= grid.row_count or self.rect.left >= grid.column_count:
            raise invalid(past_the_grid(self.tab, self.rect))

    def require_inside(self) -> None:
        """Refuse a range of which any part is past the grid."""
        grid = self.tab.grid
        bottom, right = self.rect.bottom or 0, self.rect.right or 0
        if bottom > grid.row_count or right > grid.column_count:
            raise invalid(past_the_grid(self.tab, self.rect))
        self.require_start_inside()


def past_the_grid(tab: Tab, rect: Rect) -> str:
    """Return Google's words for a range outside the grid."""
    if rect.bottom is None and rect.right is None:
        rect = Rect(rect.top, rect.left, None, tab.grid.column_count)
    size = f"Max rows: {tab.grid.row_count}, max columns: {tab.grid.column_count}"
    return f"Range ({render(tab.title, rect)}) exceeds grid limits. {size}"


def _named(book: Workbook, name: str) -> tuple[Tab, Rect] | None:
    for entry in book.named_ranges:
        if entry["name"].casefold() == name.casefold():
            tab = book.tab(entry["range"].get("sheetId", 0))
            return (tab, rect_of(entry["range"])) if tab else None
    return None


def _table(book: Workbook, name: str) -> tuple[Tab, Rect] | None:
    for tab in book.tabs:
        for table in tab.list("tables"):
            if table.get("name", "").casefold() == name.casefold():
                return tab, rect_of(table["range"])
    return None


def _first_visible(book: Workbook) -> Tab:
    return next((tab for tab in book.tabs if not tab.hidden), book.tabs[0])


def _found(book: Workbook, text: str) -> tuple[Tab, Rect] | None:
    reference = split(text)
    if reference is None:
        return None
    if reference.title is None:
        cells = reference.cells or ""
        rect = parse_cells(cells)
        if rect is not None:
            return _first_visible(book), rect
        tab = book.titled(cells)
        return (tab, Rect(0, 0)) if tab else _named(book, cells) or _table(book, cells)
    tab = book.titled(reference.title)
    if tab is None:
        return None
    if reference.cells is None:
        return tab, Rect(0, 0)
    rect = parse_cells(reference.cells)
    return (tab, rect) if rect else _named(book, reference.cells)


def locate(book: Workbook, text: str) -> Place:
    """Return the place a range text names, or raise Google's 400."""
    found = _found(book, text)
    if found is None:
        raise invalid(f"Unable to parse range: {text}")
    return Place(found[0], found[1], text)


def locate_grid_range(book: Workbook, range_: Json) -> Place:
    """Return the place a GridRange names."""
    sheet_id = range_.get("sheetId", 0)
    tab = book.tab(sheet_id)
    if tab is None:
        raise invalid(f"No grid with id: {sheet_id}")
    rect = rect_of(range_)
    return Place(tab, rect, render(tab.title, rect))


def prefixed(error: ApiError, prefix: str) -> ApiError:
    """Return the refusal as one of several in a body: ``Invalid data[0]: …``."""
    return ApiError(error.code, f"{prefix}: {error.message}", error.details)
