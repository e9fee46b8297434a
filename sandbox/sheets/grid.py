"""The cells of one tab: rows of values, runs of styles, sizes of rows and columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.sheets.a1 import Rect
from sandbox.sheets.references import Move, followed, shifted
from sandbox.sheets.runs import Runs
from sandbox.sheets.style import PLAIN, Style, style


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula's text, with its value where that is plain arithmetic."""

    text: str
    value: Any = None

    def copied(self, rows: int, columns: int) -> Formula:
        """Return the formula as it reads when copied that far down and to the right."""
        return Formula(shifted(self.text, rows, columns), self.value)


@dataclass(frozen=True, slots=True)
class Size:
    """How one row or column is shown."""

    pixels: int | None = None
    hidden: bool = False


Cell = None | bool | int | float | str | Formula
Row = tuple[Cell, ...]
KEEP: Any = object()  # JSON null in a write: the old cell stays as it is.
PLAIN_SIZE = Size()
PLAIN_RUNS: Runs[Style] = Runs.of(PLAIN)


def trimmed(cells: Sequence[Cell]) -> Row:
    """Return a row without its empty end."""
    end = len(cells)
    while end and cells[end - 1] is None:
        end -= 1
    return tuple(cells[:end])


@dataclass(slots=True)
class Grid:
    """Cells of a tab. Rows and runs are never changed in place, so copies may share them."""

    row_count: int = 1000
    column_count: int = 26
    rows: list[Row] = field(default_factory=list)
    styles: list[Runs[Style]] = field(default_factory=list)
    row_sizes: Runs[Size] = field(default_factory=lambda: Runs.of(PLAIN_SIZE))
    column_sizes: Runs[Size] = field(default_factory=lambda: Runs.of(PLAIN_SIZE))
    # Whether a formula was ever written: grids without need not be searched for references.
    formulas: bool = False

    def copy(self) -> Grid:
        """Return a copy that shares every row; cheap at any size."""
        return Grid(
            self.row_count,
            self.column_count,
            list(self.rows),
            list(self.styles),
            self.row_sizes,
            self.column_sizes,
            self.formulas,
        )

    def row(self, index: int) -> Row:
        """Return a row's values up to its last one."""
        return self.rows[index] if index < len(self.rows) else ()

    def value(self, row: int, column: int) -> Cell:
        """Return one cell's value."""
        cells = self.row(row)
        return cells[column] if column < len(cells) else None

    def style_runs(self, column: int) -> Runs[Style]:
        """Return the styles down a column."""
        return self.styles[column] if column < len(self.styles) else PLAIN_RUNS

    def style(self, row: int, column: int) -> Style:
        """Return one cell's style."""
        return self.style_runs(column)[row]

    def inside(self, rect: Rect) -> Rect:
        """Return the part of a rectangle inside the grid."""
        return rect.clamp(self.row_count, self.column_count)

    def last_row(self) -> int:
        """Return the number of rows up to the last one with a value."""
        end = len(self.rows)
        while end and not self.rows[end - 1]:
            end -= 1
        return end

    def put(self, top: int, left: int, rows: Sequence[Sequence[Any]]) -> None:
        """Write values from a corner; KEEP leaves a cell alone."""
        end = top + len(rows)
        if len(self.rows) < end:
            self.rows.extend([()] * (end - len(self.rows)))
        for index, cells in enumerate(rows, top):
            self.formulas = self.formulas or has_formula(cells)
            self.rows[index] = _merged(self.rows[index], left, cells)

    def clear(self, rect: Rect) -> None:
        """Empty the values of a rectangle inside the grid."""
        right = self.column_count if rect.right is None else rect.right
        bottom = self.row_count if rect.bottom is None else rect.bottom
        for index in range(rect.top, min(bottom, len(self.rows))):
            old = self.rows[index]
            if len(old) > rect.left:
                gap = (None,) * (right - rect.left)
                self.rows[index] = trimmed(old[: rect.left] + gap + old[right:])

    def follow(self, title: str, move: Move) -> None:
        """Bring the references in the formulas of this grid, on the tab ``title``, up to date."""
        if self.formulas:
            self.rows = [
                tuple(_followed(cell, title, move) for cell in row) if has_formula(row) else row
                for row in self.rows
            ]

    def set_style_runs(self, column: int, runs: Runs[Style]) -> None:
        """Exchange a column's styles."""
        if column >= len(self.styles):
            if runs is PLAIN_RUNS:
                return
            self.styles.extend([PLAIN_RUNS] * (column + 1 - len(self.styles)))
        self.styles[column] = runs

    def restyle(self, rect: Rect, change: Callable[[Style], Style]) -> None:
        """Change the style of every cell of a rectangle inside the grid."""
        inner = self.inside(rect)
        bottom, right = inner.bottom or 0, inner.right or 0
        if bottom <= inner.top:
            return
        for column in range(inner.left, right):
            runs = self.style_runs(column)
            self.set_style_runs(column, runs.change(inner.top, bottom, change))

    def put_styles(
        self, top: int, left: int, columns: Sequence[Iterable[tuple[int, Style]]]
    ) -> None:
        """Write style pieces down columns from a corner."""
        for column, given in enumerate(columns, left):
            pieces = list(given)
            length = sum(count for count, _ in pieces)
            runs = self.style_runs(column)
            if length and not (runs.uniform and all(s is runs.last for _, s in pieces)):
                self.set_style_runs(column, runs.replace(top, top + length, pieces))

    def values(self, rect: Rect) -> list[Row]:
        """Return the values of a rectangle, short rows left short."""
        right = self.column_count if rect.right is None else rect.right
        bottom = self.row_count if rect.bottom is None else rect.bottom
        return [row[rect.left : right] for row in self.rows[rect.top : bottom]]

    def insert_rows(self, at: int, count: int, source: int | None) -> None:
        """Put empty rows before ``at``, styled as row ``source``."""
        if at < len(self.rows):
            self.rows[at:at] = [()] * count
        self.styles = [
            runs.replace(at, at, [(count, PLAIN if source is None else _kept(runs[source]))])
            for runs in self.styles
        ]
        size = PLAIN_SIZE if source is None else self.row_sizes[source]
        self.row_sizes = self.row_sizes.replace(at, at, [(count, Size(size.pixels))])
        self.row_count += count

    def delete_rows(self, start: int, end: int) -> None:
        """Take rows out."""
        del self.rows[start:end]
        self.styles = [runs.replace(start, end, []) for runs in self.styles]
        self.row_sizes = self.row_sizes.replace(start, end, [])
        self.row_count -= end - start

    def insert_columns(self, at: int, count: int, source: int | None) -> None:
        """Put empty columns before ``at``, styled as column ``source``."""
        gap = (None,) * count
        self.rows = [row[:at] + gap + row[at:] if len(row) > at else row for row in self.rows]
        copied = PLAIN_RUNS if source is None else self.style_runs(source)
        fresh = copied.change(0, self.row_count, _kept) if copied is not PLAIN_RUNS else copied
        if at < len(self.styles) or fresh is not PLAIN_RUNS:
            self.styles.extend([PLAIN_RUNS] * (at - len(self.styles)))
            self.styles[at:at] = [fresh] * count
        size = PLAIN_SIZE if source is None else self.column_sizes[source]
        self.column_sizes = self.column_sizes.replace(at, at, [(count, Size(size.pixels))])
        self.column_count += count

    def delete_columns(self, start: int, end: int) -> None:
        """Take columns out."""
        self.rows = [
            trimmed(row[:start] + row[end:]) if len(row) > start else row for row in self.rows
        ]
        del self.styles[start:end]
        self.column_sizes = self.column_sizes.replace(start, end, [])
        self.column_count -= end - start

    def move_rows(self, start: int, end: int, to: int) -> None:
        """Take rows out and put them before ``to``."""
        self.rows.extend([()] * (max(end, to) - len(self.rows)))
        self.rows = moved(self.rows, start, end, to)
        self.styles = [runs.move(start, end, to) for runs in self.styles]
        self.row_sizes = self.row_sizes.move(start, end, to)

    def move_columns(self, start: int, end: int, to: int) -> None:
        """Take columns out and put them before ``to``."""
        width = max(end, to)
        padded = (row + (None,) * (width - len(row)) for row in self.rows)
        self.rows = [trimmed(moved(row, start, end, to)) for row in padded]
        if len(self.styles) > min(start, to):
            self.styles.extend([PLAIN_RUNS] * (width - len(self.styles)))
            self.styles = moved(self.styles, start, end, to)
        self.column_sizes = self.column_sizes.move(start, end, to)


