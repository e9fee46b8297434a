"""The replace mode: a hidden staging tab takes the rows, one batchUpdate puts them in place."""

from __future__ import annotations

from dataclasses import dataclass, field
from dataclasses import replace as changed
from datetime import datetime

from callsheet.errors import DestinationUnavailable
from callsheet.options import WhenGone
from callsheet.sheets.appearance import FIRST_ROWS, Json, grow_rows, tagging
from callsheet.sheets.arrivals import copy_formulas, insert_rows
from callsheet.sheets.cells import Cell
from callsheet.sheets.client import Guard
from callsheet.sheets.exchange import delete_tab, empty_columns, put_headers, put_in_place
from callsheet.sheets.facts import CHANGE_KEY, TabFacts
from callsheet.sheets.formulas import UserFormulas
from callsheet.sheets.index import KeyIndex, fresh_index, headers_of, read_index
from callsheet.sheets.managed import ManagedTab
from callsheet.sheets.plan import Layout, Span, a1, bodies, last_used, slack_for
from callsheet.sheets.staging import make_staging
from callsheet.sheets.undo import Kept, digest, keep_data
from callsheet.sheets.writer import Fate, Rows, TabWriter


@dataclass(slots=True)
class _Staging:
    """The staging tab of this run: its columns in the entity's order.

    live: the tab's keys when the run began; kept: whether its rows must stay where they are.
    above: the rows that are the old records', 1 if none are kept. places: the row of every key
    written; new: how many have none in the tab. rows: of the grid. upwards: new rows are filled in
    from the lowest row up, so that the last stands on top.
    """

    id: int
    live: KeyIndex
    kept: bool
    above: int
    rows: int
    upwards: bool
    new: int = 0
    places: dict[str, int] = field(default_factory=dict)

    def place(self, key: str) -> int:
        """Return the row of a key, the next free one for a new key."""
        place = self.places.get(key)
        if place is None and self.kept:
            place = self.live.rows.get(key)
        if place is None:
            place = self.rows - self.new if self.upwards else self.above + 1 + self.new
            self.new += 1
        self.places[key] = place
        return place

    def push_down(self, more: int) -> None:
        """Take in that so many rows were inserted under the header."""
        self.rows += more
        self.places = {key: row + more for key, row in self.places.items()}

    @property
    def skipped(self) -> int:
        """Rows under the header in which nothing stands."""
        return self.rows - self.new - 1 if self.upwards else 0

    @property
    def last_row(self) -> int:
        """The last row that the tab will have of ours."""
        return 1 + self.new if self.upwards else max(self.places.values(), default=1)


