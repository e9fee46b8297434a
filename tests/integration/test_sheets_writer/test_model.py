"""A model of the tab: after any sequence of changes, refreshes, user actions, faults and kills."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from hypothesis.stateful import run_state_machine_as_test as run_machine

from callsheet.data_flow import WriteMode
from callsheet.entity import Value
from callsheet.options import ArchiveBy, WhenGone
from callsheet.sheets import archive as archive_module
from callsheet.sheets import newcomers as newcomers_module
from callsheet.sheets.client import SheetsClient
from callsheet.sheets.facts import ARCHIVE_KEY, COLUMN_KEY
from callsheet.sheets.spreadsheet import open_spreadsheet
from sandbox.sheets.grid import Formula
from sandbox.sheets.server import SheetsStandIn
from tests.integration.test_sheets_writer.world import (
    CALLS,
    COLUMNS,
    FLOW,
    START,
    World,
    append_columns,
    delete_rows,
    insert_columns,
    rename,
    row,
    sort_by,
)

HEADERS = [column.header for column in COLUMNS]
NUMBERS = st.integers(0, 40)
NOTES = "My notes"
SCORES = "My scores"
FORMULA = "=1+1"
FAULTS = [None, None, "lost", "drop", "502_html", "503_html", "500", "429_user", "timeout"]


class Killed(BaseException):
    """Ends a run as a kill does."""


class TabModel(RuleBasedStateMachine):
    """One tab, what the source holds, and what the user has written beside the records."""

    world_maker: Any
    patch: pytest.MonkeyPatch

    def __init__(self) -> None:
        super().__init__()
        self.world: World = self.world_maker()
        self.source: dict[int, str] = {}
        self.notes: dict[str, str] = {}
        self.settled: set[int] = set()
        self.gone: set[int] = set()
        self.left_notes: list[str] = []
        self.archived_before = 0
        self.archived: dict[str, list[Any]] = {}
        self.filtered = False
        self.copy: tuple[World, int, list[list[Any]]] | None = None

    @initialize(
        numbers=st.sets(NUMBERS, min_size=3, max_size=20), mode=st.sampled_from(list(WriteMode)[:2])
    )
    def a_first_import(self, numbers: set[int], mode: WriteMode) -> None:
        self.source = dict.fromkeys(numbers, "first")
        self._import(mode)
        self.settled = set(numbers)

    # What happens at the source.

    @rule(
        numbers=st.sets(NUMBERS, min_size=1, max_size=12),
        text=st.sampled_from(["", "a", "=b", "c\nd"]),
    )
    def records_come_or_change(self, numbers: set[int], text: str) -> None:
        self._change(numbers, text)

    def _change(self, numbers: set[int], text: str) -> None:
        for number in numbers:
            if self.source.get(number) != text:
                self.source[number] = text
                self.settled.discard(number)
                self.gone.discard(number)

    # What we do.

    def _import(
        self, mode: WriteMode, guard: Any = lambda: None, *, newest_first: bool = False
    ) -> None:
        world = self.world
        client = SheetsClient(world.standin.url, world.key_file, clock=world.clock)
        tab = open_spreadsheet(client, world.id).tab_for(FLOW, CALLS, guard=guard)
        writer = tab.writer(mode, guard=guard, newest_first=newest_first)
        for number, text in self._wanted().items():
            writer.add(row(number, text))
        writer.finish()

    def _wanted(self) -> dict[int, str]:
        """What a run reads: nothing from before what was moved to archive tabs."""
        return {n: text for n, text in self.source.items() if n >= self.archived_before}

    @rule(
        mode=st.sampled_from([WriteMode.UPDATE, WriteMode.UPDATE, WriteMode.REPLACE]),
        fault=st.sampled_from(FAULTS),
        path=st.sampled_from(["/spreadsheets/", ":batchUpdate", "values:batchUpdate", "batchGet"]),
        newest_first=st.booleans(),
        most_typed=st.sampled_from([0, 3]),
        numbers=st.sets(NUMBERS, max_size=12),
        text=st.sampled_from(["", "a", "=b", "c\nd"]),
    )
    def refresh(
        self,
        mode: WriteMode,
        fault: str | None,
        path: str,
        newest_first: bool,
        most_typed: int,
        numbers: set[int],
        text: str,
    ) -> None:
        """After changes at the source; most_typed: with 0, rows on top come by the staging tab."""
        self._change(numbers, text)
        self.patch.setattr(newcomers_module, "_MOST_TYPED", most_typed)
        if fault:
            self.world.fault(fault, path=path, delay=0.01)
        before = [self._key(line) for line in self._lines()] if self._exists() else []
        scored = self._exists() and FORMULA in self._scores(first_record_only=True)
        self._import(mode, newest_first=newest_first)
        self.world.standin.state.faults.clear()
        self.settled = set(self._wanted())
        new = set(map(self._id, self._wanted())) - set(before)
        if scored:  # the formula beside the first record went along to every new one
            assert {self._score(line) for line in self._lines() if self._key(line) in new} <= {
                FORMULA
            }
        if newest_first and mode is WriteMode.UPDATE and any(before) and new:
            ids = [key for line in self._lines() if (key := self._key(line))]
            ours = [self._id(number) for number in self._wanted() if self._id(number) in new]
            assert ids[: len(ours)] == ours[::-1]

    @precondition(lambda self: self._exists() and any(map(self._key, self._lines())))
    @rule(newest_first=st.booleans())
    def replace_and_take_it_back(self, newest_first: bool) -> None:
        before, left = self._managed_cells(), dict(self.source)
        self.source = dict.fromkeys(list(self.source)[::2], "other") | {99: "new"}
        self._import(WriteMode.REPLACE, newest_first=newest_first)
        self.world.open().undo(FLOW, CALLS)
        self.source = left
        assert self._managed_cells() == before

    @precondition(lambda self: self.source)
    @rule(
        data=st.data(),
        fault=st.sampled_from([None, "lost", "drop", "429_user"]),
        path=st.sampled_from(["/spreadsheets/", ":batchUpdate", "batchGet"]),
        killed=st.booleans(),
    )
    def records_go(self, data: st.DataObject, fault: str | None, path: str, killed: bool) -> None:
        """They go at the source, and a run removes their rows, or is killed before it does."""
        numbers = data.draw(st.sets(st.sampled_from(sorted(self.source)), min_size=1, max_size=9))
        for number in numbers:
            del self.source[number]
            note = self.notes.pop(self._id(number), None)
            self.left_notes += [] if note is None else [note]
        self.settled -= numbers

        def guard() -> None:
            if killed:
                raise Killed

        if fault:
            self.world.fault(fault, path=path)
        try:
            tab = self.world.open().tab_for(FLOW, CALLS, guard=guard)
            writer = tab.writer(WriteMode.UPDATE, guard=guard)
            writer.retire(map(self._id, numbers), WhenGone.REMOVE, self.world.clock.now())
            self.gone |= numbers
        except Killed:
            pass
        self.world.standin.state.faults.clear()

    @rule(
        at=st.integers(1, 4),
        mode=st.sampled_from([WriteMode.UPDATE, WriteMode.REPLACE]),
        newest_first=st.booleans(),
    )
    def killed_refresh(self, at: int, mode: WriteMode, newest_first: bool) -> None:
        left = at

        def guard() -> None:
            nonlocal left
            left -= 1
            if not left:
                raise Killed

        try:
            self._import(mode, guard, newest_first=newest_first)
            self.settled = set(self._wanted())
        except Killed:
            self.settled = set()

    @precondition(lambda self: self._exists())
    @rule(
        before=st.integers(0, 12),
        fault=st.sampled_from([None, None, "lost", "drop", "429_user"]),
        killed=st.booleans(),
        stretches=st.sampled_from([2, 500]),
    )
    def old_rows_move(self, before: int, fault: str | None, killed: bool, stretches: int) -> None:
        """In portions of few stretches, or all at once; or the run is killed before the first."""
        before += self.archived_before
        self.patch.setattr(archive_module, "_STRETCHES", stretches)
        old = {
            key: self._cells_of(line)
            for line in self._lines()
            if (key := self._key(line)) and int(key) < int(self._id(before))
        }

        def guard() -> None:
            if killed:
                raise Killed

        if fault:
            self.world.fault(fault, path=":batchUpdate")
        try:
            tab = self.world.open().tab_for(FLOW, CALLS, guard=guard)
            moment = START + timedelta(minutes=before)
            moved = tab.archive(moment, "started_at", ArchiveBy.MONTH, guard=guard)
        except Killed:
            return
        finally:
            self.world.standin.state.faults.clear()
        assert moved == (0 if self.filtered else len(old))
        if self.filtered:
            return
        self.archived_before = before
        self.settled = {number for number in self.settled if number >= before}
        self.archived |= old
        for key in old:
            self.notes.pop(key, None)

    # What the user does.

    @precondition(lambda self: self._exists())
    @rule(place=st.integers(0, 6), descending=st.booleans())
    def sort(self, place: int, descending: bool) -> None:
        if any(line and not self._key(line) for line in self._lines()):
            return  # rows without a record would be sorted in among them: the user's own doing
        self.world.edit(sort_by(self.world.ours(), place, descending=descending))

    @precondition(lambda self: self._exists())
    @rule(first=st.integers(1, 30), count=st.integers(1, 4))
    def delete_some_rows(self, first: int, count: int) -> None:
        lines = self._lines()[first - 1 : first - 1 + count]
        gone = [self._key(line) for line in lines]
        for line in lines:
            if self._key(line) not in self.notes:
                self._forget_left_note(line)
        self.world.edit(delete_rows(self.world.ours(), first, first + count))
        for key in filter(None, gone):
            self.notes.pop(key, None)
            self.settled.discard(int(key) - 4_000_000_000)

    @precondition(lambda self: self._exists() and len(self._header()) < 12)
    @rule(at=st.integers(0, 6))
    def insert_a_column(self, at: int) -> None:
        self.world.edit(insert_columns(self.world.ours(), at))

    @precondition(lambda self: self._exists())
    @rule(title=st.sampled_from(["Anna", "Aircall – Calls", "It's mine"]))
    def rename_the_tab(self, title: str) -> None:
        self.world.edit(rename(self.world.ours(), title))

    @precondition(lambda self: self._exists())
    @rule(at=st.integers(0, 30), text=st.sampled_from(["x", "y", "z"]))
    def write_a_note(self, at: int, text: str) -> None:
        tab, lines = self.world.ours(), self._lines()
        if at >= len(lines) or not self._key(lines[at]):
            return
        if NOTES not in self._header():
            width = self.world.grid().column_count
            self.world.edit(append_columns(tab, 1))
            self.world.put(tab, 0, width, [[NOTES]])
        if self._key(lines[at]) not in self.notes:
            self._forget_left_note(lines[at])
        self.world.put(tab, at + 1, self._header().index(NOTES), [[text]])
        self.notes[self._key(lines[at])] = text

    @precondition(lambda self: self._exists())
    @rule(at=st.integers(0, 6))
    def edit_a_header(self, at: int) -> None:
        place = self._places()[COLUMNS[at].key]
        self.world.put(self.world.ours(), 0, place, [["edited"]])

    @precondition(lambda self: self._exists())
    @rule(first=st.integers(1, 20), hidden=st.booleans())
    def hide_some_rows(self, first: int, hidden: bool) -> None:
        where = {"sheetId": self.world.ours(), "dimension": "ROWS"}
        strip = {**where, "startIndex": first, "endIndex": first + 3}
        change = {"range": strip, "properties": {"hiddenByUser": hidden}, "fields": "hiddenByUser"}
        self.world.edit({"updateDimensionProperties": change})

    @precondition(lambda self: self._exists())
    @rule(text=st.sampled_from([None, "a"]))
    def filter(self, text: str | None) -> None:
        area = {"sheetId": self.world.ours(), "startRowIndex": 0, "startColumnIndex": 0}
        place = str(self._places()["note"])
        hidden = {} if text is None else {"criteria": {place: {"hiddenValues": [text]}}}
        self.world.edit({"setBasicFilter": {"filter": {"range": area, **hidden}}})
        self.filtered = text is not None

    @precondition(lambda self: self.archived)
    @rule(place=st.integers(0, 6), title=st.sampled_from(["2025", "Old ones"]))
    def sort_and_rename_an_archive(self, place: int, title: str) -> None:
        [tab] = self._archive_tabs()
        self.world.edit(sort_by(tab, place), rename(tab, title))

    @precondition(lambda self: self._exists())
    @rule(source=st.integers(0, 8), before=st.integers(0, 8))
    def move_a_column(self, source: int, before: int) -> None:
        width = self.world.grid().column_count
        if source >= width or before > width:
            return
        where = {"sheetId": self.world.ours(), "dimension": "COLUMNS"}
        strip = {**where, "startIndex": source, "endIndex": source + 1}
        if source <= before <= source + 1:
            return
        self.world.edit({"moveDimension": {"source": strip, "destinationIndex": before}})

    @precondition(lambda self: self._exists())
    @rule(index=st.integers(0, 1))
    def reorder_the_tabs(self, index: int) -> None:
        properties = {"sheetId": self.world.ours(), "index": index}
        self.world.edit({"updateSheetProperties": {"properties": properties, "fields": "index"}})

    @precondition(lambda self: self._exists())
    @rule()
    def write_a_formula_beside_the_first_record(self) -> None:
        tab = self.world.ours()
        if SCORES not in self._header():
            width = self.world.grid().column_count
            self.world.edit(append_columns(tab, 1))
            self.world.put(tab, 0, width, [[SCORES]])
        first = next((at for at, line in enumerate(self._lines(), 1) if self._key(line)), None)
        if first is None:
            return
        place = {"sheetId": tab, "rowIndex": first, "columnIndex": self._header().index(SCORES)}
        rows = [{"values": [{"userEnteredValue": {"formulaValue": FORMULA}}]}]
        cells = {"start": place, "rows": rows, "fields": "userEnteredValue"}
        self.world.edit({"updateCells": cells})

    @precondition(lambda self: self._exists() and self.copy is None)
    @rule()
    def copy_the_file(self) -> None:
        copy = World(self.world.standin, self.world.key_file)
        with copy.standin.state.change(copy.id) as book:
            source = copy.standin.state.books[self.world.id].copy()
            book.tabs[:] = source.tabs
            book.metadata = source.metadata
        self.copy = copy, self.world.ours(), self.world.cells()

    def teardown(self) -> None:
        """Every sequence ends with a refresh, for the machine leaves rules out at random."""
        self._change({1, 15, 39}, "last")
        self._import(WriteMode.UPDATE, newest_first=True)
        self.settled = set(self._wanted())
        self.every_settled_record_is_there_once_and_right()
        self.every_note_is_beside_its_record()
        self.there_are_no_tabs_left_over()

    # What must hold.

    @invariant()
    def a_copy_of_the_file_is_left_alone(self) -> None:
        if self.copy:
            copy, tab, cells = self.copy
            assert copy.cells(tab) == cells

    @invariant()
    def every_settled_record_is_there_once_and_right(self) -> None:
        if not self._exists():
            return
        places = [self._places()[column.key] for column in COLUMNS]
        found: dict[str, list[Any]] = {}
        for line in self._lines():
            if key := self._key(line):
                assert key not in found, "doubled"
                found[key] = [line[p] if p < len(line) else None for p in places]
        for number in self.settled:
            wanted: list[Value] = row(number, self.source[number])
            cells = found[str(wanted[0])]
            assert cells[6] == (wanted[6] or None)
            assert [cells[2], cells[3], cells[4], cells[5]] == wanted[2:6]

    @invariant()
    def every_note_is_beside_its_record(self) -> None:
        if not self._exists() or not self.notes:
            return
        place = self._header().index(NOTES)
        lines = {self._key(line): line for line in self._lines() if line}
        for key, text in self.notes.items():
            assert lines[key][place] == text

    @invariant()
    def rows_of_removed_records_are_gone_and_notes_beside_them_left(self) -> None:
        if not self._exists():
            return
        assert not {self._key(line) for line in self._lines()} & set(map(self._id, self.gone))
        texts = [note for line in self._lines() if (note := self._note(line))]
        assert sorted(texts) == sorted([*self.notes.values(), *self.left_notes])

    @invariant()
    def every_archived_record_is_there_once_with_its_note(self) -> None:
        found: dict[str, list[Any]] = {}
        for tab in self._archive_tabs():
            header, *lines = self.world.cells(tab)
            for line in lines:
                cells = self._cells_of(line, tab, header)
                assert cells[0] not in found, "doubled"
                found[str(cells[0])] = cells
        assert found == self.archived
        live = {self._key(line) for line in self._lines()} if self._exists() else set()
        assert not live & set(found)

    @invariant()
    def there_are_no_tabs_left_over(self) -> None:
        if self.settled:
            assert len(self.world.tabs()) == 2 + len(self._archive_tabs())

    def _archive_tabs(self) -> list[int]:
        metadata = self.world.standin.state.books[self.world.id].metadata
        return [tag.sheet_id or 0 for tag in metadata if tag.key == ARCHIVE_KEY]

    def _cells_of(
        self, line: list[Any], tab: int | None = None, header: list[Any] | None = None
    ) -> list[Any]:
        """A row's managed cells in the entity's order, and the user's note."""
        places = [self._places(tab)[column.key] for column in COLUMNS]
        header = header or self._header()
        noted = header.index(NOTES) if NOTES in header else len(line)
        return [line[p] if p < len(line) else None for p in [*places, noted]]

    def _managed_cells(self) -> list[list[Any]]:
        places = [self._places()[column.key] for column in COLUMNS]
        return [[line[p] if p < len(line) else None for p in places] for line in self._trimmed()]

    def _trimmed(self) -> list[list[Any]]:
        lines = self._lines()
        while lines and not self._key(lines[-1]):
            lines = lines[:-1]
        return lines

    def _scores(self, *, first_record_only: bool = False) -> list[str]:
        lines = [line for line in self._lines() if self._key(line)]
        return [self._score(line) for line in (lines[:1] if first_record_only else lines)]

    def _score(self, line: list[Any]) -> str:
        header = self._header()
        place = header.index(SCORES) if SCORES in header else len(line)
        cell = line[place] if place < len(line) else None
        return cell.text if isinstance(cell, Formula) else str(cell or "")

    def _exists(self) -> bool:
        return len(self.world.tabs()) > 1

    def _places(self, tab: int | None = None) -> dict[str, int]:
        book = self.world.standin.state.books[self.world.id]
        tab = tab or self.world.ours()
        tags = [tag for tag in book.metadata if tag.key == COLUMN_KEY and tag.sheet_id == tab]
        return {tag.value: tag.index for tag in tags}

    def _header(self) -> list[Any]:
        cells = self.world.cells()
        return cells[0] if cells else []

    def _lines(self) -> list[list[Any]]:
        return self.world.cells()[1:]

    def _id(self, number: int) -> str:
        return str(row(number)[0])

    def _note(self, line: list[Any]) -> str:
        header = self._header()
        place = header.index(NOTES) if NOTES in header else len(line)
        return str(line[place] or "") if place < len(line) else ""

    def _forget_left_note(self, line: list[Any]) -> None:
        if note := self._note(line):
            self.left_notes.remove(note)

    def _key(self, line: list[Any]) -> str:
        place = self._places()["id"]
        return str(line[place] or "") if place < len(line) else ""


@pytest.mark.timeout(280)
def test_the_tab_is_right_after_anything(
    standin: SheetsStandIn,
    key_file: Path,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert json.loads(key_file.read_text())["type"] == "service_account"

    class Model(TabModel):
        patch = monkeypatch
        world_maker = staticmethod(lambda: World(standin, key_file))

    request.addfinalizer(standin.state.faults.clear)
    budget = settings(
        max_examples=25,
        stateful_step_count=25,
        phases=[Phase.generate],  # against a real server, shrinking would take many minutes
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_machine(Model, settings=budget)