def moved(items: Any, start: int, end: int, to: int) -> Any:
    """Return a sequence with a stretch taken out and put before ``to``."""
    block = items[start:end]
    if to <= start:
        return items[:to] + block + items[to:start] + items[end:]
    return items[:start] + items[end:to] + block + items[to:]


def has_formula(cells: Sequence[Any]) -> bool:
    """Tell whether any of the cells is a formula."""
    return any(type(cell) is Formula for cell in cells)


def _followed(cell: Cell, title: str, move: Move) -> Cell:
    if not isinstance(cell, Formula):
        return cell
    return Formula(followed(cell.text, title, move), cell.value)


def _merged(old: Row, left: int, cells: Sequence[Any]) -> Row:
    if KEEP in cells:
        padded = old + (None,) * (left + len(cells) - len(old))
        cells = [padded[left + at] if c is KEEP else c for at, c in enumerate(cells)]
    if not left and len(cells) >= len(old):
        return trimmed(cells)
    head = old[:left] + (None,) * (left - len(old))
    return trimmed((*head, *cells, *old[left + len(cells) :]))


def _kept(old: Style) -> Style:
    """Return what a new row or column takes over from its neighbour: no note, no pivot."""
    if "note" not in old.attributes and "pivotTable" not in old.attributes:
        return old
    rest = {k: v for k, v in old.attributes.items() if k not in {"note", "pivotTable"}}
    return style(rest)
