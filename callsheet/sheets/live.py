"""LiveRows: the records that stand in the tab now, read as late as possible, found by key."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from callsheet.errors import DestinationUnavailable
from callsheet.sheets.cells import key_text
from callsheet.sheets.client import Guard
from callsheet.sheets.index import KeyIndex, fresh_index, headers_of, read_columns
from callsheet.sheets.managed import ManagedTab
from callsheet.sheets.plan import Span, a1, reads, whole_rows
from callsheet.sheets.refusals import PlanTooOld, RangeGone

_ROUNDS = 6  # looks at a tab that changes under our hands before we give up
_PLAN_LIFE = timedelta(seconds=15)  # between looking and writing, waits included

_T = TypeVar("_T")


class LiveRows:
    """Keys and cells of one tab. index: which row each key stands in, None if not known now.

    edited_headers: a person has changed one of our headers; the next write of rows puts it back.
    latest_by: key of the column by which, of many rows of one record, the latest counts.
    """

    def __init__(self, tab: ManagedTab, guard: Guard) -> None:
        self.latest_by = ""
        self.tab = tab
        self.guard = guard
        self.index: KeyIndex | None = fresh_index(tab) if tab.created else None
        self.edited_headers = False
        self._keeps_for: timedelta | None = None

    def now(self) -> datetime:
        """The time."""
        return self.tab.spreadsheet.client.clock.now()

    def send_until(self, seen_at: datetime) -> datetime | None:
        """Return until when a write may be sent that was planned from what was seen then."""
        return seen_at + self._keeps_for if self._keeps_for else None

    def rounds(self, attempt: Callable[[], _T | None]) -> _T:
        """Try until everything is found where the index says; what moved is read again.

        attempt: returns None if something moved. Raises DestinationUnavailable if it never ends.
        """
        for number in range(_ROUNDS):
            # When every wait is long, a write that is late is better than none.
            self._keeps_for = _PLAN_LIFE if number < _ROUNDS // 2 else None
            try:
                done = attempt()
                if done is not None:
                    return done
            except RangeGone:  # renamed, cut or deleted since we read the title
                self.tab.reload(self.guard)
            except PlanTooOld:
                pass
            self.index = None
        raise DestinationUnavailable(
            "the tab kept changing",
            message="Somebody is moving rows of this tab right now. Try again in a few minutes.",
        )

    def current(self) -> KeyIndex | None:
        """Return the index, read if it is not known; None if the columns turn out to have moved."""
        if self.index is None:
            self.read_columns(())
        return self.index

    def keys(self) -> set[str]:
        """Return the keys of all records; one read if the index is not known."""
        return set(self.rounds(self.current).rows)

    def read_columns(self, places: Sequence[int]) -> list[list[object]] | None:
        """Read the index anew and with it whole columns, one read; None if columns have moved.

        places: the sheet's columns, counted from 0. Cells come from row 1 on, without the empty
        end.
        """
        layout = self.tab.layout
        index, columns = read_columns(self.tab, places, self.place_of(self.latest_by))
        if layout.pick(index.header) != headers_of(self.tab):
            self.tab.reload(self.guard)
            if self.tab.layout != layout:
                self.index = None
                return None
            self.edited_headers = True  # the columns stand where we thought: put them back
        self.index = index
        return columns

    def read_rows(
        self, index: KeyIndex, spans: Sequence[Span], *, whole: bool = False
    ) -> dict[int, list[object]] | None:
        """Read rows, with the header row; one read. None if the columns have moved.

        whole: every cell from the sheet's first column on, also in columns that are new to us;
        otherwise from our leftmost column to our rightmost.
        """
        facts, layout = self.tab.facts, self.tab.layout
        ranges = [a1(facts.title, 1, 0, 1, facts.columns - 1)]
        for first, last in spans:
            here = a1(facts.title, first, layout.first, last, layout.last)
            ranges.append(whole_rows(facts.title, first, last) if whole else here)
        file = self.tab.spreadsheet
        header, *blocks = file.client.read_ranges(file.id, ranges)
        if layout.pick(header[0] if header else []) != layout.pick(index.header):
            self.tab.reload(self.guard)
            return None
        rows: dict[int, list[object]] = {}
        for span, block in zip(spans, blocks, strict=True):
            for number in range(span.first, span.last + 1):
                place = number - span.first
                rows[number] = block[place] if place < len(block) else []
        return rows

    def peek(self, keys: Iterable[str]) -> dict[str, dict[str, object]]:
        """Return the cells of these records by column key; reads as few as the rows allow."""
        wanted = list(keys)
        return self.rounds(lambda: self._peek(wanted))

    def _peek(self, keys: Iterable[str]) -> dict[str, dict[str, object]] | None:
        index = self.current()
        if index is None:
            return None
        by_row = {index.rows[key]: key for key in keys if key in index.rows}
        names = [column.key for column in self.tab.entity.columns]
        found: dict[str, dict[str, object]] = {}
        for spans in reads(by_row, self.tab.title):
            rows = self.read_rows(index, spans)
            if rows is None:
                return None
            layout = self.tab.layout
            for row in rows.keys() & by_row.keys():
                cells = layout.pick(rows[row], layout.first)
                if key_text(cells[0]) != by_row[row]:
                    return None
                found[by_row[row]] = dict(zip(names, cells, strict=True))
        return found

    def place_of(self, column_key: str) -> int | None:
        """Return the sheet's column of one of the entity's columns, None if it has no such."""
        keys = [column.key for column in self.tab.entity.columns]
        return self.tab.layout.places[keys.index(column_key)] if column_key in keys else None

    def table(self, column_keys: Sequence[str]) -> list[list[object]]:
        """Return every record as its key and its cells in these columns; one read."""
        return self.rounds(lambda: self._table(column_keys))

    def _table(self, column_keys: Sequence[str]) -> list[list[object]] | None:
        found = [self.place_of(key) for key in column_keys]
        columns = self.read_columns([place for place in found if place is not None])
        if columns is None or self.index is None:
            return None
        return [
            [key, *(column[row - 1] if row <= len(column) else "" for column in columns)]
            for key, row in self.index.rows.items()
        ]

    def keys_below(self, column_key: str, limit: float) -> set[str]:
        """Return the keys of all records with a number under `limit` in that column; one read."""
        return self.rounds(lambda: self._keys_below(column_key, limit))

    def _keys_below(self, column_key: str, limit: float) -> set[str] | None:
        place = self.place_of(column_key)
        if place is None:
            return set()
        columns = self.read_columns((place,))
        if columns is None or self.index is None:
            return None
        [cells] = columns
        return {
            key
            for key, row in self.index.rows.items()
            if row <= len(cells) and _is_below(cells[row - 1], limit)
        }


def _is_below(cell: object, limit: float) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool) and cell < limit
