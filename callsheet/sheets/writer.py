"""TabWriter: takes rows, encodes, buffers and counts them; its children write them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from enum import IntEnum

from callsheet.entity import Value
from callsheet.options import WhenGone
from callsheet.sheets.cells import MAX_CHARACTERS, Cell, encode, is_plain, key_text, serial, size
from callsheet.sheets.client import Guard
from callsheet.sheets.live import LiveRows
from callsheet.sheets.managed import ManagedTab
from callsheet.sheets.plan import BODY_FRAME, MAX_BODY, SPLIT

FLUSH_AT = MAX_BODY - BODY_FRAME - 4_000  # bytes of buffered rows; the rest is for their ranges

Rows = dict[str, list[Cell]]
"""Cells in the entity's order, by primary key as text; in the order of arrival."""


class Fate(IntEnum):
    """What became of a row in this run; of several, the largest counts."""

    UNCHANGED = 0
    UPDATED = 1
    ADDED = 2


class TabWriter(ABC):
    """Takes rows until finish(). After an error it is of no further use: open the tab again.

    added, updated, unchanged: rows so far, each key once. warnings: sentences for the person.
    """

    def __init__(self, tab: ManagedTab, guard: Guard, expected_rows: int) -> None:
        self._tab = tab
        self._guard = guard
        self._expected = expected_rows
        self._live = LiveRows(tab, guard)
        self._kinds = [column.kind for column in tab.entity.columns]
        self._zone = tab.spreadsheet.zone
        self._split = SPLIT * (len(tab.layout.segments()) - 1)
        self._pending: Rows = {}
        self._sizes: dict[str, int] = {}
        self._bytes = 0
        self._fates: dict[str, Fate] = {}
        self._totals: Counter[Fate] = Counter()
        self._cut = self._nameless = self._retired = 0
        self._warnings: list[str] = []

    def add(self, row: list[Value]) -> None:
        """Take one row, in the order of the entity's columns; may write what was taken before.

        Of rows with the same key the last one wins. Raises what flush() raises.
        """
        cells = self._encode(row)
        key = key_text(cells[0])
        if not key:
            self._nameless += 1
            return
        weight = size(cells) + self._split
        if self._pending and self._bytes + weight > FLUSH_AT:
            self.flush()
        self._bytes += weight - self._sizes.get(key, 0)
        self._sizes[key] = weight
        self._pending[key] = cells

    def flush(self) -> None:
        """Write all rows taken so far; after it they are in the tab (replace: in the staging tab).

        Raises the DestinationError of SheetsClient, SpreadsheetFull, TabMissing, and whatever the
        guard raises.
        """
        if self._pending:
            self._store(self._pending)
            self._pending, self._sizes, self._bytes = {}, {}, 0

    def finish(self) -> None:
        """Flush; in replace mode, put the new rows in place of the old. Raises as flush()."""
        self.flush()
        self._end()

    def keys(self) -> Collection[str]:
        """Return the keys of all records in the tab; one read if they are not known yet.

        Rows taken but not flushed are not among them; in replace mode it is the old table.
        """
        return self._live.keys()

    def peek(self, keys: Iterable[str]) -> dict[str, dict[str, object]]:
        """Return what the tab holds for these keys: cells by column key, as Sheets stores them.

        Date-times are serials in the spreadsheet's zone, empty cells "". Keys that the tab does
        not have are left out, and so is what is not flushed. Neighbouring rows share a read.
        """
        return self._live.peek(keys)

    def table(self, column_keys: Sequence[str]) -> list[list[object]]:
        """Return every record in the tab as its key and its cells in these columns; one read.

        Cells are as Sheets stores them; what is not flushed is not among them. The entity must
        have the columns.
        """
        return self._live.table(column_keys)

    def keys_before(self, column_key: str, moment: datetime) -> set[str]:
        """Return the keys of all rows whose date-time in that column is before the moment.

        Rows without one are not among them; none are if the entity has no such column. One read.
        """
        return self._live.keys_below(column_key, serial(moment, self._zone))

    def retire(self, gone: Iterable[str], when_gone: WhenGone, moment: datetime) -> int:
        """Do what the person chose with the rows of records that are gone; flushes before.

        KEEP: nothing. MARK: `moment` is written into the column `removed_at`, where that is
        empty; without such a column, nothing. REMOVE: the rows are deleted; of a row in which a
        person has written something beside our cells, only our cells are emptied. Keys that the
        tab does not have are passed over, so it may be repeated. In replace mode it does nothing:
        what is not brought again goes anyway. Returns how many rows it marked or removed.
        Raises as flush().
        """
        self.flush()
        count = self._retire(set(gone), when_gone, moment)
        self._retired += count
        return count

    @property
    def retired(self) -> int:
        """Rows marked or removed because their records are gone."""
        return self._retired

    @property
    def added(self) -> int:
        """Rows that the tab did not have."""
        return self._totals[Fate.ADDED]

    @property
    def updated(self) -> int:
        """Rows that the tab had with other cells (replace: had at all)."""
        return self._totals[Fate.UPDATED]

    @property
    def unchanged(self) -> int:
        """Rows that the tab had just so; they were not written."""
        return self._totals[Fate.UNCHANGED]

    @property
    def warnings(self) -> list[str]:
        """What a person should know."""
        counted = []
        if self._cut:
            counted.append(
                f"{self._cut} texts were longer than the {MAX_CHARACTERS:,} characters that a cell "
                "holds; their ends were cut and marked."
            )
        if self._nameless:
            counted.append(f"{self._nameless} records without an id were left out.")
        return [*self._tab.warnings, *self._warnings, *counted]

    @abstractmethod
    def _store(self, pending: Rows) -> None:
        """Write these rows."""

    @abstractmethod
    def _end(self) -> None:
        """Do what is to be done after the last row."""

    @abstractmethod
    def _retire(self, gone: set[str], when_gone: WhenGone, moment: datetime) -> int:
        """Mark or remove these records' rows and return how many."""

    def _encode(self, row: list[Value]) -> list[Cell]:
        cells: list[Cell] = []
        for value, kind in zip(row, self._kinds, strict=True):
            if value is None:  # most cells are one of these two, and this is the innermost loop
                cells.append("")
            elif type(value) is str and is_plain(value):
                cells.append(value)
            else:
                cell, cut = encode(value, kind, self._zone)
                cells.append(cell)
                self._cut += cut
        return cells

    def _say_left_over(self, header: Sequence[object]) -> None:
        """Warn of columns of ours that get nothing any more. header: row 1 as last read."""
        places = self._tab.left_over
        names = [str(header[place]) for place in places if place < len(header) and header[place]]
        if names:
            self._warnings.append(
                f"No longer filled: {', '.join(names)}. These columns keep their place; rows "
                "written from now on are empty there. Delete the columns if you do not need them."
            )

    def _count(self, key: str, fate: Fate) -> None:
        before = self._fates.get(key)
        if before is None or fate > before:
            self._fates[key] = fate
            self._totals[fate] += 1
            if before is not None:
                self._totals[before] -= 1
