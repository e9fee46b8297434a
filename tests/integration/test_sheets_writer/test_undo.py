"""Undo: for a day, a person gets back what a replacing import has replaced."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from callsheet.data_flow import WriteMode
from callsheet.errors import NothingToUndo, TabMissing, UndoImpossible
from callsheet.sheets.client import SheetsClient, nothing
from callsheet.sheets.spreadsheet import open_spreadsheet
from callsheet.sheets.undo import Undone
from tests.integration.test_sheets_writer.world import (
    CALLS,
    COLUMNS,
    FLOW,
    HeardQuota,
    World,
    append_columns,
    delete_column,
    delete_rows,
    insert_columns,
    row,
    rows,
    sort_by,
)
from tests.integration.test_sheets_writer.world import column as made_column

REPLACE = WriteMode.REPLACE


class Killed(BaseException):
    """Ends an undo as a kill does."""


def undo(world: World, guard: Any = nothing) -> Undone:
    """What the button does."""
    return world.open().undo(FLOW, CALLS, guard=guard)


def test_the_data_before_a_replace_come_back_whole(world: World) -> None:
    world.run(rows(range(300), "old"), REPLACE)
    before, tab = world.cells(), world.ours()
    world.run(rows(range(7), "new"), REPLACE)

    done = undo(world)

    assert world.cells() == before
    note = world.grid().style(0, 0).attributes["note"]
    assert note.startswith("Taken back on ")
    assert note.endswith("\n\nWhat id means.")
    assert (done.tab_id, done.tab_title, done.records) == (tab, "Aircall – Calls", 300)
    assert abs(world.clock.now() - done.at) < timedelta(minutes=1)
    assert world.ours() == tab
    assert world.undo_tabs() == []
    assert world.last is not None
    assert (world.last.reads, world.last.writes) == (1, 1)
    with pytest.raises(NothingToUndo):
        undo(world)
    assert world.run(rows(range(300), "old")).unchanged == 300


def test_there_is_nothing_to_undo_before_the_first_replace(world: World) -> None:
    with pytest.raises(TabMissing):
        undo(world)
    world.run(rows(range(5)), REPLACE)
    with pytest.raises(NothingToUndo) as caught:
        undo(world)
    assert "Version history" in caught.value.user_message


def test_only_what_the_latest_replace_replaced_is_kept(world: World) -> None:
    for note in ("first", "second", "third"):
        world.run(rows(range(5), note), REPLACE)

    assert len(world.undo_tabs()) == 1
    undo(world)
    assert {line[6] for line in world.cells()[1:]} == {"second"}


def test_after_a_day_it_is_gone(world: World) -> None:
    world.run(rows(range(5), "old"), REPLACE)
    world.run(rows(range(5), "new"), REPLACE)
    world.clock.skipped += timedelta(days=1, minutes=1)

    with pytest.raises(NothingToUndo):
        undo(world)
    world.open().tab_for("another flow", CALLS, "Other")

    assert world.undo_tabs() == []


def test_a_run_in_another_mode_ends_what_can_be_undone(world: World) -> None:
    world.run(rows(range(5), "old"), REPLACE)
    world.run(rows(range(5), "new"), REPLACE)
    world.run([row(2, "later")])

    assert world.undo_tabs() == []
    with pytest.raises(NothingToUndo):
        undo(world)


def test_notes_are_beside_their_records_after_an_undo(world: World) -> None:
    world.run(rows(range(5), "old"))
    world.edit(insert_columns(world.ours(), 2), append_columns(world.ours(), 1))
    notes = [["Mine"], *[[f"note {n}"] for n in range(5)]]
    for place in (2, 8):
        world.put(world.ours(), 0, place, notes)
    before = world.cells()
    world.run([row(9), row(4, "x"), row(1)], REPLACE)

    undo(world)

    assert world.cells() == before


@pytest.mark.parametrize("act", ["sort", "delete", "add a column"])
def test_an_undo_that_would_mix_up_notes_is_refused(world: World, act: str) -> None:
    world.run(rows(range(5), "old"))
    if act != "add a column":
        world.edit(append_columns(world.ours(), 1))
        world.put(world.ours(), 0, 7, [["Mine"], ["a"], ["b"]])
    world.run([row(4, "x"), row(1), row(7)], REPLACE)
    acts = {
        "sort": sort_by(world.ours(), 6),
        "delete": delete_rows(world.ours(), 1, 2),
        "add a column": append_columns(world.ours(), 1),
    }
    world.edit(acts[act])
    before = world.cells()

    with pytest.raises(UndoImpossible):
        undo(world)

    assert world.cells() == before
    assert len(world.undo_tabs()) == 1


def test_columns_may_come_and_go_and_move_in_between(world: World) -> None:
    fewer = replace(CALLS, columns=(*COLUMNS[:3], COLUMNS[6]))
    lines = [[*line[:3], line[6]] for line in rows(range(5), "old")]
    world.run(lines, REPLACE, entity=fewer)
    world.run(rows(range(3), "new"), REPLACE)  # three columns more, at the right
    source = {"sheetId": world.ours(), "dimension": "COLUMNS", "startIndex": 3, "endIndex": 4}
    world.edit({"moveDimension": {"source": source, "destinationIndex": 0}})
    world.edit(delete_column(world.ours(), 3))  # the agent

    undo(world)

    assert world.cells()[0] == ["Note", "Id", "Started At", "Talking", "Cost", "Archived"]
    assert [line[:2] for line in world.cells()[1:]] == [["old", f"400000000{n}"] for n in range(5)]
    assert {len(line) for line in world.cells()[1:]} == {3}


def test_without_room_the_import_goes_on_and_says_so(world: World) -> None:
    world.run(rows(range(5), "old"), REPLACE)
    rest = 10_000_000 - 26_000 - 200 * 7 - 2_000
    big = {"sheetId": 9, "title": "Big", "gridProperties": {"rowCount": rest, "columnCount": 1}}
    world.edit({"addSheet": {"properties": big}})

    writer = world.run(rows(range(5), "new"), REPLACE)

    assert any("cannot be undone" in text for text in writer.warnings)
    assert {line[6] for line in world.cells()[1:]} == {"new"}
    assert world.undo_tabs() == []


@pytest.mark.parametrize("kind", ["lost", "drop", "502_html", "429_user"])
def test_a_fault_at_any_request_of_an_undo_leaves_no_trace(world: World, kind: str) -> None:
    for struck in (1, 2):
        world.run(rows(range(50), "old"), REPLACE)
        before = world.cells()
        world.run(rows(range(7), "new"), REPLACE)
        sent = 0

        def strike(_way: str, struck: int = struck) -> None:
            nonlocal sent
            sent += 1
            if sent == struck:
                world.fault(kind)

        client = SheetsClient(
            world.standin.url,
            world.key_file,
            clock=world.clock,
            quota=HeardQuota(world.clock, strike),
        )
        open_spreadsheet(client, world.id).undo(FLOW, CALLS)
        assert world.cells() == before
        assert world.undo_tabs() == []


def test_a_killed_undo_has_done_nothing_and_may_be_repeated(world: World) -> None:
    world.run(rows(range(50), "old"), REPLACE)
    before = world.cells()
    world.run(rows(range(7), "new"), REPLACE)
    after = world.cells()

    def guard() -> None:
        raise Killed

    with pytest.raises(Killed):
        undo(world, guard)
    assert world.cells() == after
    undo(world)
    assert world.cells() == before


def test_columns_of_a_run_that_was_killed_are_empty_after_an_undo(world: World) -> None:
    world.run(rows(range(5), "old"), REPLACE)
    world.run(rows(range(5), "new"), REPLACE)
    more = replace(CALLS, columns=(*COLUMNS, made_column("later")))
    left = 3

    def guard() -> None:
        nonlocal left
        left -= 1
        if not left:  # after the column and the rows, before the rest
            raise Killed

    with pytest.raises(Killed):
        world.run([[*row(n), "x"] for n in range(5)], entity=more, guard=guard)
    assert world.cells()[1][7] == "x"
    undo(world)

    assert [line[6] for line in world.cells()[1:]] == ["old"] * 5
    assert [line[7:] for line in world.cells()] == [["Later"], *[[]] * 5]


def test_a_copied_file_does_not_undo_from_the_originals_tab(world: World) -> None:
    world.run(rows(range(5), "old"), REPLACE)
    world.run(rows(range(5), "new"), REPLACE)
    copy = World(world.standin, world.key_file)
    with world.standin.state.change(copy.id) as book:
        source = world.standin.state.books[world.id].copy()
        book.tabs[:] = source.tabs
        book.metadata = source.metadata
    copy.run(rows(range(5), "new"), REPLACE)

    with pytest.raises(NothingToUndo):
        copy.open().undo(FLOW, CALLS)


@pytest.mark.parametrize("mode", list(WriteMode))
@pytest.mark.parametrize("newest_first", [False, True])
def test_every_write_of_every_mode_and_of_an_undo_is_guarded(
    world: World, mode: WriteMode, newest_first: bool
) -> None:
    """The guard is asked after all waiting, right before each try, also of a try again."""
    order: list[str] = []

    def guard() -> None:
        order.append("guard")

    for batch in (rows(range(20)), [*rows(range(5, 30), "x")], []):
        world.fault("503_html", path=":batchUpdate", method="POST")
        spreadsheet = world.open(quota=HeardQuota(world.clock, order.append))
        writer = spreadsheet.tab_for(FLOW, CALLS, guard=guard).writer(
            mode, guard=guard, newest_first=newest_first
        )
        for each in batch:
            writer.add(each)
        writer.finish()
        world.standin.state.faults.clear()
    if mode is REPLACE:
        world.open(quota=HeardQuota(world.clock, order.append)).undo(FLOW, CALLS, guard=guard)

    writes = [at for at, what in enumerate(order) if what == "write"]
    assert len(writes) >= 4
    assert all(order[at + 1] == "guard" for at in writes)
    assert order.count("guard") == len(writes)