class ReplaceWriter(TabWriter):
    """Until finish() nobody sees a thing; then the tab holds these rows and no others.

    In a tab with columns of the user's own, records that were there keep their rows, so that a
    note stays beside its record; records that are gone leave their row empty, new ones come below.
    Elsewhere the rows come in the order of arrival or, newest_first, the other way round.
    What is replaced is kept for a day (undo.py), if there is room.
    """

    def __init__(
        self, tab: ManagedTab, guard: Guard, expected_rows: int, *, newest_first: bool = False
    ) -> None:
        super().__init__(tab, guard, expected_rows)
        self._staging: _Staging | None = None
        self._layout = Layout(tuple(range(len(self._kinds))))
        self._newest_first = newest_first

    def _store(self, pending: Rows) -> None:
        staging = self._staging or self._begin()
        if staging.upwards:
            self._grow_upwards(staging, sum(key not in staging.places for key in pending))
        rows: dict[int, list[Cell]] = {staging.place(key): pending[key] for key in pending}
        if not staging.upwards:
            self._grow_staging(staging, max(rows))
        file = self._tab.spreadsheet
        for body in bodies(self._facts(staging).title, self._layout, rows):
            file.client.write_ranges(file.id, body, self._guard)
        for key in pending:
            self._count(key, Fate.UPDATED if key in staging.live.rows else Fate.ADDED)

    def _begin(self) -> _Staging:
        """Read the tab's keys and make the staging tab."""
        tab, file = self._tab, self._tab.spreadsheet
        live = fresh_index(tab) if tab.created else read_index(tab)
        kept = bool(live.rows) and tab.facts.columns > len(self._kinds) + len(tab.left_over)
        above = self._last_used(live) if kept else 1
        rows, columns = max(FIRST_ROWS, self._expected + 1), len(self._kinds)
        file.check_room(rows * columns, f"{rows:,} rows more for a while, to replace the old ones")
        staging_id = make_staging(file, self._flow(), rows, columns, self._guard)
        upwards = self._newest_first and not kept
        self._staging = _Staging(staging_id, live, kept, above, rows, upwards)
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
        facts = self._facts(staging)
        if last_row <= facts.rows:
            return
        more = self._rows_more(facts, last_row)
        self._make_rows(staging, facts.rows + more, [grow_rows(staging.id, more)])

    def _grow_upwards(self, staging: _Staging, new: int) -> None:
        """Make room under the header for so many new rows; the same tag keeps it to once."""
        facts = self._facts(staging)
        last_row = 1 + staging.new + new
        if last_row <= facts.rows:
            return
        more = self._rows_more(facts, last_row)
        once = tagging(CHANGE_KEY, "", {"sheetId": staging.id})
        self._make_rows(staging, facts.rows + more, [insert_rows(staging.id, 2, more), once])
        staging.push_down(more)

    def _rows_more(self, facts: TabFacts, last_row: int) -> int:
        file = self._tab.spreadsheet
        file.check_room(
            (last_row - facts.rows) * facts.columns,
            f"{last_row:,} rows for a while, to replace the old ones",
        )
        most = facts.rows + file.spare_cells // facts.columns
        return min(most, last_row + slack_for(last_row)) - facts.rows

    def _make_rows(self, staging: _Staging, rows: int, requests: list[Json]) -> None:
        file = self._tab.spreadsheet
        file.client.change(file.id, requests, lambda: self._has_rows(staging, rows), self._guard)
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
            raise _moved()
        growth, rows = tab.growth(staging.last_row)
        old = {undo.id for undo in file.facts.undos(tab.id)}
        kept = self._keep(staging, old, rows)
        requests = [
            *(delete_tab(tab_id) for tab_id in sorted(old)),
            *(kept.requests if kept else []),
            *growth,
            *empty_columns(tab.id, tab.left_over, rows),
            *put_in_place(
                staging.id,
                tab.id,
                runs=tab.layout.runs_from_staging(),
                skipped=staging.skipped,
                last_row=staging.last_row,
                grid_rows=rows,
            ),
            *put_headers(tab.id, dict(zip(tab.layout.places, headers_of(tab), strict=True))),
            *self._formulas(staging),
            delete_tab(staging.id),
        ]
        file.client.change(
            file.id, requests, lambda: file.reload().tab(staging.id) is None, self._guard
        )
        file.forget({staging.id, *old})
        if kept:
            file.remember(kept.facts)
        self._say_left_over(staging.live.header)

    def _keep(self, staging: _Staging, old: set[int], rows: int) -> Kept | None:
        """Return how what is replaced is kept; None if there is nothing, or no room."""
        if not staging.live.rows:
            return None
        tab, file = self._tab, self._tab.spreadsheet
        freed = sum(t.rows * t.columns for t in file.facts.tabs if t.id in old)
        growth = (rows - tab.facts.rows) * tab.facts.columns
        kept = keep_data(
            tab,
            flow=self._flow(),
            records=len(staging.live.rows),
            room=file.spare_cells + freed - growth,
            in_place=staging.kept,
            keys=digest(staging.places) if staging.kept else "",
        )
        if kept is None:
            self._warnings.append(
                "The file has no room to keep what this import has replaced, so it cannot be "
                "undone here. Google keeps older versions under File, Version history."
            )
        return kept

    def _formulas(self, staging: _Staging) -> list[Json]:
        """Return the requests that copy the user's formulas beside new rows; at most one read."""
        if not (staging.kept and staging.new):
            return []
        first, key = staging.live.uppermost()
        new = Span(staging.above + 1, staging.above + staging.new)
        fills = UserFormulas(self._tab).look(first, key, new)
        if fills is None:
            raise _moved()
        return copy_formulas(self._tab.id, first, fills)


def _moved() -> DestinationUnavailable:
    return DestinationUnavailable(
        "rows moved during a replace run",
        message="Somebody moved rows of this tab while the import was running. The tab is as it "
        "was; start the import again.",
    )
