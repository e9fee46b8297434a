"""The hidden staging tab: rows wait there as plain values for the one stroke that copies them."""

from __future__ import annotations

from collections.abc import Sequence

from callsheet.sheets.appearance import Json, new_id
from callsheet.sheets.cells import Cell
from callsheet.sheets.client import Guard
from callsheet.sheets.exchange import copy_values, create_staging
from callsheet.sheets.facts import StagingTag, TabFacts, to_value
from callsheet.sheets.file import OpenFile
from callsheet.sheets.live import LiveRows
from callsheet.sheets.plan import Layout, bodies, slack_for


def make_staging(file: OpenFile, flow: str, rows: int, columns: int, guard: Guard) -> int:
    """Make a staging tab of a flow and return its id; one write. Room is not looked at."""
    tab_id = new_id()
    tag = StagingTag(flow, file.id, tab_id, file.client.clock.now().isoformat())
    file.client.change(
        file.id,
        create_staging(tab_id, rows, columns, to_value(tag)),
        lambda: file.reload().tab(tab_id) is not None,
        guard,
    )
    if file.facts.tab(tab_id) is None:
        title = f"Callsheet staging {tab_id}"
        file.remember(TabFacts(tab_id, title, rows, columns, staging=tag))
    return tab_id


class Detour:
    """The way of many rows that are to be inserted: plain values first, then one copy.

    Rows that are inserted together with their cells need them typed, four times as long.
    left: ids of staging tabs made here, to be deleted in the end; those of a killed run are swept
    away by the next.
    """

    def __init__(self, live: LiveRows) -> None:
        self._live = live
        self._id = 0
        self._held: list[list[Cell]] = []
        self.left: set[int] = set()

    def has_room(self, rows: int, columns: int) -> bool:
        """Say whether so many rows fit into the file twice: here, and in the tab."""
        file, tab = self._live.tab.spreadsheet, self._live.tab
        here = 0 if self._fitting(rows, columns) else (rows + slack_for(rows)) * columns
        return here + rows * tab.facts.columns <= file.spare_cells

    def hold(self, rows: Sequence[list[Cell]]) -> None:
        """Write rows into the staging tab, from its first row on; it is made when first needed.

        What it holds already is not written again: only the plan of the copy was too old.
        """
        count, width = len(rows), len(rows[0])
        if not self._fitting(count, width):
            self._make(count + slack_for(count), width)
        facts = self._fitting(count, width)
        if facts is None or self._held == rows:
            return
        self._held = []
        file, layout = self._live.tab.spreadsheet, Layout(tuple(range(width)))
        for body in bodies(facts.title, layout, dict(enumerate(rows, 1))):
            file.client.write_ranges(file.id, body, self._live.guard)
        self._held = list(rows)

    def copy(self, layout: Layout, at: int) -> list[Json]:
        """Return the requests that copy what is held over rows of the tab, from row `at` on."""
        return [
            copy_values(self._id, self._live.tab.id, run, 0, len(self._held), at - 1)
            for run in layout.runs_from_staging()
        ]

    def _fitting(self, rows: int, columns: int) -> TabFacts | None:
        facts = self._live.tab.spreadsheet.facts.tab(self._id) if self._id else None
        return facts if facts and facts.rows >= rows and facts.columns == columns else None

    def _make(self, rows: int, columns: int) -> None:
        tab = self._live.tab
        flow = tab.facts.tag.flow if tab.facts.tag else ""
        self._held = []
        self._id = make_staging(tab.spreadsheet, flow, rows, columns, self._live.guard)
        self.left.add(self._id)
