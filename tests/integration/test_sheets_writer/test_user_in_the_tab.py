"""What a user does in our tab is respected: columns, order, titles, rows, content of their own."""

from __future__ import annotations

import random
from typing import Any

import pytest

from callsheet.data_flow import WriteMode
from callsheet.errors import KeyColumnMissing
from callsheet.sheets.facts import COLUMN_KEY
from tests.integration.test_sheets_writer.world import (
    CALLS,
    COLUMNS,
    FLOW,
    World,
    append_columns,
    delete_column,
    delete_rows,
    insert_columns,
    rename,
    row,
    rows,
    sort_by,
)


def test_columns_of_the_user_between_ours_and_at_the_right_survive(world: World) -> None:
    world.run(rows(range(10)))
    tab = world.ours()
    world.edit(insert_columns(tab, 2, 2), insert_columns(tab, 0), append_columns(tab, 1))
    notes = [[f"mine {n}"] for n in range(11)]
    for place in (0, 3, 10):
        world.put(tab, 0, place, notes)

    writer = world.run([row(4, "new note"), row(11)])

    assert (writer.added, writer.updated, writer.unchanged) == (1, 1, 0)
    cells = world.cells()
    assert [[line[0], line[3], line[10]] for line in cells[:11]] == [n * 3 for n in notes]
    assert cells[5][9] == "new note"
    assert cells[5][1] == "4000000004"
    assert [line[1] for line in cells[1:]] == [str(4_000_000_000 + n) for n in [*range(10), 11]]
    assert cells[11][0] is None


def test_moved_columns_are_followed(world: World) -> None:
    world.run(rows(range(3)))
    tab = world.ours()
    source = {"sheetId": tab, "dimension": "COLUMNS", "startIndex": 6, "endIndex": 7}
    world.edit({"moveDimension": {"source": source, "destinationIndex": 0}})

    writer = world.run([row(1, "moved")])

    assert (writer.added, writer.updated) == (0, 1)
    assert world.cells()[2][:2] == ["moved", "4000000001"]


def test_a_renamed_tab_is_found_and_its_old_title_left_to_others(world: World) -> None:
    world.run(rows(range(3)))
    tab = world.ours()
    world.edit(
        rename(tab, "Anna's calls"),
        {"addSheet": {"properties": {"sheetId": 77, "title": "Aircall – Calls"}}},
    )

    world.run([row(3)])

    assert len(world.cells(tab)) == 5
    assert world.cells(77) == []


def test_a_tab_renamed_while_we_write_is_found_again(world: World) -> None:
    world.run(rows(range(3)))
    tab = world.ours()
    writer = world.tab().writer(WriteMode.UPDATE)
    world.edit(rename(tab, "Elsewhere"))

    writer.add(row(1, "x"))
    writer.add(row(3))
    writer.finish()

    assert (writer.added, writer.updated) == (1, 1)
    assert world.cells(tab)[2][6] == "x"


def test_sorted_rows_stay_with_their_ids(world: World) -> None:
    world.run(rows(range(30)))
    world.edit(sort_by(world.ours(), 0, descending=True))

    writer = world.run([row(n, f"note {n}") for n in range(0, 30, 7)] + [row(30)])

    assert (writer.added, writer.updated) == (1, 5)
    for line in world.cells()[1:]:
        number = int(line[0]) - 4_000_000_000
        expected = f"note {number}" if number % 7 == 0 else None
        assert (line[6] if len(line) > 6 else None) == expected


@pytest.mark.parametrize(
    "action", ["sort", "insert column", "delete rows", "add rows above", "swap"]
)
def test_what_happens_between_our_looks_is_noticed(world: World, action: str) -> None:
    """The keys were read for the first rows; then the user acts; then come more rows."""
    world.run(rows(range(30)))
    tab = world.ours()
    writer = world.tab().writer(WriteMode.UPDATE)
    writer.add(row(0, "first"))
    writer.flush()
    above = {"sheetId": tab, "dimension": "ROWS", "startIndex": 1, "endIndex": 4}
    acts = {
        "sort": sort_by(tab, 0, descending=True),
        "insert column": insert_columns(tab, 1),
        "delete rows": delete_rows(tab, 3, 8),
        "add rows above": {"insertDimension": {"range": above}},
    }
    if action == "swap":  # in the middle: neither the header nor the last row shows it
        lines = world.cells()
        world.put(tab, 10, 0, [lines[15]])
        world.put(tab, 15, 0, [lines[10]])
    else:
        world.edit(acts[action])

    for number in (9, 20, 30):
        writer.add(row(number, "second"))
    writer.finish()

    header, *lines = world.cells()
    at_key, at_note = header.index("Id"), header.index("Note")
    notes = {line[at_key]: line[at_note] for line in lines if len(line) > at_note}
    second = [str(4_000_000_000 + n) for n in (9, 20, 30)]
    assert notes == {"4000000000": "first"} | dict.fromkeys(second, "second")
    keys = [line[at_key] for line in lines if line]
    assert len(keys) == len(set(keys)) == (26 if action == "delete rows" else 31)


