"""Replace mode swaps the whole table at one stroke; append mode never touches what stands."""

from __future__ import annotations

import threading

import pytest

from callsheet.data_flow import WriteMode
from callsheet.errors import DestinationUnavailable
from callsheet.sheets import writer as writer_module
from callsheet.sheets.client import SheetsClient
from tests.integration.test_sheets_writer.world import (
    CALLS,
    COLUMNS,
    FLOW,
    World,
    append_columns,
    row,
    rows,
    sort_by,
)


def test_replace_leaves_these_rows_and_no_others(world: World) -> None:
    world.run(rows(range(500)), WriteMode.REPLACE)
    tab = world.ours()

    writer = world.run([row(7), row(3), row(900)], WriteMode.REPLACE)

    assert (writer.added, writer.updated) == (1, 2)
    assert world.ours() == tab
    assert world.keys() == ["4000000007", "4000000003", "4000000900"]
    assert list(world.tabs()) == ["Sheet1", "Aircall – Calls"]
    assert world.cells()[0] == [column.header for column in COLUMNS]


def test_replace_with_nothing_empties_the_tab(world: World) -> None:
    world.run(rows(range(5)))

    world.run([], WriteMode.REPLACE)

    assert world.cells() == [[column.header for column in COLUMNS]]


def test_replace_keeps_notes_beside_their_records(world: World) -> None:
    world.run(rows(range(5)))
    tab = world.ours()
    world.edit(append_columns(tab, 1))
    world.put(tab, 0, 7, [["Mine"], *[[f"note {n}"] for n in range(5)]])

    world.run([row(9), row(4, "x"), row(1)], WriteMode.REPLACE)

    cells = world.cells()
    assert [line[0] for line in cells[1:]] == [
        None,
        "4000000001",
        None,
        None,
        "4000000004",
        "4000000009",
    ]
    assert [line[7] for line in cells[1:6]] == [f"note {n}" for n in range(5)]
    assert cells[5][6] == "x"


def test_rows_moved_during_a_replace_run_stop_it_unharmed(world: World) -> None:
    world.run(rows(range(5)))
    tab = world.ours()
    world.edit(append_columns(tab, 1))
    writer = world.tab().writer(WriteMode.REPLACE)
    writer.add(row(1, "x"))
    writer.flush()
    world.edit(sort_by(tab, 0, descending=True))
    before = world.cells()

    with pytest.raises(DestinationUnavailable, match="moved"):
        writer.finish()

    assert world.cells() == before
    world.run([row(1, "x")], WriteMode.REPLACE)
    assert list(world.tabs()) == ["Sheet1", "Aircall – Calls"]


def test_a_reader_never_sees_a_mixed_or_empty_table(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module, "FLUSH_AT", 10_000)
    world.run(rows(range(300), "old"), WriteMode.REPLACE)
    seen: list[set[str]] = []
    done = threading.Event()
    client = SheetsClient(world.standin.url, world.key_file, clock=world.clock)

    def look() -> None:
        while not done.is_set():
            [found] = client.read_ranges(world.id, ["'Aircall – Calls'!A2:G1000"])
            seen.append({str(line[6]) if len(line) > 6 else "" for line in found})
            assert len(found) in {300, 400}

    reader = threading.Thread(target=look)
    reader.start()
    try:
        world.run(rows(range(400), "new"), WriteMode.REPLACE)
        world.open().undo(FLOW, CALLS)
    finally:
        done.set()
        reader.join()

    assert set().union(*seen) <= {"old", "new"}
    assert {line[6] for line in world.cells()[1:]} == {"old"}
    assert all(len(notes) == 1 for notes in seen)


def test_staging_tabs_are_hidden_and_swept_by_the_next_run(world: World) -> None:
    tab = world.tab()
    writer = tab.writer(WriteMode.REPLACE)
    writer.add(row(1))
    writer.flush()
    [staging] = world.open().facts.stagings()
    book = world.standin.state.books[world.id]
    [hidden] = [each for each in book.tabs if each.sheet_id == staging.id]
    assert hidden.properties["hidden"] is True

    other = world.open().tab_for("flow-2", tab.entity, "Other")
    assert staging.id in world.tabs().values()
    assert other.id != tab.id
    world.open().tab_for(FLOW, tab.entity)
    assert staging.id not in world.tabs().values()


def test_append_adds_and_never_changes(world: World) -> None:
    world.run(rows(range(5)), WriteMode.APPEND)

    writer = world.run([row(2, "changed"), row(5)], WriteMode.APPEND)
    again = world.run([row(2, "changed"), row(5)], WriteMode.APPEND)

    assert (writer.added, writer.updated, writer.unchanged) == (1, 0, 1)
    assert (again.added, again.updated, again.unchanged) == (0, 0, 2)
    assert [line[0] for line in world.cells()[1:]] == [str(4_000_000_000 + n) for n in range(6)]
    assert len(world.cells()[3]) == 6


def test_replace_newest_first_turns_the_order_round(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module, "FLUSH_AT", 5_000)
    for expected in (None, 600, 10):
        tab = world.open().tab_for(FLOW, CALLS)
        writer = tab.writer(WriteMode.REPLACE, expected_rows=expected, newest_first=True)
        for each in [*rows(range(450)), row(3, "again")]:
            writer.add(each)
        writer.finish()

        assert world.keys() == [str(4_000_000_000 + n) for n in range(449, -1, -1)]
        assert world.cells()[450 - 3][6] == "again"


def test_replace_takes_the_users_formula_to_new_rows(world: World) -> None:
    world.run(rows(range(3)))
    tab = world.ours()
    world.edit(append_columns(tab, 1))
    value = {"userEnteredValue": {"formulaValue": "=E2*2"}}
    start = {"sheetId": tab, "rowIndex": 1, "columnIndex": 7}
    cells = {"start": start, "rows": [{"values": [value]}], "fields": "userEnteredValue"}
    world.edit({"updateCells": cells})

    world.run([row(2), row(7), row(8)], WriteMode.REPLACE)

    found = [line[7].text if len(line) > 7 else None for line in world.cells()[1:]]
    assert found == ["=E2*2", None, None, "=E5*2", "=E6*2"]
