"""The replace mode: a hidden staging tab takes the rows, one batchUpdate puts them in place."""

from __future__ import annotations

from dataclasses import dataclass, field
from dataclasses import replace as changed
from datetime import datetime

from callsheet.errors import DestinationUnavailable
from callsheet.options import WhenGone
from callsheet.sheets.appearance import FIRST_ROWS, create_staging, grow_rows, new_id, swap
from callsheet.sheets.cells import Cell
from callsheet.sheets.client import Guard
from callsheet.sheets.facts import StagingTag, TabFacts, to_value
from callsheet.sheets.index import KeyIndex, fresh_index, headers_of, read_index
from callsheet.sheets.managed import ManagedTab
from callsheet.sheets.plan import Layout, a1, bodies, last_used, slack_for
from callsheet.sheets.writer import Fate, Rows, TabWriter


@dataclass(slots=True)
class _Staging:
    """The staging tab of this run: its columns in the entity's order, its rows as in the tab.

    places: the row of every key written. next: the row of the next new key. live: the tab's keys
    when the run began; kept: whether its rows must stay where they are.
    """

    id: int
    live: KeyIndex
    kept: bool
    next: int
    places: dict[str, int] = field(default_factory=dict)


class ReplaceWriter(TabWriter):
    """Until finish() nobody sees a thing; then the tab holds these rows and no others.

    In a tab with columns of the user's own, records that were there keep their rows, so that a
    note stays beside its record; records that are gone leave their row empty. Elsewhere the rows
    come in the order of arrival.
    """

    def __init__(self, tab: ManagedTab, guard: Guard, expected_rows: int) -> None:
        super().__init__(tab, guard, expected_rows)
        self._staging: _Staging | None = None
        self._layout = Layout(tuple(range(len(self._kinds))))

    def _store(self, pending: Rows) -> None:
        staging = self._staging or self._begin()
        rows: dict[int, list[Cell]] = {}
        for key, cells in pending.items():
            rows[self._place(staging, key)] = cells
        self._grow_staging(staging, max(rows))
        file = self._tab.spreadsheet
        for body in bodies(self._facts(staging).title, self._layout, rows):
            file.client.write_ranges(file.id, body, self._guard)
        for key in pending:
            self._count(key, Fate.UPDATED if key in staging.live.rows else Fate.ADDED)

    def _place(self, staging: _Staging, key: str) -> int:
        place = staging.places.get(key)
        if place is None and staging.kept:
            place = staging.live.rows.get(key)
        if place is None:
            place = staging.next
            staging.next += 1
        staging.places[key] = place
        return place

    def _begin(self) -> _Staging:
        """Read the tab's keys and make the staging tab."""
        tab, file = self._tab, self._tab.spreadsheet
        live = fresh_index(tab) if tab.created else read_index(tab)
        kept = bool(live.rows) and tab.facts.columns > len(self._kinds) + len(tab.left_over)
        first_new = self._last_used(live) + 1 if kept else 2
        rows, columns = max(FIRST_ROWS, self._expected + 1), len(self._kinds)
        file.check_room(rows * columns, f"{rows:,} rows more for a while, to replace the old ones")
        staging_id = new_id()
        tag = StagingTag(self._flow(), file.id, staging_id, file.client.clock.now().isoformat())
        file.client.change(
            file.id,
            create_staging(staging_id, rows, columns, to_value(tag)),
            lambda: file.reload().tab(staging_id) is not None,
            self._guard,
        )
        if file.facts.tab(staging_id) is None:
            title = f"Callsheet staging {staging_id}"
            file.remember(TabFacts(staging_id, title, rows, columns, staging=tag))
        self._staging = _Staging(staging_id, live, kept, first_new)
        return self._staging

    def _flow(self) -> str:
        tag = self._tab.facts.tag
        return tag.flow if tag else ""

    def _facts(self, staging: _Staging) -> TabFacts:
        facts = self._tab.spreadsheet.facts.tab(staging.id)
        if facts is None:
            raise DestinationUnavailable("the staging tab was deleted")
        return facts

    def _last_used(self, live: KeyIndex) -> int:
        """Return the lowest row that holds anything, the user's own content included; one read."""
        facts, file = self._tab.facts, self._tab.spreadsheet
        where = a1(facts.title, live.last, 0, None, facts.columns - 1)
        foot = file.client.read_ranges(file.id, [where])[0]
        managed = frozenset(self._tab.layout.places)
        return last_used(foot[1:], live.last + 1, managed, facts.rows)

    def _grow_staging(self, staging: _Staging, last_row: int) -> None:
        facts, file = self._facts(staging), self._tab.spreadsheet
        if last_row <= facts.rows:
            return
        file.check_room(
            (last_row - facts.rows) * facts.columns,
            f"{last_row:,} rows for a while, to replace the old ones",
        )
        most = facts.rows + file.spare_cells // facts.columns
        rows = min(most, last_row + slack_for(last_row))
        file.client.change(
            file.id,
            [grow_rows(staging.id, rows - facts.rows)],
            lambda: self._has_rows(staging, last_row),
            self._guard,
        )
        file.remember(changed(self._facts(staging), rows=rows))

    def _has_rows(self, staging: _Staging, last_row: int) -> bool:
        self._tab.spreadsheet.reload()
        return self._facts(staging).rows >= last_row

    def _retire(self, _gone: set[str], _when_gone: WhenGone, _moment: datetime) -> int:
        return 0

    def _end(self) -> None:
        """Swap: look where everything stands now, then one atomic batchUpdate."""
        staging = self._staging or self._begin()
        tab, file = self._tab, self._tab.spreadsheet
        tab.reload(self._guard)
        self._facts(staging)
        if staging.kept and read_index(tab).rows != staging.live.rows:
            raise DestinationUnavailable(
                "rows moved during a replace run",
                message="Somebody moved rows of this tab while the import was running. The tab is "
                "as it was; start the import again.",
            )
        last_row = max(staging.places.values(), default=1)
        growth, rows = tab.growth(last_row)
        requests = growth + swap(
            staging.id,
            tab.id,
            runs=tab.layout.runs_from_staging(),
            headers=headers_of(tab),
            left_over=tab.left_over,
            last_row=last_row,
            grid_rows=rows,
        )
        file.client.change(
            file.id, requests, lambda: file.reload().tab(staging.id) is None, self._guard
        )
