"""The update and append modes: look, compare, write only what differs; look again if it moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from callsheet.options import WhenGone
from callsheet.sheets.cells import Cell, key_text, same_row, serial
from callsheet.sheets.client import Guard
from callsheet.sheets.index import KeyIndex, headers_of
from callsheet.sheets.managed import ManagedTab
from callsheet.sheets.once import Once
from callsheet.sheets.plan import Span, a1, bodies, last_used, reads
from callsheet.sheets.retire import Retirement
from callsheet.sheets.writer import Fate, Rows, TabWriter

_FRESH = 5.0  # seconds for which a tab that we have just made is taken to be untouched


@dataclass(slots=True)
class _Look:
    """What the tab said just before a write.

    end: the lowest row that holds anything, our records or the user's. at: when we looked.
    differing: keys of rows with other cells than wanted.
    """

    end: int
    at: datetime
    differing: set[str] = field(default_factory=set)


class UpsertWriter(TabWriter):
    """Writes into the tab itself. append_only: rows that the tab has are never written again."""

    def __init__(
        self, tab: ManagedTab, guard: Guard, expected_rows: int, *, append_only: bool = False
    ) -> None:
        super().__init__(tab, guard, expected_rows)
        self._append_only = append_only
        self._once = Once(self._live)
        self._retirement = Retirement(self._live, self._once)

    def _now(self) -> datetime:
        return self._live.now()

    def _store(self, pending: Rows) -> None:
        self._live.rounds(lambda: self._try(pending))

    def _try(self, pending: Rows) -> bool | None:
        index = self._live.current()
        look = self._look(index, pending) if index else None
        if index is None or look is None:
            return None
        self._write(index, look, pending)
        return True

    def _retire(self, gone: set[str], when_gone: WhenGone, moment: datetime) -> int:
        if when_gone is WhenGone.MARK:
            return self._retirement.mark(gone, serial(moment, self._zone))
        return self._retirement.remove(gone) if when_gone is WhenGone.REMOVE else 0

    def _end(self) -> None:
        if self._append_only:  # elsewhere a row that is back is written whole
            back = {key for key, fate in self._fates.items() if fate is Fate.UNCHANGED}
            self._retirement.mark(back, "")
        if self._retirement.kept:
            self._warnings.append(
                f"{self._retirement.kept} rows of removed records hold something that you wrote "
                "beside them. Their Callsheet cells were emptied, the rows were left."
            )
        doubles = self._live.index.doubles if self._live.index else 0
        if doubles:
            self._warnings.append(
                f"{doubles} rows repeat an id that stands higher up in the tab; only the upper "
                "one is kept right. Delete the copies."
            )

    def _look(self, index: KeyIndex, pending: Rows) -> _Look | None:
        """Read the old rows of known keys and what stands under the records.

        None if something moved since the keys were read; the keys must then be read again.
        """
        if self._is_untouched(index):
            return _Look(end=1, at=self._now())
        known = {} if self._append_only else {k: index.rows[k] for k in pending if k in index.rows}
        batches: list[list[Span]] = list(reads(known.values(), self._tab.title)) or [[]]
        by_row = {row: key for key, row in known.items()}
        look: _Look | None = None
        began = self._now()
        differing: set[str] = set()
        for batch in batches:
            frame = self._frame(index) if look is None else []
            answer = self._read(frame + self._row_ranges(batch))
            if look is None:
                end = self._end_of(index, answer[0], answer[1])
                if end is None:
                    return None
                look = _Look(end, began, differing)
            for span, rows in zip(batch, answer[len(frame) :], strict=True):
                if not self._compare(span, rows, by_row, pending, differing):
                    return None
        return look

    def _is_untouched(self, index: KeyIndex) -> bool:
        made = self._tab.created_at
        if made is None or index.rows:
            return False
        return (self._now() - made).total_seconds() < _FRESH

    def _frame(self, index: KeyIndex) -> list[str]:
        """Return the ranges that show moved columns, moved rows, and what stands below."""
        facts = self._tab.facts
        return [
            a1(facts.title, 1, 0, 1, facts.columns - 1),
            a1(facts.title, index.last, 0, None, facts.columns - 1),
        ]

    def _row_ranges(self, batch: Sequence[Span]) -> list[str]:
        layout, title = self._tab.layout, self._tab.title
        return [a1(title, span.first, layout.first, span.last, layout.last) for span in batch]

    def _read(self, ranges: list[str]) -> list[list[list[object]]]:
        return self._tab.spreadsheet.client.read_ranges(self._tab.spreadsheet.id, ranges)

    def _end_of(
        self, index: KeyIndex, header: list[list[object]], foot: list[list[object]]
    ) -> int | None:
        """Return the lowest used row; None if the header, the last record or the keys moved."""
        layout = self._tab.layout
        found = header[0] if header else []
        if layout.pick(found) != layout.pick(index.header):
            self._tab.reload(self._guard)
            return None
        if index.last > 1 and (not foot or _key_of(foot[0], layout.key) != index.last_key):
            return None
        below = foot[1:]
        if any(_key_of(row, layout.key) for row in below):
            return None
        managed = frozenset(layout.places)
        return last_used(below, index.last + 1, managed, self._tab.facts.rows)

    def _compare(
        self,
        span: Span,
        rows: list[list[object]],
        by_row: dict[int, str],
        pending: Rows,
        differing: set[str],
    ) -> bool:
        """Note which rows differ; False if a row is not where its key was."""
        layout = self._tab.layout
        for number in range(span.first, span.last + 1):
            key = by_row.get(number)
            if key is None:
                continue
            place = number - span.first
            found = layout.pick(rows[place] if place < len(rows) else [], layout.first)
            if key_text(found[0]) != key:
                return False
            if not same_row(pending[key], found):
                differing.add(key)
        return True

    def _write(self, index: KeyIndex, look: _Look, pending: Rows) -> None:
        """Send what differs and what is new, then note it in the index and the counts."""
        new = [key for key in pending if key not in index.rows]
        places = {key: look.end + 1 + offset for offset, key in enumerate(new)}
        places |= {key: index.rows[key] for key in look.differing}
        rows: dict[int, list[Cell]] = {row: pending[key] for key, row in places.items()}
        if self._live.edited_headers:
            rows[1] = list(headers_of(self._tab))
        if rows:
            self._tab.make_room(max(rows), self._guard, self._expected)
            self._send(rows, look.at)
        if self._live.edited_headers:
            index.set_header(self._tab.layout, headers_of(self._tab))
            self._live.edited_headers = False
        for key in new:
            index.put(key, places[key])
        for key in pending:
            added = Fate.ADDED if key in places else Fate.UNCHANGED
            self._count(key, Fate.UPDATED if key in look.differing else added)

    def _send(self, rows: dict[int, list[Cell]], seen_at: datetime) -> None:
        until = self._live.send_until(seen_at)
        file = self._tab.spreadsheet
        for body in bodies(self._tab.title, self._tab.layout, rows):
            file.client.write_ranges(file.id, body, self._guard, until)


def _key_of(row: list[object], column: int) -> str:
    return key_text(row[column]) if column < len(row) else ""
