"""RowArchive: moves old rows to archive tabs, with the notes beside them, at one stroke each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from callsheet.options import ArchiveBy
from callsheet.sheets.appearance import Json, grow_rows, new_id
from callsheet.sheets.archiving import (
    Archive,
    Stretch,
    move_rows,
    names_of,
    new_archive,
    period_of,
    say_archived,
    stretches,
)
from callsheet.sheets.cells import key_text, serial
from callsheet.sheets.client import Guard
from callsheet.sheets.facts import ArchiveTag, TabFacts
from callsheet.sheets.live import LiveRows
from callsheet.sheets.managed import ManagedTab
from callsheet.sheets.once import Once
from callsheet.sheets.plan import a1, whole_rows
from callsheet.sheets.titles import free_title

_MOST_ROWS = 20_000  # of one portion; Google has 180 seconds for it
_STRETCHES = 500  # of neighbouring rows in one portion; each is copied and deleted by itself


class RowArchive:
    """Moves rows of one tab. column_key: of the date-time by which they are old.

    A row is copied and deleted in the same atomic batchUpdate, so it stands in one place at any
    moment, and a run that was killed is simply gone on with.
    """

    def __init__(self, tab: ManagedTab, column_key: str, by: ArchiveBy, guard: Guard) -> None:
        self._tab = tab
        self._column_key = column_key
        self._by = by
        self._live = LiveRows(tab, guard)
        self._once = Once(self._live, keep=tab.facts.changes)

    def move(self, before: datetime) -> int:
        """Move all rows from before that moment and return how many.

        Nothing is sent if that was done already. Else three reads and one write a portion. While
        a filter hides rows, all stay and the tab gets a warning: copies of filtered rows may leave
        the hidden ones out. Raises TabMissing, SpreadsheetFull and the errors of SheetsClient.
        """
        moved = 0
        while not self._is_done(before):
            count = self._live.rounds(lambda: self._portion(before))
            if not count:
                break
            moved += count
        return moved

    def _is_done(self, before: datetime) -> bool:
        return any(
            tag.done and datetime.fromisoformat(tag.until) >= before
            for _, tag in self._tab.facts.archived
        )

    def _portion(self, before: datetime) -> int | None:
        """Move one portion and return its rows; None if something moved since we looked."""
        live, tab = self._live, self._tab
        tab.reload(live.guard)
        if tab.facts.filtered:
            tab.warnings.append(
                "Old rows were not moved to archive tabs, for a filter hides rows. Clear the "
                "filter (Data, Remove filter); the next refresh moves them."
            )
            return 0
        began = live.now()
        periods = self._old_rows(before)
        if periods is None:
            return None
        moving = stretches(periods, self._most_rows(), _STRETCHES)
        count = sum(each.rows.last - each.rows.first + 1 for each in moving)
        spare = self._spare_rows(count)
        moves = self._moves(moving)
        if moves is None:
            return None
        requests = [
            *([grow_rows(tab.id, spare)] if spare else []),
            *moves,
            *say_archived(tab.facts, before, new_id(), done=count == len(periods)),
        ]
        if not self._once.send(requests, began, more_rows=spare - count):
            return None
        live.index = None
        return count

    def _old_rows(self, before: datetime) -> dict[int, str] | None:
        """Return to which period each old row belongs; None if the columns have moved."""
        live, zone = self._live, self._tab.spreadsheet.zone
        place = live.place_of(self._column_key)
        if place is None:
            return {}
        columns = live.read_columns((place,))
        if columns is None or live.index is None:
            return None
        [cells] = columns
        limit = serial(before, zone)
        found = {}
        for row in live.index.rows.values():
            cell = cells[row - 1] if row <= len(cells) else ""
            if isinstance(cell, int | float) and not isinstance(cell, bool) and cell < limit:
                found[row] = period_of(cell, self._by)
        return found

    def _most_rows(self) -> int:
        """Return how many rows fit into the file while they stand in both tabs."""
        facts, file = self._tab.facts, self._tab.spreadsheet
        widest = max((a.columns for a in self._archives().values()), default=0) + facts.columns
        rows = file.spare_cells // widest - 1  # a new archive tab has a header too
        if rows < 1:
            file.check_room(2 * widest, "room for at least one row in an archive tab")
        return min(rows, _MOST_ROWS)

    def _spare_rows(self, count: int) -> int:
        """Return 1 if else no row would be left: Google keeps one that is not frozen."""
        facts = self._tab.facts
        return int(count >= facts.rows - max(facts.frozen, 1))

    def _archives(self) -> dict[str, TabFacts]:
        tag = self._tab.facts.tag
        return self._tab.spreadsheet.facts.archives(tag.flow) if tag else {}

    def _moves(self, moving: Sequence[Stretch]) -> list[Json] | None:
        """Return the requests that copy and delete; None if rows have moved meanwhile. One read."""
        if not moving:
            return []
        facts = self._tab.facts
        there = self._archives()
        periods = dict.fromkeys(each.period for each in moving)
        headers = self._headers([there[period] for period in periods if period in there], moving)
        if headers is None:
            return None
        names = names_of(facts, headers[facts.id])
        archives = {}
        titles = [tab.title for tab in self._tab.spreadsheet.facts.tabs]
        for period in periods:
            found = there.get(period)
            if found is None:
                found = self._new(period, titles)
                titles.append(found.title)
            archives[period] = Archive(
                found, names_of(found, headers.get(found.id, headers[facts.id]))
            )
        return move_rows(facts, names, self._tab.entity.columns, moving, archives)

    def _headers(
        self, archives: Sequence[TabFacts], moving: Sequence[Stretch]
    ) -> Mapping[int, list[object]] | None:
        """Read the header rows; None if a key is not in its row any more, just before the write."""
        live, file, key = self._tab.facts, self._tab.spreadsheet, self._tab.layout.key
        tabs = [live, *archives]
        ranges = [whole_rows(tab.title, 1, 1) for tab in tabs]
        ranges.append(a1(live.title, 1, key, None, key))
        *headers, keys = file.client.read_ranges(file.id, ranges, by_column=True)
        found = [key_text(cell) for cell in keys[0]] if keys else []
        known = {row: key for key, row in self._live.index.rows.items()} if self._live.index else {}
        for each in moving:
            rows = range(each.rows.first, each.rows.last + 1)
            if found[rows.start - 1 : rows.stop - 1] != [known.get(row) for row in rows]:
                return None
        rows_of = ([column[0] if column else "" for column in row] for row in headers)
        return {tab.id: row for tab, row in zip(tabs, rows_of, strict=True)}

    def _new(self, period: str, taken: Sequence[str]) -> TabFacts:
        file, facts = self._tab.spreadsheet, self._tab.facts
        tag = ArchiveTag(facts.tag.flow if facts.tag else "", period, file.id, new_id())
        return new_archive(facts, tag, free_title(facts.title, taken, f" – {period}"))
