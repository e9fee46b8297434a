"""The cells of the Google stand-in held against a model too simple to be wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.sheets.a1 import Rect, column_index, column_name, parse_cells, render, split
from sandbox.sheets.parse import entered
from sandbox.sheets.render import formatted
from sandbox.sheets.requests import run
from sandbox.sheets.requests.context import Batch, Caller
from sandbox.sheets.runs import Runs
from sandbox.sheets.workbook import Metadata, Workbook, new_workbook

ROWS, COLUMNS = 6, 5
ME = Caller("me@callsheet.example", "project")
Cell = tuple[Any, str | None]


@given(st.integers(0, 18_277))
def test_column_names_read_back(index: int) -> None:
    assert column_index(column_name(index)) == index


@given(
    st.text(min_size=1, max_size=8),
    st.integers(0, 50),
    st.integers(0, 30),
    st.none() | st.integers(1, 20),
    st.none() | st.integers(1, 20),
)
def test_ranges_read_back(
    title: str, top: int, left: int, height: int | None, width: int | None
) -> None:
    bottom = None if height is None else top + height
    rect = Rect(top, left, bottom, None if width is None else left + width)
    if rect.bottom is None and rect.right is None:
        rect = Rect(top, left, top + 1, left + 1)

    reference = split(render(title, rect))

    assert reference is not None
    assert reference.title == title
    assert parse_cells(reference.cells or "") == rect


@given(
    st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8), st.integers(0, 3)), max_size=12),
    st.integers(0, 8),
    st.integers(0, 8),
    st.integers(0, 12),
)
def test_runs_are_a_list_written_shortly(
    writes: list[tuple[int, int, int]], one: int, two: int, to: int
) -> None:
    runs, plain = Runs.of("-"), ["-"] * 20
    for start, length, value in writes:
        text = str(value)
        runs = runs.replace(start, start + length, [(length, text)])
        plain[start : start + length] = [text] * length
    start, end = sorted((one, two))
    if not start < to < end:
        runs = runs.move(start, end, to)
        block = plain[start:end]
        del plain[start:end]
        at = to if to <= start else to - len(block)
        plain[at:at] = block

    assert runs.expand(0, 20) == plain
    assert all(a is not b for a, b in zip(runs.values, runs.values[1:], strict=False))


@given(st.floats(-1e14, 1e14, allow_nan=False) | st.integers(-(10**14), 10**14))
def test_plain_numbers_read_back(number: float) -> None:
    value = entered(formatted(number, None)).value

    assert isinstance(value, int | float)
    assert abs(value - number) <= max(abs(number) * 1e-9, 1e-9)


@dataclass(slots=True)
class Naive:
    """A tab as a list of lists: each cell is its value with its note."""

    cells: list[list[Cell]] = field(
        default_factory=lambda: [
            [(f"v{r}{c}" if (r + c) % 3 else None, f"n{r}{c}" if (r * c) % 2 else None)
             for c in range(COLUMNS)]
            for r in range(ROWS)
        ]
    )  # fmt: skip
    row_marks: list[str] = field(default_factory=lambda: [f"row{r}" for r in range(ROWS)])
    column_marks: list[str] = field(default_factory=lambda: [f"col{c}" for c in range(COLUMNS)])

    def turned(self) -> None:
        """Exchange rows and columns, so that what is done to rows is done to columns."""
        self.cells = [list(row) for row in zip(*self.cells, strict=True)]
        self.row_marks, self.column_marks = self.column_marks, self.row_marks

    def insert(self, at: int, count: int) -> None:
        blank: list[Cell] = [(None, None)] * len(self.cells[0])
        self.cells[at:at] = [list(blank) for _ in range(count)]
        self.row_marks[at:at] = [""] * count

    def delete(self, start: int, end: int) -> None:
        del self.cells[start:end]
        del self.row_marks[start:end]

    def move(self, start: int, end: int, to: int) -> None:
        target = to if to <= start else to - (end - start)
        block, marks = self.cells[start:end], self.row_marks[start:end]
        self.delete(start, end)
        self.cells[target:target] = block
        self.row_marks[target:target] = marks


def workbook(naive: Naive) -> Workbook:
    """Return the same tab in the stand-in."""
    book = new_workbook("id", "t", ME.email)
    grid = book.tabs[0].grid
    grid.row_count, grid.column_count = ROWS, COLUMNS
    rows = [
        {
            "values": [
                ({"userEnteredValue": {"stringValue": value}} if value else {})
                | ({"note": note} if note else {})
                for value, note in row
            ]
        }
        for row in naive.cells
    ]
    cells = {"start": {}, "rows": rows, "fields": "userEnteredValue,note"}
    run(Batch(book, ME), [{"updateCells": cells}])
    for dimension, marks in (("ROWS", naive.row_marks), ("COLUMNS", naive.column_marks)):
        for index, mark in enumerate(marks):
            entry = Metadata(index + 1, mark, "DOCUMENT", "p", "", 0, dimension, index)
            book.add_metadata(entry)
    return book


def seen(book: Workbook) -> tuple[list[list[Cell]], dict[str, int]]:
    """Return cells and marks as the stand-in has them."""
    grid = book.tabs[0].grid
    cells = [
        [(grid.value(r, c), grid.style(r, c).attributes.get("note"))
         for c in range(grid.column_count)]
        for r in range(grid.row_count)
    ]  # fmt: skip
    return cells, {entry.key: entry.index for entry in book.metadata}


STEP = st.tuples(
    st.sampled_from(["insert", "delete", "move"]),
    st.sampled_from(["ROWS", "COLUMNS"]),
    st.integers(0, 9),
    st.integers(1, 3),
    st.integers(0, 9),
)


@settings(deadline=None)
@given(st.lists(STEP, max_size=8))
def test_values_notes_and_marks_stay_together(steps: list[tuple[str, str, int, int, int]]) -> None:
    naive = Naive()
    book = workbook(naive)
    for kind, dimension, at, count, to in steps:
        grid = book.tabs[0].grid
        size = grid.row_count if dimension == "ROWS" else grid.column_count
        start = at % size
        end = start + count if kind == "insert" else min(start + count, size)
        place = {"dimension": dimension, "startIndex": start, "endIndex": end}
        to %= size + 1
        if (kind == "delete" and end - start == size) or (kind == "move" and start < to < end):
            continue
        named = "source" if kind == "move" else "range"
        body: dict[str, Any] = {named: place, "destinationIndex": to}
        run(Batch(book, ME), [{f"{kind}Dimension": body}])
        if dimension == "COLUMNS":
            naive.turned()
        if kind == "insert":
            naive.insert(start, end - start)
        elif kind == "delete":
            naive.delete(start, end)
        else:
            naive.move(start, end, to)
        if dimension == "COLUMNS":
            naive.turned()

    cells, marks = seen(book)

    assert cells == naive.cells
    wanted = [*enumerate(naive.row_marks), *enumerate(naive.column_marks)]
    assert marks == {mark: index for index, mark in wanted if mark}


@settings(deadline=None)
@given(st.permutations(range(ROWS)), st.booleans())
def test_sorting_keeps_rows_whole(order: list[int], descending: bool) -> None:
    book = new_workbook("id", "t", ME.email)
    rows = [
        {"values": [{"userEnteredValue": {"numberValue": n}}, {"note": f"note {n}"}]} for n in order
    ]
    cells = {"updateCells": {"start": {}, "rows": rows, "fields": "*"}}
    spec = {"sortOrder": "DESCENDING" if descending else "ASCENDING"}
    place = {"endRowIndex": 20, "endColumnIndex": 2}
    run(Batch(book, ME), [cells, {"sortRange": {"range": place, "sortSpecs": [spec]}}])
    grid = book.tabs[0].grid

    wanted = sorted(order, reverse=descending)
    assert [grid.value(row, 0) for row in range(ROWS)] == wanted
    notes = [grid.style(row, 1).attributes.get("note") for row in range(ROWS)]
    assert notes == [f"note {n}" for n in wanted]
