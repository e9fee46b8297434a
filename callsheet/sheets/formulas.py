"""The formulas that a person has written beside the first record, and where they may go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from callsheet.sheets.arrivals import Fill
from callsheet.sheets.cells import key_text
from callsheet.sheets.managed import ManagedTab
from callsheet.sheets.plan import Span, rows_to_spans, whole_rows

_FIELDS = "sheets(properties(sheetId),data(startRow,startColumn,rowData(values(userEnteredValue))))"

Entered = Mapping[tuple[int, int], Mapping[str, Any]]
"""What was entered into cells (ExtendedValue of the Sheets API) by row from 1, column from 0."""


class UserFormulas:
    """Looks for formulas of the user's in one tab; asks nothing of a tab without such columns."""

    def __init__(self, tab: ManagedTab) -> None:
        self._tab = tab
        self._none_here = False

    def look(self, first: int, key: str, new: Span | None) -> list[Fill] | None:
        """Return where formulas of row `first` are to go; None if that is not `key`'s row now.

        new: the rows that will hold new records; only their empty cells are named, for what a
        person has put there stays. None: rows that are yet to be made, named as row 0. One read,
        none if the tab has no columns of the user's or had no formulas at the last look.
        """
        facts = self._tab.facts
        if self._none_here or facts.columns <= len(facts.managed):
            return []
        ranges = [whole_rows(facts.title, first, first)]
        if new and new.first <= facts.rows:
            ranges.append(whole_rows(facts.title, new.first, min(new.last, facts.rows)))
        file = self._tab.spreadsheet
        entered = _entered(file.client.read_file(file.id, _FIELDS, ranges), self._tab.id)
        if not _may_be(entered.get((first, self._tab.layout.key), {}), key):
            return None
        ours = frozenset(facts.managed.values())
        columns = [
            column
            for (row, column), value in sorted(entered.items())
            if row == first and column not in ours and "formulaValue" in value
        ]
        self._none_here = not columns
        return [fill for column in columns for fill in _fills(column, new, entered)]


def moved(fills: Sequence[Fill], rows: Span) -> list[Fill]:
    """Return the fills of a look at rows yet to be made, now that they have numbers."""
    return [fill._replace(rows=rows) for fill in fills]


def within(fills: Sequence[Fill], rows: Span) -> list[Fill]:
    """Return the part of the fills that falls into these rows."""
    parts = [
        fill._replace(rows=Span(max(fill.rows.first, rows.first), min(fill.rows.last, rows.last)))
        for fill in fills
    ]
    return [part for part in parts if part.rows.first <= part.rows.last]


def _fills(column: int, new: Span | None, entered: Entered) -> list[Fill]:
    if new is None:
        return [Fill(column, Span(0, 0))]
    free = (row for row in range(new.first, new.last + 1) if (row, column) not in entered)
    return [Fill(column, span) for span in rows_to_spans(free)]


def _entered(answer: Mapping[str, Any], tab_id: int) -> Entered:
    return {
        (block.get("startRow", 0) + down + 1, block.get("startColumn", 0) + right): value
        for sheet in answer.get("sheets", [])
        if sheet["properties"].get("sheetId", 0) == tab_id
        for block in sheet.get("data", [])
        for down, line in enumerate(block.get("rowData", []))
        for right, cell in enumerate(line.get("values", []))
        if (value := cell.get("userEnteredValue"))
    }


def _may_be(value: Mapping[str, Any], key: str) -> bool:
    """Say whether a cell can be this key's; what a formula gives is not looked at."""
    if "formulaValue" in value:
        return True
    return key_text(value.get("stringValue", value.get("numberValue"))) == key
