"""Update mode: what a person finds in the tab after imports and refreshes."""

from __future__ import annotations

from tests.integration.test_sheets_writer.world import COLUMNS, World, row, rows


def test_a_first_import_fills_a_new_tab(world: World) -> None:
    writer = world.run(rows(range(10)))

    assert (writer.added, writer.updated, writer.unchanged) == (10, 0, 0)
    assert list(world.tabs()) == ["Sheet1", "Aircall – Calls"]
    cells = world.cells()
    assert cells[0] == [column.header for column in COLUMNS]
    assert [line[0] for line in cells[1:]] == [str(4_000_000_000 + n) for n in range(10)]
    # 2026-03-02 10:00 in Paris, an hour ahead of UTC in winter.
    assert cells[1][1] == 46083 + 10 / 24
    assert cells[1][5] is True
    assert world.last is not None


def test_a_second_run_writes_nothing(world: World) -> None:
    world.run(rows(range(10)))

    writer = world.run(rows(range(10)))

    assert (writer.added, writer.updated, writer.unchanged) == (0, 0, 10)
    assert world.last is not None
    assert world.last.writes == 0
    assert world.last.reads == 3


def test_changed_and_new_rows_and_no_others(world: World) -> None:
    world.run(rows(range(20)))

    writer = world.run([row(3, "called back"), row(4), row(20)])

    assert (writer.added, writer.updated, writer.unchanged) == (1, 1, 1)
    cells = world.cells()
    assert cells[4][6] == "called back"
    assert len(cells) == 22
    assert world.last is not None
    assert (world.last.reads, world.last.writes) == (3, 1)
