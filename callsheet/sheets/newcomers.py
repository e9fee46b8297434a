"""Newcomers: new rows above the first record, or with the user's formulas beside them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from callsheet.sheets.arrivals import Fill, bring, portions
from callsheet.sheets.cells import Cell
from callsheet.sheets.formulas import UserFormulas, moved, within
from callsheet.sheets.index import KeyIndex
from callsheet.sheets.live import LiveRows
from callsheet.sheets.once import Once
from callsheet.sheets.plan import Layout, Span

NewRow = tuple[str, list[Cell]]
"""A key and its cells, in the entity's order."""


class Newcomers:
    """Brings new rows where a plain write of values does not do, each portion at one stroke.

    newest_first: rows are inserted above the first record, the last that came on top; otherwise
    they go below. A formula of the user's beside the first record is copied into the empty cells
    beside them, in the same batchUpdate, so that no kill leaves a row without it.
    """

    def __init__(self, live: LiveRows, once: Once, *, newest_first: bool) -> None:
        self._live = live
        self._once = once
        self._formulas = UserFormulas(live.tab)
        self.newest_first = newest_first

    def needed(self, index: KeyIndex, end: int, count: int) -> list[Fill] | None:
        """Return where formulas are to go; None if rows have moved.

        end: the lowest used row. count: of new rows. At the most one read.
        """
        if not index.rows:
            return []
        first, key = index.uppermost()
        return self._formulas.look(first, key, None if self.newest_first else below(end, count))

    def are_apart(self, index: KeyIndex, fills: Sequence[Fill]) -> bool:
        """Say whether new rows need bring(): else they may be written with all others."""
        return bool(fills) or (self.newest_first and bool(index.rows))

    def bring(
        self,
        index: KeyIndex,
        rows: Sequence[NewRow],
        fills: Sequence[Fill],
        *,
        end: int,
        seen_at: datetime,
        layout: Layout,
        came: Callable[[str], None],
    ) -> bool:
        """Write new rows, one write a portion; False if the tab must be read anew.

        layout: of the rows given. came: hears of each key once its row is in the tab; the index
        is carried on.
        """
        batch = _Batch(index, fills, seen_at, layout)
        if not self.newest_first:
            self._live.tab.make_room(end + len(rows), self._live.guard)
        for part in portions([cells for _, cells in rows], len(layout.segments())):
            portion = rows[part]
            at = end + 1 + part.start
            if self.newest_first:
                portion = portion[::-1]
                at = index.uppermost()[0]
                if not self._above(batch, portion, at):
                    return False
            else:
                self._below(batch, portion, at)
            for offset, (key, _) in enumerate(portion):
                index.renew(key, at + offset)
                came(key)
        return True

    def _below(self, batch: _Batch, portion: Sequence[NewRow], at: int) -> None:
        """Write rows into empty ones. At fixed rows: made twice, it gives the same."""
        live, file = self._live, self._live.tab.spreadsheet
        requests = bring(
            live.tab.id,
            at,
            [cells for _, cells in portion],
            batch.layout.segments(),
            insert=False,
            formulas_from=batch.index.uppermost()[0],
            fills=within(batch.fills, below(at - 1, len(portion))),
        )
        until = live.send_until(batch.seen_at)
        file.client.change(file.id, requests, lambda: False, live.guard, until)

    def _above(self, batch: _Batch, portion: Sequence[NewRow], at: int) -> bool:
        """Insert rows above the first record; False if the tab must be read anew."""
        tab, count = self._live.tab, len(portion)
        width = tab.facts.columns
        tab.spreadsheet.check_room(count * width, f"{count:,} more rows of {width} columns")
        requests = bring(
            tab.id,
            at,
            [cells for _, cells in portion],
            batch.layout.segments(),
            insert=True,
            formulas_from=at + count,
            fills=moved(batch.fills, below(at - 1, count)),
        )
        if not self._once.send(requests, batch.seen_at, more_rows=count):
            return False
        batch.index.push_down(count)
        return True


@dataclass(frozen=True, slots=True)
class _Batch:
    """What all portions of one call share."""

    index: KeyIndex
    fills: Sequence[Fill]
    seen_at: datetime
    layout: Layout


def below(end: int, count: int) -> Span:
    """Return so many rows below a row."""
    return Span(end + 1, end + count)
