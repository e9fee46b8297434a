"""The update and append modes: look, compare, write only what differs; look again if it moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from callsheet.options import WhenGone
from callsheet.shaping import READ_AT
from callsheet.sheets.cells import Cell, key_text, same_row, serial
from callsheet.sheets.client import Guard
from callsheet.sheets.index import KeyIndex, headers_of
from callsheet.sheets.managed import ManagedTab
from callsheet.sheets.newcomers import Newcomers
from callsheet.sheets.once import Once
from callsheet.sheets.plan import Layout, Span, a1, bodies, last_used, reads
from callsheet.sheets.retire import Retirement
from callsheet.sheets.undo import forget_undo
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
    """Writes into the tab itself.

    newest_first: new rows go above the first record instead of below the last. append_only: rows
    that the tab has are never written again; of snapshots (a column READ_AT) a record that differs
    from its latest one gets another.
    """

    def __init__(
        self,
        tab: ManagedTab,
        guard: Guard,
        expected_rows: int,
        *,
        append_only: bool = False,
        newest_first: bool = False,
    ) -> None:
        super().__init__(tab, guard, expected_rows)
        self._append_only = append_only
        self._read_at = _field_of(tab, READ_AT) if append_only else None
        self._live.latest_by = READ_AT if self._read_at is not None else ""
        self._once = Once(self._live)
        self._retirement = Retirement(self._live, self._once)
        self._newcomers = Newcomers(self._live, self._once, newest_first=newest_first)

    def _now(self) -> datetime:
        return self._live.now()

    def _store(self, pending: Rows) -> None:
        if self._read_at is not None:
            now = serial(self._now(), self._zone)
            for cells in pending.values():
                cells[self._read_at] = cells[self._read_at] or now
        self._live.rounds(lambda: self._try(pending))

    def _try(self, pending: Rows) -> bool | None:
        index = self._live.current()
        look = self._look(index, pending) if index else None
        if index is None or look is None:
            return None
        return self._write(index, look, pending) or None

    def _retire(self, gone: set[str], when_gone: WhenGone, moment: datetime) -> int:
        if when_gone is WhenGone.REMOVE and self._read_at is not None:
            return 0  # a record's snapshots stay, whatever becomes of it
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
        forget_undo(self._tab, self._guard, self._newcomers.left)
        if self._live.index:
            self._say_left_over(self._live.index.header)
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
        if self._tab.left_over:  # the header row does not show whether these have moved
            self._tab.reload(self._guard)
        compares = not self._append_only or self._read_at is not None
        known = {k: index.rows[k] for k in pending if k in index.rows} if compares else {}
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
            if self._read_at is not None:
                found[self._read_at] = pending[key][self._read_at]
            if not same_row(pending[key], found):
                differing.add(key)
        return True

    def _write(self, index: KeyIndex, look: _Look, pending: Rows) -> bool:
        """Send what differs and what is new, and count it; False if rows have moved meanwhile."""
        again = look.differing if self._append_only else set()
        new = [key for key in pending if key not in index.rows or key in again]
        fills = self._newcomers.needed(index, look.end, len(new)) if new else []
        if fills is None:
            return False
        apart = bool(new) and self._newcomers.are_apart(index, fills)
        rows = {index.rows[key]: key for key in look.differing - again}
        places: dict[str, int] = {}
        if not apart:
            ordered = reversed(new) if self._newcomers.newest_first else new
            places = {key: look.end + 1 + offset for offset, key in enumerate(ordered)}
            rows |= {row: key for key, row in places.items()}
        self._send({row: pending[key] for row, key in rows.items()}, index, look.at)
        for key, row in places.items():
            index.renew(key, row)
        fates = dict.fromkeys(places, Fate.ADDED) | dict.fromkeys(
            look.differing - again, Fate.UPDATED
        )
        for key in pending.keys() - (set(new) if apart else set()):
            self._count(key, fates.get(key, Fate.UNCHANGED))
        return not apart or self._newcomers.bring(
            index,
            [(key, self._widened(pending[key])) for key in new],
            fills,
            end=look.end,
            seen_at=look.at,
            layout=self._wide(),
            came=lambda key: self._count(key, Fate.ADDED),
        )

    def _send(self, rows: dict[int, list[Cell]], index: KeyIndex, seen_at: datetime) -> None:
        """Write rows at their places, and our headers if a person has changed them."""
        file, title = self._tab.spreadsheet, self._tab.title
        until = self._live.send_until(seen_at)
        if self._live.edited_headers:
            headers = headers_of(self._tab)
            for body in bodies(title, self._tab.layout, {1: list(headers)}):
                file.client.write_ranges(file.id, body, self._guard, until)
            index.set_header(self._tab.layout, headers)
            self._live.edited_headers = False
        if rows:
            self._tab.make_room(max(rows), self._guard, self._expected)
        wanted = {row: self._widened(cells) for row, cells in rows.items()}
        for body in bodies(title, self._wide(), wanted):
            file.client.write_ranges(file.id, body, self._guard, until)

    def _wide(self) -> Layout:
        """Where cells of a row that is written go, with the columns that are left over."""
        return Layout((*self._tab.layout.places, *self._tab.left_over))

    def _widened(self, cells: list[Cell]) -> list[Cell]:
        """Return a row that empties the columns that are left over: no old value beside new."""
        return [*cells, *[""] * len(self._tab.left_over)]


def _field_of(tab: ManagedTab, key: str) -> int | None:
    keys = [column.key for column in tab.entity.columns]
    return keys.index(key) if key in keys else None


def _key_of(row: list[object], column: int) -> str:
    return key_text(row[column]) if column < len(row) else ""
