"""KeyIndex: which row each primary key stands in, read with one request."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from callsheet.sheets.cells import key_text
from callsheet.sheets.plan import Layout, a1

if TYPE_CHECKING:
    from callsheet.sheets.tab import Tab


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


def read_index(tab: Tab) -> KeyIndex:
    """Read the header row and the key column; one read. Rows without a key are the user's."""
    facts, key = tab.facts, tab.layout.key
    ranges = [
        a1(facts.title, 1, 0, 1, facts.columns - 1),
        a1(facts.title, 1, key, None, key),
    ]
    header, keys = tab.spreadsheet.client.read_ranges(tab.spreadsheet.id, ranges, by_column=True)
    index = KeyIndex([column[0] if column else "" for column in header])
    for row, cell in enumerate(keys[0][1:] if keys else [], 2):
        if text := key_text(cell):
            index.put(text, row)
    return index


def headers_of(tab: Tab) -> list[str]:
    """Return the headers that our columns should have, in the entity's order."""
    return [column.header for column in tab.entity.columns]


def fresh_index(tab: Tab) -> KeyIndex:
    """Return the index of a tab that we have just made; sends nothing."""
    return KeyIndex(list(headers_of(tab)))
