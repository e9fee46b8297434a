"""Spreadsheet: finds and makes our tabs in one file."""

from __future__ import annotations

from dataclasses import replace

from callsheet.entity import Entity
from callsheet.errors import DestinationRefused, TabMissing
from callsheet.sheets.appearance import FIRST_ROWS, create_tab, new_id, whole_tab
from callsheet.sheets.client import Guard, Json, SheetsClient, nothing
from callsheet.sheets.facts import (
    FIELDS,
    SCHEMA,
    StagingTag,
    TabFacts,
    TabTag,
    UndoTag,
    read_facts,
)
from callsheet.sheets.file import OpenFile
from callsheet.sheets.managed import ManagedTab
from callsheet.sheets.tab import Tab
from callsheet.sheets.titles import free_title
from callsheet.sheets.undo import UNDO_LIFE, Undone, age, undo

_STAGING_LIFE = UNDO_LIFE  # no run lasts that long; an older staging tab is nobody's
_CREATE_TRIES = 3  # somebody may take the title that we have just chosen


def open_spreadsheet(client: SheetsClient, spreadsheet_id: str) -> Spreadsheet:
    """Read what the spreadsheet says of itself; one read.

    Raises SpreadsheetNotFound, NoEditAccess and the other errors of SheetsClient.
    """
    return Spreadsheet(client, read_facts(client.read_file(spreadsheet_id, FIELDS)))


class Spreadsheet(OpenFile):
    """One file, and our tabs in it."""

    def find_tab(self, flow_key: str) -> TabFacts | None:
        """Return id and title of the flow's tab, found by its tag; sends nothing."""
        found = self.facts.ours(flow_key)
        return found[0] if found else None

    def tab_for(
        self,
        flow_key: str,
        entity: Entity,
        title: str = "",
        *,
        guard: Guard = nothing,
        expected_rows: int = 0,
    ) -> Tab:
        """Return the flow's tab, made if there is none; found by its tag, never by its title.

        A copy of our tab, or our tab in a copied file, is not ours. Missing managed columns come
        back at the right end. Staging tabs that a killed run of this flow left are removed.
        title: of a new tab; " (2)" is added when another tab has it. expected_rows: how many will
        come; if a new tab has no room for them, it is not made.
        Raises KeyColumnMissing when the primary key's column was deleted, SpreadsheetFull.
        """
        self._sweep(flow_key, guard)
        found = self.facts.ours(flow_key)
        if not found:
            self._check_room_for_tab(entity, expected_rows)
            return self._create(flow_key, entity, title or entity.default_tab_title, guard)
        tab = Tab(self, found[0].id, entity)
        if len(found) > 1:
            tab.warnings.append(
                f"There are {len(found)} tabs of this import; only “{tab.title}” is kept right. "
                "Delete the others."
            )
        tab.complete(guard)
        return tab

    def undo(
        self, flow_key: str, entity: Entity, *, guard: Guard = nothing, token: int | None = None
    ) -> Undone:
        """Give the flow's tab back the data from before its last replacing import; one write.

        token: a positive number by which `was_undone` knows this very undo again.
        Raises TabMissing, NothingToUndo, UndoImpossible and the errors of SheetsClient; then the
        tab is as it was.
        """
        found = self.facts.ours(flow_key)
        if not found:
            raise TabMissing("tab of the flow is gone")
        key_only = replace(entity, columns=entity.columns[:1])
        return undo(ManagedTab(self, found[0].id, key_only), guard, token)

    def was_undone(self, flow_key: str, token: int) -> bool:
        """Say whether the undo of that token was made, as last read."""
        return any(token in tab.changes for tab in self.facts.ours(flow_key))

    def _create(self, flow: str, entity: Entity, wanted: str, guard: Guard) -> Tab:
        width = len(entity.columns)
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
        facts = TabFacts(tab_id, title, FIRST_ROWS, width, tag, managed=managed, frozen=1)
        self.remember(replace(facts, filter_area=whole_tab(tab_id)))
        return Tab(self, tab_id, entity, created_at=self.client.clock.now())

    def _check_room_for_tab(self, entity: Entity, expected_rows: int) -> None:
        width = len(entity.columns)
        rows = max(FIRST_ROWS, expected_rows + 1)  # with the header
        needs = f"a new tab of {rows:,} rows and {width} columns"
        self.check_room(rows * width, needs, row_width=width)

    def _change(self, requests: list[Json], tab_id: int, guard: Guard) -> None:
        """Make the tab of that id; a lost answer is followed by a look whether it is there."""
        self.client.change(self.id, requests, lambda: self.reload().tab(tab_id) is not None, guard)

    def _sweep(self, flow: str, guard: Guard) -> None:
        """Remove staging tabs of this flow's killed runs, and whatever is older than a day."""
        left = {
            tab.id
            for tab in self.facts.stagings()
            if tab.staging and (tab.staging.flow == flow or self._is_old(tab.staging))
        }
        left |= {tab.id for tab in self.facts.undos() if tab.undo and self._is_old(tab.undo)}
        if not left:
            return
        requests = [{"deleteSheet": {"sheetId": tab_id}} for tab_id in sorted(left)]
        self.client.change(
            self.id, requests, lambda: left.isdisjoint(t.id for t in self.reload().tabs), guard
        )
        self.forget(left)

    def _is_old(self, tag: StagingTag | UndoTag) -> bool:
        return age(tag, self.client.clock.now()) > _STAGING_LIFE
