"""TabWriter: takes rows, encodes, buffers and counts them; its children write them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from enum import IntEnum
from typing import TYPE_CHECKING

from callsheet.entity import Value
from callsheet.sheets.cells import MAX_CHARACTERS, Cell, encode, key_text, size
from callsheet.sheets.client import Guard
from callsheet.sheets.plan import BODY_FRAME, MAX_BODY, SPLIT

if TYPE_CHECKING:
    from callsheet.sheets.tab import Tab

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

    def __init__(self, tab: Tab, guard: Guard, expected_rows: int) -> None:
        self._tab = tab
        self._guard = guard
        self._expected = expected_rows
        self._kinds = [column.kind for column in tab.entity.columns]
        self._zone = tab.spreadsheet.zone
        self._split = SPLIT * (len(tab.layout.segments()) - 1)
        self._pending: Rows = {}
        self._sizes: dict[str, int] = {}
        self._bytes = 0
        self._fates: dict[str, Fate] = {}
        self._totals: Counter[Fate] = Counter()
        self._cut = self._nameless = 0
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

    def _encode(self, row: list[Value]) -> list[Cell]:
        cells: list[Cell] = []
        for value, kind in zip(row, self._kinds, strict=True):
            cell, cut = encode(value, kind, self._zone)
            cells.append(cell)
            self._cut += cut
        return cells

    def _count(self, key: str, fate: Fate) -> None:
        before = self._fates.get(key)
        if before is None or fate > before:
            self._fates[key] = fate
            self._totals[fate] += 1
            if before is not None:
                self._totals[before] -= 1
