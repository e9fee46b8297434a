"""OpenFile: one spreadsheet as last read, carried on by our own changes, and the room left."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from zoneinfo import ZoneInfo

from callsheet.errors import SpreadsheetFull
from callsheet.sheets.client import SheetsClient
from callsheet.sheets.facts import FIELDS, FileFacts, TabFacts, read_facts

MAX_CELLS = 10_000_000  # of all grids of one spreadsheet, empty cells included (Drive help pages)


class OpenFile:
    """One file. Its facts are those of the last reading, carried on by our own changes.

    read_at: when that reading was.
    """

    def __init__(self, client: SheetsClient, facts: FileFacts) -> None:
        self.client = client
        self.facts = facts
        self.read_at = client.clock.now()

    @property
    def id(self) -> str:
        """The long part of its address."""
        return self.facts.id

    @property
    def title(self) -> str:
        """The file's name."""
        return self.facts.title

    @property
    def zone(self) -> ZoneInfo:
        """The file's own time zone, in which its serials count."""
        return self.facts.zone

    @property
    def locale(self) -> str:
        """The file's locale, like en_US."""
        return self.facts.locale

    def reload(self) -> FileFacts:
        """Read the facts anew; one read."""
        began = self.client.clock.now()
        self.facts = read_facts(self.client.read_file(self.id, FIELDS))
        self.read_at = began
        return self.facts

    def remember(self, tab: TabFacts) -> None:
        """Carry on the facts by a tab that we have made or changed."""
        others = tuple(other for other in self.facts.tabs if other.id != tab.id)
        self.facts = replace(self.facts, tabs=(*others, tab))

    def forget(self, tab_ids: Collection[int]) -> None:
        """Carry on the facts by tabs that we have deleted."""
        left = tuple(tab for tab in self.facts.tabs if tab.id not in tab_ids)
        self.facts = replace(self.facts, tabs=left)

    def check_room(self, cells: int, needs: str, row_width: int = 0) -> None:
        """Raise SpreadsheetFull if so many more cells do not fit; sends nothing.

        needs: what for, as the rest of "This import needs ...". row_width: cells of one of its
        rows, to tell how many would fit.
        """
        spare = max(0, self.spare_cells)
        if cells <= spare:
            return
        rows = spare // row_width if row_width else None
        fitting = "" if rows is None else f", enough for {rows:,} rows"
        full = SpreadsheetFull(
            f"{cells} more cells, {spare} left",
            message=(
                f"This import needs {needs}, but Google allows 10 million cells in one file and "
                f"{spare:,} are left{fitting}. Choose a later start date or fewer columns, delete "
                "tabs or empty rows that you do not need, or take another spreadsheet."
            ),
        )
        full.rows_that_fit = rows
        raise full

    @property
    def spare_cells(self) -> int:
        """Cells that may still be added to the file."""
        return MAX_CELLS - self.facts.cells