def test_rows_moved_while_we_wait_for_the_quota_are_found_again(world: World) -> None:
    world.run(rows(range(30)))
    tab = world.ours()
    world.clock.while_asleep = lambda: world.edit(sort_by(tab, 0, descending=True))
    world.fault("429_user", path="values:batchUpdate")

    writer = world.run([row(3, "x"), row(30, "y")])

    assert len(world.clock.slept) == 1
    assert (writer.added, writer.updated) == (1, 1)
    notes = {line[0]: line[6] for line in world.cells()[1:] if len(line) > 6}
    assert notes == {"4000000003": "x", "4000000030": "y"}
    assert len(set(world.keys())) == 31


def test_deleted_rows_come_back_only_when_read_again(world: World) -> None:
    world.run(rows(range(10)))
    world.edit(delete_rows(world.ours(), 3, 6))

    writer = world.run(rows(range(4, 11)))

    assert writer.added == 2
    assert sorted(world.keys()) == [str(4_000_000_000 + n) for n in [0, 1, *range(4, 11)]]


def test_rows_without_id_and_content_below_are_the_users(world: World) -> None:
    world.run(rows(range(5)))
    tab = world.ours()
    world.put(tab, 6, 3, [["Total"], [600]])
    world.put(tab, 9, 6, [["my remark"]])

    world.run([row(2, "x"), *rows(range(5, 8))])

    cells = world.cells()
    assert cells[6:10] == [
        [None] * 3 + ["Total"],
        [None] * 3 + [600],
        [],
        [None] * 6 + ["my remark"],
    ]
    assert [line[0] for line in cells[10:]] == [str(4_000_000_000 + n) for n in range(5, 8)]


def test_tick_boxes_drawn_down_in_advance_do_not_hold_rows_back(world: World) -> None:
    world.run(rows(range(5)))
    tab = world.ours()
    world.edit(append_columns(tab, 2))
    height = world.grid(tab).row_count
    world.put(tab, 1, 7, [[False] for _ in range(height - 1)])
    world.put(tab, 1, 8, [[n] for n in range(height - 1)])

    world.run(rows(range(5, 8)))

    assert [line[0] for line in world.cells()[1:9]] == [str(4_000_000_000 + n) for n in range(8)]


def test_an_edited_header_is_put_back(world: World) -> None:
    world.run(rows(range(5)))
    world.put(world.ours(), 0, 2, [["Who"]])

    writer = world.run(rows(range(5)))

    assert writer.unchanged == 5
    assert world.cells()[0] == [column.header for column in COLUMNS]
    again = world.run(rows(range(5)))
    assert again.unchanged == 5
    assert world.last is not None
    assert world.last.writes == 0


def test_an_edited_header_is_put_back_once_a_run(world: World) -> None:
    world.run(rows(range(3)))
    world.put(world.ours(), 0, 2, [["mine"]])
    writer = world.tab().writer(WriteMode.UPDATE)

    for number in range(3, 6):
        writer.add(row(number))
        writer.flush()

    assert world.cells()[0][2] == "Agent"
    assert world.last is not None
    assert world.last.writes == 4  # the header with the first of three


def test_a_record_that_another_run_adds_meanwhile_is_not_added_again(world: World) -> None:
    world.run(rows(range(3)))
    writer = world.tab().writer(WriteMode.UPDATE)
    writer.add(row(3))
    writer.flush()
    world.run([row(4, "theirs")])

    for each in [row(4, "ours"), row(5)]:
        writer.add(each)
    writer.finish()

    assert world.keys() == [str(4_000_000_000 + number) for number in range(6)]
    assert world.cells()[5][6] == "ours"


def test_a_deleted_column_comes_back_at_the_right_end(world: World) -> None:
    world.run(rows(range(5)))
    tab = world.ours()
    world.edit(delete_column(tab, 2), append_columns(tab, 1))
    world.put(tab, 0, 6, [["Mine"], ["a"]])

    writer = world.run([row(1), row(5)])

    assert any("Agent" in warning for warning in writer.warnings)
    cells = world.cells()
    assert cells[0][6:] == ["Mine", "Agent"]
    assert cells[1][6:] == ["a"]
    assert [cells[2][7], cells[6][7]] == ["Ada", "Ada"]
    assert [cells[3][0], cells[3][2]] == ["4000000002", 2]
    assert world.run([row(1)]).unchanged == 1


def test_columns_of_a_newer_version_are_added_at_the_right(world: World) -> None:
    older = type(CALLS)("calls", "Calls", "", "/v1/calls", "calls", COLUMNS[:5])
    world.run([line[:5] for line in rows(range(5))], entity=older)
    world.edit(append_columns(world.ours(), 1))
    world.put(world.ours(), 0, 5, [["Mine"]])

    world.run([row(0, "hello")])

    assert world.cells()[0][5:] == ["Mine", "Archived", "Note"]
    assert world.cells()[1][6:] == [True, "hello"]


def test_a_deleted_key_column_is_refused_in_plain_words(world: World) -> None:
    world.run(rows(range(5)))
    world.edit(delete_column(world.ours(), 0))
    before = world.cells()

    with pytest.raises(KeyColumnMissing, match="key column") as caught:
        world.run(rows(range(6)))

    assert "Undo" in caught.value.user_message
    assert world.cells() == before


