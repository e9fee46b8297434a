"""Spreadsheet: one file, our tabs in it, and the room that is left."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from callsheet.entity import Entity
from callsheet.errors import DestinationRefused, SpreadsheetFull
from callsheet.sheets.appearance import FIRST_ROWS, create_tab, new_id
from callsheet.sheets.client import Guard, Json, SheetsClient, nothing
from callsheet.sheets.facts import (
    FIELDS,
    SCHEMA,
    FileFacts,
    StagingTag,
    TabFacts,
    TabTag,
    read_facts,
)
from callsheet.sheets.tab import Tab

MAX_CELLS = 10_000_000  # of all grids of one spreadsheet, empty cells included (Drive help pages)
_LONGEST_TITLE = 90  # characters; Sheets takes 100, and " (12)" may follow
_STAGING_LIFE = timedelta(days=1)  # no run lasts that long; an older staging tab is nobody's
_CREATE_TRIES = 3  # somebody may take the title that we have just chosen


def open_spreadsheet(client: SheetsClient, spreadsheet_id: str) -> Spreadsheet:
    """Read what the spreadsheet says of itself; one read.

    Raises SpreadsheetNotFound, NoEditAccess and the other errors of SheetsClient.
    """
    return Spreadsheet(client, read_facts(client.read_file(spreadsheet_id, FIELDS)))


class Spreadsheet:
    """One file. Its facts are those of the last reading, carried on by our own changes."""

    def __init__(self, client: SheetsClient, facts: FileFacts) -> None:
        self.client = client
        self.facts = facts

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

    def find_tab(self, flow_key: str) -> TabFacts | None:
        """Return id and title of the flow's tab, found by its tag; sends nothing."""
        found = self.facts.ours(flow_key)
        return found[0] if found else None

    def tab_for(
        self, flow_key: str, entity: Entity, title: str = "", *, guard: Guard = nothing
    ) -> Tab:
        """Return the flow's tab, made if there is none; found by its tag, never by its title.

        A copy of our tab, or our tab in a copied file, is not ours. Missing managed columns come
        back at the right end. Staging tabs that a killed run of this flow left are removed.
        title: of a new tab; " (2)" is added when another tab has it.
        Raises TabMissing when the primary key's column was deleted, SpreadsheetFull.
        """
        self._sweep(flow_key, guard)
        found = self.facts.ours(flow_key)
        if not found:
            return self._create(flow_key, entity, title or entity.default_tab_title, guard)
        tab = Tab(self, found[0].id, entity)
        if len(found) > 1:
            tab.warnings.append(
                f"There are {len(found)} tabs of this import; only “{tab.title}” is kept right. "
                "Delete the others."
            )
        tab.complete(guard)
        return tab

    def reload(self) -> FileFacts:
        """Read the facts anew; one read."""
        self.facts = read_facts(self.client.read_file(self.id, FIELDS))
        return self.facts

    def remember(self, tab: TabFacts) -> None:
        """Carry on the facts by a tab that we have made or changed."""
        others = tuple(other for other in self.facts.tabs if other.id != tab.id)
        self.facts = replace(self.facts, tabs=(*others, tab))

    def check_room(self, cells: int, needs: str) -> None:
        """Raise SpreadsheetFull if so many more cells do not fit; sends nothing.

        needs: what for, as the rest of "This import needs ...".
        """
        if cells > self.spare_cells:
            raise SpreadsheetFull(
                f"{cells} more cells, {self.spare_cells} left",
                message=(
                    f"This import needs {needs}, but Google allows 10 million cells in one file "
                    f"and {max(0, self.spare_cells):,} are left. Choose a later start date, or "
                    "delete tabs or empty rows that you do not need."
                ),
            )

    @property
    def spare_cells(self) -> int:
        """Cells that may still be added to the file."""
        return MAX_CELLS - self.facts.cells

    def _create(self, flow: str, entity: Entity, wanted: str, guard: Guard) -> Tab:
        width = len(entity.columns)
        self.check_room(FIRST_ROWS * width, f"a new tab of {FIRST_ROWS * width:,} cells")
        tab_id = new_id()
        for attempt in range(1, _CREATE_TRIES + 1):
            title = free_title(wanted, [tab.title for tab in self.facts.tabs])
            requests = create_tab(entity, title, tab_id=tab_id, flow=flow, spreadsheet_id=self.id)
            try:
                self._change(requests, tab_id, guard)
                break
            except DestinationRefused:
                taken = {tab.title.casefold() for tab in self.reload().tabs}
                if title.casefold() not in taken or attempt == _CREATE_TRIES:
                    raise
        tag = TabTag(flow, entity.name, SCHEMA, self.id, tab_id)
        managed = {column.key: place for place, column in enumerate(entity.columns)}
        self.remember(TabFacts(tab_id, title, FIRST_ROWS, width, tag, managed=managed))
        return Tab(self, tab_id, entity, created_at=self.client.clock.now())

    def _change(self, requests: list[Json], tab_id: int, guard: Guard) -> None:
        """Make the tab of that id; a lost answer is followed by a look whether it is there."""
        self.client.change(self.id, requests, lambda: self.reload().tab(tab_id) is not None, guard)

    def _sweep(self, flow: str, guard: Guard) -> None:
        """Remove staging tabs of this flow's killed runs, and any that outlived all runs."""
        left = {
            tab.id
            for tab in self.facts.stagings()
            if tab.staging and (tab.staging.flow == flow or self._is_old(tab.staging))
        }
        if not left:
            return
        requests = [{"deleteSheet": {"sheetId": tab_id}} for tab_id in sorted(left)]
        self.client.change(
            self.id, requests, lambda: left.isdisjoint(t.id for t in self.reload().tabs), guard
        )
        kept = tuple(tab for tab in self.facts.tabs if tab.id not in left)
        self.facts = replace(self.facts, tabs=kept)

    def _is_old(self, tag: StagingTag) -> bool:
        try:
            return self.client.clock.now() - datetime.fromisoformat(tag.at) > _STAGING_LIFE
        except (ValueError, TypeError):
            return False


def free_title(wanted: str, taken: Collection[str]) -> str:
    """Return a tab title that no other tab has; Sheets compares titles without regard to case."""
    base = re.sub(r"[\x00-\x1f\x7f\ud800-\udfff]", " ", wanted).strip()[:_LONGEST_TITLE] or "Import"
    others = {title.casefold() for title in taken}
    title, number = base, 1
    while title.casefold() in others:
        number += 1
        title = f"{base} ({number})"
    return title
