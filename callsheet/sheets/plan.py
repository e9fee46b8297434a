"""Pure: which rows to read, which rows to write where, and in how many requests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from gspread.utils import absolute_range_name, quote, rowcol_to_a1

from callsheet.sheets.cells import Cell, size

MAX_BODY = 2_000_000  # bytes of one write; the Sheets API limits page recommends 2 MB at the most
BODY_FRAME = 100  # bytes of a write's body around its list of ranges
MAX_ADDRESS = 6_000  # characters of the ranges of one read: they travel in the address
MAX_ROWS_READ = 6_000  # of one read, so that a scattered tab does not fill the memory
SLACK = 200  # empty rows added with every growth, so that not every refresh grows the grid
_SLACK_SHARE = 8  # one eighth of a large tab
SPLIT = 3  # bytes that a row takes more for every further segment: brackets and a comma
_FRAME = 120  # bytes around the values of one range of a write, without the tab's title
_JOIN_GAP = 8  # rows between two wanted rows that are cheaper to read than to leave out


class Span(NamedTuple):
    """Rows first to last, counted from 1, both included."""

    first: int
    last: int


class Segment(NamedTuple):
    """Managed columns that stand side by side.

    start: the sheet's column, counted from 0. fields: positions in the entity's row, in order.
    """

    start: int
    fields: tuple[int, ...]

    @property
    def last(self) -> int:
        """The sheet's last column of it."""
        return self.start + len(self.fields) - 1


class Run(NamedTuple):
    """Columns that stand side by side in two tabs; the starts count from 0."""

    source: int
    target: int
    width: int


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the managed columns stand in the tab.

    places: for each column of the entity the sheet's column, counted from 0.
    """

    places: tuple[int, ...]

    @property
    def key(self) -> int:
        """The sheet's column of the primary key, counted from 0."""
        return self.places[0]

    @property
    def first(self) -> int:
        """The leftmost managed column, counted from 0."""
        return min(self.places)

    @property
    def last(self) -> int:
        """The rightmost managed column, counted from 0."""
        return max(self.places)

    def segments(self) -> list[Segment]:
        """Return the runs of neighbouring managed columns, left to right."""
        ordered = sorted((place, field) for field, place in enumerate(self.places))
        runs: list[list[tuple[int, int]]] = []
        for place, field in ordered:
            if runs and runs[-1][-1][0] == place - 1:
                runs[-1].append((place, field))
            else:
                runs.append([(place, field)])
        return [Segment(run[0][0], tuple(field for _, field in run)) for run in runs]

    def runs_from_staging(self) -> list[Run]:
        """Return how columns in the entity's order get to their places, left to right."""
        return runs_between((field, place) for field, place in enumerate(self.places))

    def pick(self, row: Sequence[object], offset: int = 0) -> list[object]:
        """Return a sheet row's managed cells in the entity's order.

        offset: the sheet's column of the row's first cell.
        """
        return [row[place - offset] if place - offset < len(row) else "" for place in self.places]


def runs_between(places: Iterable[tuple[int, int]]) -> list[Run]:
    """Join columns, given by their places in source and target, to runs; left to right."""
    runs: list[Run] = []
    for source, target in sorted(places, key=lambda pair: pair[1]):
        last = runs[-1] if runs else Run(-1, -1, 0)
        if (source, target) == (last.source + last.width, last.target + last.width):
            runs[-1] = last._replace(width=last.width + 1)
        else:
            runs.append(Run(source, target, 1))
    return runs


