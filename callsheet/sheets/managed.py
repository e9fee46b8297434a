"""ManagedTab: one of our tabs, where its columns stand, and room for more rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from callsheet.entity import Column, Entity
from callsheet.errors import KeyColumnMissing, TabMissing
from callsheet.sheets.appearance import add_columns, add_rows, filter_all
from callsheet.sheets.client import Guard, Json, nothing
from callsheet.sheets.facts import COLUMN_KEY, TabFacts
from callsheet.sheets.file import OpenFile
from callsheet.sheets.plan import SLACK, Layout, slack_for
from callsheet.sheets.refusals import RangeGone


class ManagedTab:
    """One of our tabs, by its id. warnings: what a person should know, in sentences."""

    def __init__(
        self,
        spreadsheet: OpenFile,
        tab_id: int,
        entity: Entity,
        *,
        created_at: datetime | None = None,
    ) -> None:
        self.spreadsheet = spreadsheet
        self.id = tab_id
        self.entity = entity
        self.created_at = created_at
        self.warnings: list[str] = []

    @property
    def created(self) -> bool:
        """Whether this very object made the tab."""
        return self.created_at is not None

    @property
    def facts(self) -> TabFacts:
        """The tab as last read; raises TabMissing if it was gone then."""
        facts = self.spreadsheet.facts.tab(self.id)
        if facts is None:
            raise TabMissing(f"tab {self.id}")
        return facts

    @property
    def title(self) -> str:
        """The title as last read."""
        return self.facts.title

    @property
    def layout(self) -> Layout:
        """Where the entity's columns stand, as last read. Raises RangeGone if one was missing."""
        managed = self.facts.managed
        if self._missing():
            raise RangeGone(f"tab {self.id} without all its columns")
        return Layout(tuple(managed[column.key] for column in self.entity.columns))

    @property
    def left_over(self) -> list[int]:
        """Where columns stand that are ours by their tag and no longer the entity's, from 0."""
        keys = {column.key for column in self.entity.columns}
        return sorted(place for key, place in self.facts.managed.items() if key not in keys)

    def reload(self, guard: Guard = nothing) -> None:
        """Read anew where the tab and its columns are; one read. Raises TabMissing."""
        self.spreadsheet.reload()
        self.complete(guard)

    def complete(self, guard: Guard = nothing) -> None:
        """Bring back missing managed columns at the right end, where nothing has to move.

        They are new in a later version of the entity, or a person deleted them. The primary key
        is not brought back: without ids the rows cannot be told apart, so KeyColumnMissing is
        raised.
        """
        missing = self._missing()
        if missing:
            self._search_columns()
            missing = self._missing()
        if not missing:
            return
        if self.entity.primary_key in missing:
            raise KeyColumnMissing(
                f"tab {self.id} without its key column",
                message=f"The column “{self.entity.primary_key.header}” of the tab “{self.title}” "
                "was deleted, so its rows cannot be told apart. Undo that (File, Version history), "
                "or delete the tab and import again.",
            )
        self._add_columns(missing, guard)

    def make_room(self, last_row: int, guard: Guard, expected_rows: int = 0) -> None:
        """Grow the grid, if it is too short, to hold that row and some slack; never shrinks it.

        Raises SpreadsheetFull before anything is sent.
        """
        requests, rows = self.growth(last_row, expected_rows)
        if not requests:
            return
        self.spreadsheet.client.change(
            self.spreadsheet.id, requests, lambda: self._has_rows(last_row), guard
        )
        self.spreadsheet.remember(replace(self.facts, rows=rows))

    def growth(self, last_row: int, expected_rows: int = 0) -> tuple[list[Json], int]:
        """Return the requests that grow the grid to hold that row, and the rows it then has."""
        facts = self.facts
        if last_row <= facts.rows:
            return [], facts.rows
        self.check_rows(last_row)
        most = facts.rows + self.spreadsheet.spare_cells // facts.columns
        rows = min(most, max(last_row + slack_for(last_row), expected_rows + 1 + SLACK))
        columns = list(zip(self.layout.places, self.entity.columns, strict=True))
        more = add_rows(self.id, facts.rows, rows - facts.rows, columns)
        return [*more, *filter_all(facts.filter_area)], rows

    def check_rows(self, last_row: int) -> None:
        """Raise SpreadsheetFull if a row of that number does not fit; sends nothing."""
        facts = self.facts
        more = max(0, last_row - facts.rows)
        self.spreadsheet.check_room(
            more * facts.columns,
            f"{more:,} more rows of {facts.columns} columns",
            row_width=facts.columns,
        )

    def _has_rows(self, last_row: int) -> bool:
        self.spreadsheet.reload()
        return self.facts.rows >= last_row

    def _missing(self) -> list[Column]:
        managed = self.facts.managed
        return [column for column in self.entity.columns if column.key not in managed]

    def _search_columns(self) -> None:
        """Ask a second time, in another way, before a column is taken for deleted; one read."""
        lookup = {"locationType": "COLUMN", "metadataKey": COLUMN_KEY}
        places = dict(self.facts.managed)
        for item in self.spreadsheet.client.search_metadata(self.spreadsheet.id, lookup):
            where = item.get("location", {}).get("dimensionRange", {})
            if where.get("sheetId", 0) == self.id:
                places.setdefault(item.get("metadataValue", ""), where.get("startIndex", 0))
        self.spreadsheet.remember(replace(self.facts, managed=places))

    def _add_columns(self, missing: list[Column], guard: Guard) -> None:
        facts = self.facts
        names = ", ".join(column.header for column in missing)
        self.spreadsheet.check_room(
            facts.rows * len(missing), f"{len(missing)} more columns of {facts.rows:,} rows"
        )
        requests = add_columns(self.id, missing, facts.columns)
        self.spreadsheet.client.change(
            self.spreadsheet.id, requests, lambda: self._has_columns(missing), guard
        )
        places = dict(self.facts.managed)
        for place, column in enumerate(missing, facts.columns):
            places.setdefault(column.key, place)
        columns = facts.columns + len(missing)
        self.spreadsheet.remember(replace(self.facts, columns=columns, managed=places))
        self.warnings.append(
            f"Columns missing in the tab were added at its right end: {names}. Rows that are not "
            "read again stay empty there."
        )

    def _has_columns(self, wanted: list[Column]) -> bool:
        self.spreadsheet.reload()
        return all(column.key in self.facts.managed for column in wanted)
