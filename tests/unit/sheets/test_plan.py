"""Which rows are read and written, in which requests."""

from __future__ import annotations

import pytest
from gspread.utils import a1_range_to_grid_range
from hypothesis import given
from hypothesis import strategies as st

from callsheet.sheets import plan
from callsheet.sheets.cells import Cell, to_json
from callsheet.sheets.plan import (
    MAX_BODY,
    MAX_ROWS_READ,
    Layout,
    Run,
    Segment,
    Span,
    a1,
    bodies,
    last_used,
    reads,
    rows_to_spans,
)


def test_segments_follow_the_columns_wherever_they_stand() -> None:
    layout = Layout((4, 0, 1, 5))
    assert layout.segments() == [Segment(0, (1, 2)), Segment(4, (0, 3))]
    assert (layout.key, layout.first, layout.last) == (4, 0, 5)
    assert layout.pick(["b", "c", "mine", None, "a"]) == ["a", "b", "c", ""]
    assert layout.runs_from_staging() == [Run(1, 0, 2), Run(0, 4, 1), Run(3, 5, 1)]


def test_usual_columns_are_one_segment_and_one_run() -> None:
    layout = Layout((0, 1, 2))
    assert layout.segments() == [Segment(0, (0, 1, 2))]
    assert layout.runs_from_staging() == [Run(0, 0, 3)]


def test_ranges_in_a1_notation() -> None:
    assert a1("Anna's", 2, 0, 9, 27) == "'Anna''s'!A2:AB9"
    assert a1("T", 1, 2, None, 2) == "'T'!C1:C"


@given(st.sets(st.integers(2, 5_000), max_size=200), st.integers(0, 10))
def test_spans_cover_the_rows_and_little_else(rows: set[int], gap: int) -> None:
    spans = rows_to_spans(rows, gap)
    covered = [row for span in spans for row in range(span.first, span.last + 1)]
    assert rows <= set(covered)
    assert len(covered) == len(set(covered))
    assert len(covered) <= len(rows) * (gap + 1)


@given(st.sets(st.integers(2, 40_000), max_size=300), st.text(min_size=1, max_size=100))
def test_reads_stay_within_their_limits(rows: set[int], title: str) -> None:
    for batch in reads(rows, title.encode("utf-8", "ignore").decode()):
        assert sum(span.last - span.first + 1 for span in batch) <= MAX_ROWS_READ


def test_a_long_run_of_rows_is_read_in_portions() -> None:
    batches = list(reads(range(2, 15_002), "T"))
    assert [span for batch in batches for span in batch] == [
        Span(2, 6_001),
        Span(6_002, 12_001),
        Span(12_002, 15_001),
    ]


@given(
    st.dictionaries(st.integers(2, 60), st.text(max_size=30), max_size=40),
    st.permutations(range(5)),
    st.sampled_from([600, 1_500, MAX_BODY]),
)
def test_writes_hold_every_row_once_and_stay_small(
    texts: dict[int, str], places: list[int], limit: int
) -> None:
    rows: dict[int, list[Cell]] = {
        n: [str(n), t.encode("utf-8", "ignore").decode(), 1] for n, t in texts.items()
    }
    layout = Layout(tuple(places[:3]))
    before, plan.MAX_BODY = plan.MAX_BODY, limit
    try:
        found = list(bodies("Our tab", layout, rows))
    finally:
        plan.MAX_BODY = before

    cells: dict[tuple[int, int], object] = {}
    for batch in found:
        whole = len(to_json({"valueInputOption": "RAW", "data": batch}))
        numbers = {area["startRowIndex"] for area in map(_area, batch)}
        assert whole <= limit or len(numbers) == 1
        for item in batch:
            area = _area(item)
            assert area["endRowIndex"] - area["startRowIndex"] == len(item["values"])
            for row, line in enumerate(item["values"], area["startRowIndex"] + 1):
                for column, cell in enumerate(line, area["startColumnIndex"]):
                    assert (row, column) not in cells
                    cells[row, column] = cell
    assert cells == {
        (n, place): cell
        for n, line in rows.items()
        for place, cell in zip(places, line, strict=False)
    }
    # No row is split over two writes.
    for number in rows:
        holding = [
            batch
            for batch in found
            if any(_area(i)["startRowIndex"] < number <= _area(i)["endRowIndex"] for i in batch)
        ]
        assert len(holding) == 1


def _area(item: dict[str, str]) -> dict[str, int]:
    title, _, where = item["range"].rpartition("!")
    assert title == "'Our tab'"
    area: dict[str, int] = a1_range_to_grid_range(where)
    return area


OURS = frozenset({0, 1})


@pytest.mark.parametrize(
    ("below", "expected"),
    [
        ([], 10),
        ([[], ["", "", "Total"]], 12),
        ([["", "", False], ["", "", False]], 10),
        ([["", False]], 11),
        ([["", "", "note"], ["", "", "note"]], 12),
        ([["", "", n] for n in range(10)], 10),
        ([*[["", "", n] for n in range(9)], ["", "x", 9]], 20),
    ],
)
def test_the_last_used_row(below: list[list[object]], expected: int) -> None:
    """The grid has 20 rows; our last record stands in row 10."""
    assert last_used(below, 11, OURS, 20) == expected