def slack_for(last_row: int) -> int:
    """Return how many empty rows to add below that row when a grid has to grow anyway."""
    return max(SLACK, last_row // _SLACK_SHARE)


def rows_to_spans(rows: Iterable[int], gap: int = 0) -> list[Span]:
    """Join row numbers to spans; rows with up to `gap` others between them share one."""
    spans: list[Span] = []
    for row in sorted(set(rows)):
        if spans and row - spans[-1].last <= gap + 1:
            spans[-1] = Span(spans[-1].first, row)
        else:
            spans.append(Span(row, row))
    return spans


def reads(rows: Iterable[int], title: str, gap: int = _JOIN_GAP) -> Iterator[list[Span]]:
    """Yield the spans of each read that together cover the rows, within the limits above.

    gap: up to so many rows between two wanted ones are read rather than left out.
    """
    most = MAX_ADDRESS // (len(quote(title)) + 40)
    batch: list[Span] = []
    covered = 0
    for span in rows_to_spans(rows, gap):
        for first in range(span.first, span.last + 1, MAX_ROWS_READ):
            part = Span(first, min(span.last, first + MAX_ROWS_READ - 1))
            length = part.last - part.first + 1
            if batch and (len(batch) >= most or covered + length > MAX_ROWS_READ):
                yield batch
                batch, covered = [], 0
            batch.append(part)
            covered += length
    if batch:
        yield batch


def a1(title: str, first_row: int, first_column: int, last_row: int | None, last: int) -> str:
    """Return a range in A1 notation; rows from 1, columns from 0, both ends included.

    last_row: None for a range without lower end.
    """
    start = rowcol_to_a1(first_row, first_column + 1)
    letters = rowcol_to_a1(1, last + 1)[:-1]
    return absolute_range_name(title, f"{start}:{letters}{last_row or ''}")


def whole_rows(title: str, first: int, last: int) -> str:
    """Return whole rows in A1 notation, however many columns the grid has by now."""
    return absolute_range_name(title, f"{first}:{last}")


def bodies(
    title: str, layout: Layout, rows: Mapping[int, Sequence[Cell]]
) -> Iterator[list[dict[str, Any]]]:
    """Yield the ValueRanges of as few writes as stay under MAX_BODY.

    They write these rows (by row number), managed columns only. A row is never split over two
    writes, so that it is whole or old whenever we are stopped; a longer one is sent alone.
    """
    segments = layout.segments()
    frame = _FRAME + size([absolute_range_name(title)])
    batch: list[dict[str, Any]] = []
    taken = BODY_FRAME
    for span in rows_to_spans(rows):
        first = span.first
        taken += len(segments) * frame
        for number in range(span.first, span.last + 1):
            weight = size(rows[number]) + SPLIT * (len(segments) - 1)
            if taken + weight > MAX_BODY and (batch or number > first):
                yield batch + _value_ranges(title, segments, rows, Span(first, number - 1))
                batch, first = [], number
                taken = BODY_FRAME + len(segments) * frame
            taken += weight
        batch += _value_ranges(title, segments, rows, Span(first, span.last))
    if batch:
        yield batch


def _value_ranges(
    title: str, segments: list[Segment], rows: Mapping[int, Sequence[Cell]], span: Span
) -> list[dict[str, Any]]:
    numbers = range(span.first, span.last + 1)
    return [
        {
            "range": a1(title, span.first, segment.start, span.last, segment.last),
            "majorDimension": "ROWS",
            "values": [[rows[number][field] for field in segment.fields] for number in numbers],
        }
        for segment in segments
        if numbers
    ]


def last_used(
    rows: Sequence[Sequence[object]], first: int, managed: frozenset[int], grid_rows: int
) -> int:
    """Return the last row that holds something, among the rows under our last record.

    rows: every cell of the tab from row `first` on, columns from 0 (a row or cell left out is
    empty). managed: the sheet's columns that are ours. grid_rows: rows of the whole tab. A column
    of the user that is filled in every row to the end of the grid is a formula or a tick box drawn
    down in advance; it does not hold new rows back, and neither does an empty text or FALSE.
    Returns first - 1 when there is nothing.
    """
    to_the_end = len(rows) > 1 and first + len(rows) - 1 >= grid_rows
    drawn = {
        column
        for column in range(min(map(len, rows), default=0) if to_the_end else 0)
        if column not in managed and all(row[column] != "" for row in rows)
    }
    for position in range(len(rows) - 1, -1, -1):
        for column, cell in enumerate(rows[position]):
            if cell in {"", None} or column in drawn:
                continue
            if cell is not False or column in managed:
                return first + position
    return first - 1
