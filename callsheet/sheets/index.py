"""KeyIndex: which row each primary key stands in, read with one request."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from callsheet.sheets.cells import key_text
from callsheet.sheets.managed import ManagedTab
from callsheet.sheets.plan import Layout, a1


@dataclass(slots=True)
class KeyIndex:
    """Rows by key. header: row 1, every column. doubles: rows whose key stands higher up already.

    last: the lowest row with a key, 1 if there is none; last_key: that key.
    """

    header: list[object]
    rows: dict[str, int] = field(default_factory=dict)
    last: int = 1
    last_key: str = ""
    doubles: int = 0

    def set_header(self, layout: Layout, headers: list[str]) -> None:
        """Take in that our headers now stand at their places."""
        row = self.header + [""] * (layout.last + 1 - len(self.header))
        for place, header in zip(layout.places, headers, strict=True):
            row[place] = header
        self.header = row

    def put(self, key: str, row: int) -> None:
        """Take in one row; of rows with the same key the uppermost counts."""
        if key in self.rows:
            self.doubles += 1
        else:
            self.rows[key] = row
        if row > self.last:
            self.last, self.last_key = row, key

    def renew(self, key: str, row: int) -> None:
        """Take in that a key now stands in that row, whatever it had before."""
        self.rows[key] = row
        if row > self.last:
            self.last, self.last_key = row, key

    def uppermost(self) -> tuple[int, str]:
        """Return the first row with a record and its key; there must be one."""
        key = min(self.rows, key=self.rows.__getitem__)
        return self.rows[key], key

    def push_down(self, count: int) -> None:
        """Take in that all records moved down by so many rows."""
        self.rows = {key: row + count for key, row in self.rows.items()}
        self.last += count

    def drop(self, keys: Iterable[str], deleted: Sequence[int]) -> None:
        """Forget records whose cells were emptied; deleted: rows that left the grid, ascending."""
        for key in keys:
            del self.rows[key]
        self.rows = {key: row - bisect(deleted, row) for key, row in self.rows.items()}
        self.last_key, self.last = max(self.rows.items(), key=lambda item: item[1], default=("", 1))


def read_index(tab: ManagedTab) -> KeyIndex:
    """Read the header row and the key column; one read. Rows without a key are the user's."""
    return read_columns(tab, ())[0]


def read_columns(
    tab: ManagedTab, places: Sequence[int], latest_by: int | None = None
) -> tuple[KeyIndex, list[list[object]]]:
    """Read the index and, in the same read, whole columns of the sheet, counted from 0.

    Cells come from row 1 on, without the empty end. latest_by: a column of date-times, where a
    key stands in many rows and the one with the latest counts.
    """
    facts = tab.facts
    wanted = (tab.layout.key, *places, *(() if latest_by is None else (latest_by,)))
    ranges = [a1(facts.title, 1, 0, 1, facts.columns - 1)]
    ranges += [a1(facts.title, 1, place, None, place) for place in wanted]
    answer = tab.spreadsheet.client.read_ranges(tab.spreadsheet.id, ranges, by_column=True)
    index = KeyIndex([column[0] if column else "" for column in answer[0]])
    keys, *columns = [block[0] if block else [] for block in answer[1:]]
    if latest_by is None:
        for row, cell in enumerate(keys[1:], 2):
            if text := key_text(cell):
                index.put(text, row)
    else:
        _put_latest(index, keys, columns.pop())
    return index, columns


def _put_latest(index: KeyIndex, keys: Sequence[object], times: Sequence[object]) -> None:
    """Take in a history: of rows with the same key the latest counts, of two such the lower."""
    latest: dict[str, float] = {}
    for row, cell in enumerate(keys[1:], 2):
        if not (text := key_text(cell)):
            continue
        found = times[row - 1] if row <= len(times) else None
        at = float(found) if isinstance(found, int | float) else 0.0
        if text not in latest or at >= latest[text]:
            latest[text] = at
            index.rows[text] = row
        index.last, index.last_key = row, text


def headers_of(tab: ManagedTab) -> list[str]:
    """Return the headers that our columns should have, in the entity's order."""
    return [column.header for column in tab.entity.columns]


def fresh_index(tab: ManagedTab) -> KeyIndex:
    """Return the index of a tab that we have just made; sends nothing."""
    return KeyIndex(list(headers_of(tab)))