def test_a_copied_row_is_left_alone_with_a_warning(world: World) -> None:
    world.run(rows(range(5)))
    tab = world.ours()
    world.put(tab, 6, 0, [list(world.cells()[2])])

    writer = world.run([row(1, "x")])

    assert (writer.added, writer.updated) == (0, 1)
    assert world.cells()[2][6] == "x"
    assert len(world.cells()[6]) == 6
    assert any("repeat an id" in warning for warning in writer.warnings)


def test_a_key_turned_into_a_number_is_the_same_key(world: World) -> None:
    world.run(rows(range(5)))
    world.put(world.ours(), 2, 0, [[4_000_000_001.0]])

    writer = world.run(rows(range(5)))

    assert (writer.added, writer.updated, writer.unchanged) == (0, 1, 4)
    assert world.keys()[1] == "4000000001"


def test_a_tab_of_the_wanted_title_that_is_not_ours_is_not_touched(world: World) -> None:
    world.edit({"addSheet": {"properties": {"sheetId": 5, "title": "AIRCALL – calls"}}})
    world.put(5, 0, 0, [["keep"]])

    world.run(rows(range(2)))

    assert list(world.tabs()) == ["Sheet1", "AIRCALL – calls", "Aircall – Calls (2)"]
    assert world.cells(5) == [["keep"]]


def test_a_copy_of_the_tab_is_not_ours(world: World) -> None:
    world.run(rows(range(2)))
    tab = world.ours()
    world.edit({"duplicateSheet": {"sourceSheetId": tab, "newSheetId": 9, "insertSheetIndex": 0}})
    before = world.cells(9)

    world.run(rows(range(4)))

    assert world.ours() == tab
    assert world.cells(9) == before
    assert len(world.cells(tab)) == 5


def test_a_copied_file_gets_a_tab_of_its_own(world: World) -> None:
    world.run(rows(range(2)))
    original = world.id
    before = world.cells()
    copy = World(world.standin, world.key_file)
    with world.standin.state.change(copy.id) as book:
        source = world.standin.state.books[original].copy()
        book.tabs[:] = source.tabs
        book.metadata = source.metadata

    assert copy.open().find_tab(FLOW) is None
    copy.run(rows(range(4)))

    assert list(copy.tabs()) == ["Sheet1", "Aircall – Calls", "Aircall – Calls (2)"]
    assert copy.cells(copy.tabs()["Aircall – Calls"]) == before
    assert len(copy.cells()) == 5


def filter_of(world: World) -> Any:
    """The filter of our tab."""
    book = world.standin.state.books[world.id]
    tab = book.tab(world.ours())
    return tab.basic_filter if tab else None


@pytest.mark.parametrize("mode", [WriteMode.UPDATE, WriteMode.REPLACE])
def test_the_filter_takes_every_row_in_however_often_the_tab_grows(
    world: World, mode: WriteMode
) -> None:
    """Google ends the range of a filter where the grid ends when it is set."""
    for count in (300, 900):
        world.run(rows(range(count)), mode)

        grid = world.grid()
        assert grid.row_count > count
        assert filter_of(world)["range"]["endRowIndex"] == grid.row_count


def test_a_filter_that_hides_rows_is_left_as_it_is(world: World) -> None:
    world.run(rows(range(150)))
    area = {"sheetId": world.ours(), "startRowIndex": 0, "startColumnIndex": 0}
    wanted = {"range": area, "criteria": {"6": {"hiddenValues": ["x"]}}}
    world.edit({"setBasicFilter": {"filter": wanted}})
    before = filter_of(world)

    world.run(rows(range(150, 400)))

    assert filter_of(world) == before


@pytest.mark.parametrize("how", ["none", "part"])
def test_a_filter_of_the_users_own_choice_is_not_widened(world: World, how: str) -> None:
    world.run(rows(range(150)))
    tab = world.ours()
    area = {"sheetId": tab, "startRowIndex": 0, "endRowIndex": 50, "startColumnIndex": 0}
    own = {"setBasicFilter": {"filter": {"range": area}}}
    world.edit({"clearBasicFilter": {"sheetId": tab}} if how == "none" else own)
    before = filter_of(world)

    world.run(rows(range(150, 400)))

    assert filter_of(world) == before


def test_every_column_carries_its_tag(world: World) -> None:
    world.run(rows(range(2)))
    found = world.client().search_metadata(world.id, {"metadataKey": COLUMN_KEY})
    assert {item["metadataValue"] for item in found} == {column.key for column in COLUMNS}
    assert {item["visibility"] for item in found} == {"DOCUMENT"}


def test_scattered_rows_are_read_in_portions(world: World) -> None:
    numbers = list(range(3_000))
    random.Random(1).shuffle(numbers)
    world.run(rows(numbers))

    writer = world.run([row(n, "again") for n in range(0, 3_000, 20)])

    assert (writer.added, writer.updated) == (0, 150)
    assert world.run(rows(numbers)).updated == 150
