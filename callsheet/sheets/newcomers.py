"""Newcomers: new rows above the first record, or with the user's formulas beside them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from callsheet.sheets.arrivals import Fill, copy_formulas, insert_rows, portions, put_typed
from callsheet.sheets.cells import Cell
from callsheet.sheets.formulas import UserFormulas, moved, within
from callsheet.sheets.index import KeyIndex
from callsheet.sheets.live import LiveRows
from callsheet.sheets.once import Once
from callsheet.sheets.plan import Layout, Span
from callsheet.sheets.staging import Detour

NewRow = tuple[str, list[Cell]]
"""A key and its cells, in the entity's order."""

_MOST_TYPED = 3  # writes of typed cells that the staging tab's two do not yet beat


class Newcomers:
    """Brings new rows where a plain write of values does not do, each portion at one stroke.

    newest_first: rows are inserted above the first record, the last that came on top, by way of a
    staging tab where they are many; otherwise they go below. A formula of the user's beside the
    first record is copied into the empty cells beside them, in the same batchUpdate, so that no
    kill leaves a row without it.
    """

    def __init__(self, live: LiveRows, once: Once, *, newest_first: bool) -> None:
        self._live = live
        self._once = once
        self._formulas = UserFormulas(live.tab)
        self._detour = Detour(live)
        self.newest_first = newest_first

    @property
    def left(self) -> Collection[int]:
        """Staging tabs that were made here and have to be deleted."""
        return self._detour.left

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
        parts = list(portions([cells for _, cells in rows], len(layout.segments())))
        detour = len(parts) > _MOST_TYPED and self._may_go_around(len(rows), layout)
        if detour:
            parts = [slice(0, len(rows))]
        batch = _Batch(index, fills, seen_at, layout, detour)
        if not self.newest_first:
            self._live.tab.make_room(end + len(rows), self._live.guard)
        for part in parts:
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

    def _may_go_around(self, rows: int, layout: Layout) -> bool:
        """Say whether rows on top may come by the staging tab.

        Not under a filter: what is pasted there may pass over the rows that it hides.
        """
        if not self.newest_first or self._live.tab.facts.filtered:
            return False
        return self._detour.has_room(rows, len(layout.places))

    def _below(self, batch: _Batch, portion: Sequence[NewRow], at: int) -> None:
        """Write rows into empty ones. At fixed rows: made twice, it gives the same."""
        live, file = self._live, self._live.tab.spreadsheet
        fills = within(batch.fills, below(at - 1, len(portion)))
        first, _ = batch.index.uppermost()
        requests = [
            *put_typed(live.tab.id, at, [c for _, c in portion], batch.layout.segments()),
            *copy_formulas(live.tab.id, first, fills),
        ]
        until = live.send_until(batch.seen_at)
        file.client.change(file.id, requests, lambda: False, live.guard, until)

    def _above(self, batch: _Batch, portion: Sequence[NewRow], at: int) -> bool:
        """Insert rows above the first record; False if the tab must be read anew."""
        tab, count = self._live.tab, len(portion)
        width = tab.facts.columns
        tab.spreadsheet.check_room(count * width, f"{count:,} more rows of {width} columns")
        fills = moved(batch.fills, below(at - 1, count))
        cells = [cells for _, cells in portion]
        if batch.detour:
            self._detour.hold(cells)
            brought = self._detour.copy(batch.layout, at)
        else:
            brought = put_typed(tab.id, at, cells, batch.layout.segments())
        requests = [
            insert_rows(tab.id, at, count),
            *brought,
            *copy_formulas(tab.id, at + count, fills),
        ]
        if not self._once.send(requests, batch.seen_at, more_rows=count):
            return False
        batch.index.push_down(count)
        return True


@dataclass(frozen=True, slots=True)
class _Batch:
    """What all portions of one call share. detour: they come by the staging tab."""

    index: KeyIndex
    fills: Sequence[Fill]
    seen_at: datetime
    layout: Layout
    detour: bool


def below(end: int, count: int) -> Span:
    """Return so many rows below a row."""
    return Span(end + 1, end + count)
