"""A flow whose columns change: more, fewer, renamed, in another order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from callsheet.data_flow import WriteMode
from callsheet.entity import Entity, Value
from callsheet.sheets.writer import TabWriter
from tests.integration.test_sheets_writer.world import (
    CALLS,
    COLUMNS,
    FLOW,
    World,
    append_columns,
    insert_columns,
    row,
    sort_by,
)

BY_KEY = {column.key: column for column in COLUMNS}
ALL = tuple(BY_KEY)


def chosen(*keys: str, **headers: str) -> Entity:
    """The entity with these columns only, in this order, some under another header."""
    columns = [replace(BY_KEY[key], header=headers.get(key, BY_KEY[key].header)) for key in keys]
    return replace(CALLS, columns=tuple(columns))


def bring(
    world: World,
    keys: Sequence[str],
    numbers: Sequence[int],
    note: str = "",
    mode: WriteMode = WriteMode.UPDATE,
    **headers: str,
) -> TabWriter:
    """One import of these columns."""
    lines: list[list[Value]] = []
    for number in numbers:
        cells = dict(zip(ALL, row(number, note, agent=f"Agent {number}"), strict=True))
        lines.append([cells[key] for key in keys])
    return world.run(lines, mode, entity=chosen(*keys, **headers))


def by_header(world: World) -> list[dict[str, object]]:
    """Rows as people read them, without empty cells."""
    header, *lines = world.cells()
    return [
        {str(h): cell for h, cell in zip(header, line, strict=False) if cell is not None}
        for line in lines
    ]


def test_columns_chosen_later_come_at_the_right(world: World) -> None:
    bring(world, ["id", "talking"], range(3))
    world.edit(append_columns(world.ours(), 1))
    world.put(world.ours(), 0, 2, [["Mine"], ["a"], ["b"]])

    writer = bring(world, ["id", "agent", "talking", "note"], [1, 3], "x")

    assert (writer.added, writer.updated) == (1, 1)
    assert world.cells()[0] == ["Id", "Talking", "Mine", "Agent", "Note"]
    found = by_header(world)
    assert found[0] == {"Id": "4000000000", "Talking": 0, "Mine": "a"}
    assert found[1] == {
        "Id": "4000000001", "Talking": 1, "Mine": "b", "Agent": "Agent 1", "Note": "x"
    }  # fmt: skip
    assert bring(world, ["id", "agent", "talking", "note"], [1, 3], "x").unchanged == 2
    assert world.last is not None
    assert world.last.writes == 0


def test_a_column_no_longer_chosen_stays_and_is_empty_in_rows_written_from_then_on(
    world: World,
) -> None:
    bring(world, ALL, range(3), "old")
    less = ["id", "talking", "note"]

    writer = bring(world, less, [1, 3], "new")

    assert (writer.added, writer.updated) == (1, 1)
    found = by_header(world)
    assert world.cells()[0] == [column.header for column in COLUMNS]
    assert found[0]["Agent"] == "Agent 0"
    assert found[1] == {"Id": "4000000001", "Talking": 1, "Note": "new"}
    assert found[3] == {"Id": "4000000003", "Talking": 3, "Note": "new"}

    [warning] = [text for text in writer.warnings if text.startswith("No longer filled")]
    assert "Started At, Agent, Cost, Archived" in warning

    again = bring(world, ALL, [1, 3], "new")  # chosen again: the same column is taken up
    assert again.updated == 2
    assert again.warnings == []
    assert world.grid().column_count == len(COLUMNS)
    assert by_header(world)[3]["Agent"] == "Agent 3"


def test_replace_empties_a_column_no_longer_chosen(world: World) -> None:
    bring(world, ALL, range(3), "old")

    bring(world, ["id", "talking"], [2, 7], mode=WriteMode.REPLACE)

    assert world.cells()[0] == [column.header for column in COLUMNS]
    assert by_header(world) == [
        {"Id": "4000000002", "Talking": 2},
        {"Id": "4000000007", "Talking": 7},
    ]


def test_replace_keeps_notes_though_a_column_is_no_longer_chosen(world: World) -> None:
    bring(world, ALL, range(3), "old")
    world.edit(append_columns(world.ours(), 1))
    world.put(world.ours(), 0, 7, [["Mine"], ["a"], ["b"], ["c"]])

    bring(world, ["id", "talking"], [2, 7], mode=WriteMode.REPLACE)

    assert by_header(world) == [
        {"Mine": "a"},
        {"Mine": "b"},
        {"Id": "4000000002", "Talking": 2, "Mine": "c"},
        {"Id": "4000000007", "Talking": 7},
    ]


@pytest.mark.parametrize("mode", list(WriteMode))
def test_a_chosen_header_takes_the_place_of_the_old(world: World, mode: WriteMode) -> None:
    bring(world, ALL, range(3), mode=mode)

    bring(world, ALL, range(3), mode=mode, agent="Who")

    assert world.cells()[0][:3] == ["Id", "Started At", "Who"]
    assert len(world.cells()) == 4
    if mode is not WriteMode.REPLACE:
        again = bring(world, ALL, range(3), mode=mode, agent="Who")
        assert again.unchanged == 3
        assert world.last is not None
        assert world.last.writes == 0


@pytest.mark.parametrize("mode", list(WriteMode))
def test_another_order_moves_nothing_in_the_tab(world: World, mode: WriteMode) -> None:
    bring(world, ALL, range(3), "x", mode=mode)
    before = world.cells()
    other = ["id", *reversed(ALL[1:])]

    bring(world, other, range(3), "x", mode=mode)

    assert world.cells() == before


def test_peek_shows_what_the_tab_holds(world: World) -> None:
    bring(world, ALL, range(40), "x")
    world.edit(sort_by(world.ours(), 0, descending=True))
    world.put(world.ours(), 3, 2, [["edited"]])
    writer = world.tab().writer(WriteMode.UPDATE)

    found = writer.peek(["4000000037", "4000000002", "99"])

    assert set(found) == {"4000000037", "4000000002"}
    assert list(found["4000000037"]) == list(ALL)
    assert found["4000000037"]["agent"] == "edited"
    assert found["4000000002"]["started_at"] == pytest.approx(46083 + 10 / 24 + 2 / 1440)
    assert found["4000000002"]["note"] == "x"
    assert world.last is not None
    assert (world.last.reads, world.last.writes) == (3, 0)  # file, keys, rows
    assert len(writer.keys()) == 40
    assert world.last.reads == 3


def test_peek_finds_rows_that_moved_and_shows_empty_cells(world: World) -> None:
    bring(world, ALL, range(10))
    writer = world.tab().writer(WriteMode.UPDATE)
    writer.keys()
    world.edit(sort_by(world.ours(), 0, descending=True))

    assert writer.peek(["4000000001"])["4000000001"]["talking"] == 1
    assert writer.peek(["4000000001"])["4000000001"]["note"] == ""


def test_peek_and_keys_of_a_new_tab_ask_nothing(world: World) -> None:
    writer = world.tab().writer(WriteMode.UPDATE)
    assert world.last is not None
    before = world.last.requests
    assert writer.peek(["1"]) == {}
    assert set(writer.keys()) == set()
    assert world.last.requests == before


def test_keys_before_a_moment(world: World) -> None:
    bring(world, ALL, range(10))
    world.put(world.ours(), 3, 1, [["no date"]])
    world.put(world.ours(), 4, 1, [[None]])
    moment = row(5)[1]
    writer = world.tab().writer(WriteMode.UPDATE)

    assert writer.keys_before("started_at", moment) == {  # type: ignore[arg-type]
        f"400000000{n}" for n in (0, 1, 4)
    }
    assert world.last is not None
    assert world.last.reads == 2
    assert writer.keys_before("unknown", moment) == set()  # type: ignore[arg-type]


def test_columns_made_anew_have_the_chosen_header(world: World) -> None:
    bring(world, ["id"], [1])
    bring(world, ["id", "agent"], [1], agent="Who")
    assert world.cells() == [["Id", "Who"], ["4000000001", "Agent 1"]]


def test_a_left_over_column_that_moved_is_emptied_where_it_stands_now(world: World) -> None:
    bring(world, ALL, range(3), "old")
    less = ["id", "talking"]
    tab = world.open().tab_for(FLOW, chosen(*less))
    writer = tab.writer(WriteMode.UPDATE)
    writer.keys()
    world.edit(insert_columns(tab.id, 4))
    world.put(tab.id, 0, 4, [["Mine"], ["a"], ["b"], ["c"]])

    writer.add(["4000000001", 99])
    writer.finish()

    assert by_header(world)[1] == {"Id": "4000000001", "Talking": 99, "Mine": "b"}
    assert [line["Mine"] for line in by_header(world)] == ["a", "b", "c"]
