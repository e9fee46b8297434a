"""Tab: one of our tabs, and the writers that fill it."""

from __future__ import annotations

from datetime import datetime

from callsheet.data_flow import WriteMode
from callsheet.options import ArchiveBy
from callsheet.sheets.archive import RowArchive
from callsheet.sheets.client import Guard, nothing
from callsheet.sheets.freshness import Freshness
from callsheet.sheets.managed import ManagedTab
from callsheet.sheets.replace import ReplaceWriter
from callsheet.sheets.stamping import put_stamp
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
            return ReplaceWriter(self, guard, expected, newest_first=newest_first)
        return UpsertWriter(
            self, guard, expected, append_only=mode is WriteMode.APPEND, newest_first=newest_first
        )

    def archive(
        self, before: datetime, column_key: str, by: ArchiveBy, *, guard: Guard = nothing
    ) -> int:
        """Move rows whose date-time in that column is before the moment to archive tabs.

        Returns how many; sends nothing if that was done already. People's own columns go along.
        Raises TabMissing, SpreadsheetFull and the errors of SheetsClient; then all rows stand in
        one place, and the next call goes on.
        """
        return RowArchive(self, column_key, by, guard).move(before)

    def stamp(self, fresh: Freshness, *, guard: Guard = nothing) -> None:
        """Say on the tab how fresh it is; its headers turn red when the next refresh is overdue.

        The last thing a successful run does. One write; one read before it if the file was not
        read in the last 15 seconds. Raises TabMissing and the errors of SheetsClient.
        """
        put_stamp(self, fresh, guard)
