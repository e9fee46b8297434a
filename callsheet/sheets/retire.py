"""Retirement: rows of records that are gone are marked or removed, each seen just before."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from callsheet.sheets.cells import Cell, key_text, same
from callsheet.sheets.index import KeyIndex
from callsheet.sheets.live import LiveRows
from callsheet.sheets.once import Once
from callsheet.sheets.plan import Layout, Span, bodies, reads, rows_to_spans
from callsheet.sheets.removal import remove_rows

REMOVED_AT = "removed_at"  # key of the column that takes the mark, in entities that have it
_STRETCHES = 1_000  # of rows that one batchUpdate deletes; each makes Google shift those below
_JOIN_GAP = 60  # rows between two to be removed that are cheaper to read than another request


@dataclass(frozen=True, slots=True)
class _Plan:
    """What one batchUpdate removes: rows by number. kept: of `clear`, those with user's cells."""

    delete: list[int]
    clear: list[int]
    kept: int
    seen_at: datetime


class Retirement:
    """Marks and removes rows of one tab. kept: rows emptied that stay, for they hold notes."""

    def __init__(self, live: LiveRows, once: Once) -> None:
        self._live = live
        self._once = once
        self._most = 0
        self.kept = 0

    def mark(self, keys: Collection[str], cell: Cell) -> int:
        """Write the cell into the empty marks of these records, or "" into those not empty.

        Returns how many. One read and one write for each two megabytes of marks.
        """
        self._most = 0
        while self._live.rounds(lambda: self._mark_some(keys, cell)):
            pass
        return self._most

    def remove(self, keys: Collection[str]) -> int:
        """Remove the rows of these records and return how many; from the bottom up.

        One read and one write for each portion: 6,000 rows read, in about 100 ranges.
        """
        self._most = 0
        while self._live.rounds(lambda: self._remove_some(keys)):
            pass
        return self._most

    def _mark_some(self, keys: Collection[str], cell: Cell) -> int | None:
        """Write one portion of marks and return how many are left; None if something moved."""
        live = self._live
        place = live.place_of(REMOVED_AT)
        if place is None or not keys:
            return 0
        began = live.now()
        columns = live.read_columns((place,))
        if columns is None or live.index is None:
            return None
        rows = [live.index.rows[key] for key in keys if key in live.index.rows]
        empty = {row for row in rows if _is_empty(columns[0], row)}
        targets = empty if cell != "" else set(rows) - empty
        self._most = max(self._most, len(targets))
        tab, file = live.tab, live.tab.spreadsheet
        wanted: dict[int, list[Cell]] = {row: [cell] for row in targets}
        body = next(bodies(tab.title, Layout((place,)), wanted), [])
        if body:
            file.client.write_ranges(file.id, body, live.guard, live.send_until(began))
        return len(targets) - sum(len(item["values"]) for item in body)

    def _remove_some(self, keys: Collection[str]) -> int | None:
        """Remove the lowest portion and return how many are left; None if something moved."""
        live = self._live
        index = live.current()
        if index is None:
            return None
        by_row = {index.rows[key]: key for key in keys if key in index.rows}
        self._most = max(self._most, len(by_row))
        if not by_row:
            return 0
        *_, spans = reads(by_row, live.tab.title, _JOIN_GAP)
        seen = (row for span in spans for row in _numbers(span) if row in by_row)
        lowest = rows_to_spans(seen)[-_STRETCHES:]
        portion = {row: by_row[row] for span in lowest for row in _numbers(span)}
        plan = self._plan(index, portion, spans)
        if plan is None or not self._send(plan):
            return None
        self.kept += plan.kept
        index.drop(portion.values(), plan.delete)
        if index.doubles:  # a lower row of the same key now counts
            live.index = None
        return len(by_row) - len(portion)

    def _plan(
        self, index: KeyIndex, portion: dict[int, str], spans: Sequence[Span]
    ) -> _Plan | None:
        """Look whether the rows are where they were, and what else they hold."""
        live = self._live
        if live.tab.left_over:  # the header row does not show whether these have moved
            live.tab.reload(live.guard)
        began = live.now()
        rows = live.read_rows(index, spans, whole=True)
        if rows is None:
            return None
        facts, key = live.tab.facts, live.tab.layout.key
        ours = frozenset(facts.managed.values())
        delete: list[int] = []
        clear: list[int] = []
        for row, wanted in sorted(portion.items()):
            cells = rows[row]
            if (key_text(cells[key]) if key < len(cells) else "") != wanted:
                return None
            (clear if _is_the_users(cells, ours) else delete).append(row)
        kept = len(clear)
        moving = facts.rows - max(facts.frozen, 1)
        if delete and sum(row > facts.frozen for row in delete) >= moving:
            clear.append(delete.pop())  # Google keeps at least one row that is not frozen
        return _Plan(delete, clear, kept, began)

    def _send(self, plan: _Plan) -> bool:
        """Make one batchUpdate exactly once; False if Google refused it and all must be re-read.

        Carried out twice, it would delete the rows that have moved up.
        """
        tab = self._live.tab
        requests = remove_rows(
            tab.id,
            clear=rows_to_spans(plan.clear),
            columns=rows_to_spans(tab.facts.managed.values()),
            delete=rows_to_spans(plan.delete),
        )
        return self._once.send(requests, plan.seen_at, more_rows=-len(plan.delete))


def _numbers(span: Span) -> range:
    return range(span.first, span.last + 1)


def _is_empty(column: Sequence[object], row: int) -> bool:
    return row > len(column) or same("", column[row - 1])


def _is_the_users(cells: Sequence[object], ours: frozenset[int]) -> bool:
    """Say whether a row holds something of a person's; a box not ticked is nothing."""
    return any(
        cell not in {"", None} and cell is not False
        for place, cell in enumerate(cells)
        if place not in ours
    )
