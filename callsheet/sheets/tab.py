"""Tab: one of our tabs, and the writers that fill it."""

from __future__ import annotations

from callsheet.data_flow import WriteMode
from callsheet.sheets.client import Guard, nothing
from callsheet.sheets.managed import ManagedTab
from callsheet.sheets.replace import ReplaceWriter
from callsheet.sheets.upsert import UpsertWriter
from callsheet.sheets.writer import TabWriter


class Tab(ManagedTab):
    """One of our tabs, by its id. warnings: what a person should know, in sentences."""

    def writer(
        self,
        mode: WriteMode,
        *,
        guard: Guard = nothing,
        expected_rows: int | None = None,
        newest_first: bool = False,
    ) -> TabWriter:
        """Return what takes rows in this mode.

        guard: called before every write request; raises to stop. expected_rows: about how many
        rows will come; saves requests and, for a new tab, tells early that they do not fit.
        newest_first: new rows go on top, the last that came first. Raises SpreadsheetFull.
        """
        expected = expected_rows or 0
        if self.created:
            self.check_rows(expected + 1)
        if mode is WriteMode.REPLACE:
            return ReplaceWriter(self, guard, expected)
        return UpsertWriter(
            self, guard, expected, append_only=mode is WriteMode.APPEND, newest_first=newest_first
        )
