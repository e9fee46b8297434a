"""What a cell holds after an import: exactly what came, and never a formula."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callsheet.sheets.cells import CUT_MARK
from sandbox.sheets.render import formatted
from tests.integration.test_sheets_writer.world import (
    CALLS,
    COLUMNS,
    World,
    append_columns,
    column,
    insert_columns,
    row,
)

HOSTILE = [
    "=1+1",
    '=IMPORTXML("http://evil.example";"//a")',
    "+33 1 86 95 00 00",
    "-1",
    "@SUM(A1)",
    "'quoted",
    "0042",
    "1e5",
    "TRUE",
    "2026-01-02",
    "a\tb\nc\r\nd",
    "  both ends  ",
    "👩‍👩‍👧‍👦 🇫🇷",
    "مرحبا \u202eabc",
    "zero\u200bwidth\ufeff",
    '"; {"a": [1]} \\ \\u0041',
    "\u2028\u2029",
    "x" * 50_000,
]


@pytest.mark.parametrize("mode_twice", [False, True], ids=["new", "changed"])
def test_hostile_texts_arrive_byte_for_byte(world: World, mode_twice: bool) -> None:
    if mode_twice:
        world.run([row(n, "before") for n in range(len(HOSTILE))])
    world.run([row(n, text, agent=text) for n, text in enumerate(HOSTILE)])

    cells = world.cells()[1:]
    assert [line[6] for line in cells] == HOSTILE
    assert [line[2] for line in cells] == HOSTILE
    [formulas] = world.client().read_ranges(world.id, ["'Aircall – Calls'!A1:G100"])
    assert [line[6] for line in formulas[1:]] == HOSTILE
    again = world.run([row(n, text, agent=text) for n, text in enumerate(HOSTILE)])
    assert again.unchanged == len(HOSTILE)


def test_what_a_cell_cannot_hold_does_not_stop_the_run(world: World) -> None:
    bad = [row(0, "a\x00b\ud800c"), row(1, "é" * 60_000), row(2, "😀" * 30_000)]
    bad[0][4] = float("nan")
    bad[1][3] = 10**20

    writer = world.run(bad)

    cells = world.cells()[1:]
    assert cells[0][6] == "a\ufffdb\ufffdc"
    assert [len(line) for line in cells] == [7, 7, 7]
    assert cells[0][4] is None
    assert cells[1][3] == str(10**20)
    for line in cells[1:]:
        assert line[6].endswith(CUT_MARK)
        assert len(line[6].encode("utf-16-le")) // 2 <= 50_000
    assert any("2 texts" in warning for warning in writer.warnings)
    assert world.run(bad).unchanged == 3


@pytest.mark.parametrize(
    "zone", ["Europe/Paris", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]
)
def test_date_times_show_the_wall_clock_across_both_changes(world: World, zone: str) -> None:
    place = World(world.standin, world.key_file, zone=zone)
    moments = [
        datetime(2026, month, day, hour, 30, 15, tzinfo=UTC)
        for month, day in [(3, 7), (3, 8), (3, 29), (4, 4), (10, 3), (10, 25), (11, 1)]
        for hour in range(0, 24, 5)
    ]
    batch = [row(n) for n in range(len(moments))]
    for line, moment in zip(batch, moments, strict=True):
        line[1] = moment

    place.run(batch)

    for line, moment in zip(place.cells()[1:], moments, strict=True):
        shown = datetime(1899, 12, 30, tzinfo=UTC) + timedelta(days=line[1])
        local = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=UTC)
        assert abs(shown - local) < timedelta(milliseconds=1)
    assert place.run(batch).unchanged == len(batch)


def test_a_new_tab_is_dressed(world: World) -> None:
    tab = world.tab()
    book = world.standin.state.books[world.id]
    [made] = [each for each in book.tabs if each.sheet_id == tab.id]
    assert made.grid.column_count == len(COLUMNS)
    assert made.grid_properties["frozenRowCount"] == 1
    assert made.basic_filter is not None
    assert all(each["warningOnly"] for each in made.objects["protectedRanges"])
    assert protected(world, tab.id) == [*range(len(COLUMNS))]
    assert made.objects["bandedRanges"]
    below = [made.grid.style(5, place).number_format for place in range(7)]
    assert [form and form["type"] for form in below] == [
        "TEXT",
        "DATE_TIME",
        "TEXT",
        "NUMBER",
        "NUMBER",
        None,
        "TEXT",
    ]
    assert formatted(125, made.grid.style(5, 3).number_format) == "125 s"
    head = made.grid.style(0, 0)
    assert head.format["textFormat"]["bold"] is True
    assert head.attributes["note"] == "What id means."


def protected(world: World, tab_id: int) -> list[int]:
    """The columns, from 0, whose change asks for a second thought."""
    tab = world.standin.state.books[world.id].tab(tab_id)
    assert tab is not None
    areas = [each["range"] for each in tab.list("protectedRanges")]
    return sorted(
        place for area in areas for place in range(area["startColumnIndex"], area["endColumnIndex"])
    )


def test_our_columns_stay_protected_and_those_of_people_open(world: World) -> None:
    tab = world.tab().id
    world.edit(insert_columns(tab, 2, 2), append_columns(tab, 1))
    wider = replace(CALLS, columns=(*COLUMNS, column("line")))

    world.tab(wider)

    assert protected(world, tab) == [0, 1, 4, 5, 6, 7, 8, 10]
    assert world.grid(tab).row(0)[10] == "Line"


def test_a_tab_of_chosen_and_renamed_columns_is_dressed_alike(world: World) -> None:
    long = "Everything that the agent has written down after the call"
    chosen = (COLUMNS[0], COLUMNS[3], replace(COLUMNS[6], header=long))

    tab = world.tab(replace(CALLS, columns=chosen)).id

    grid = world.grid(tab)
    assert grid.row(0) == ("Id", "Talking", long)
    assert formatted(7, grid.style(1, 1).number_format) == "7 s"
    assert [grid.style(0, place).attributes["note"] for place in (0, 2)] == [
        "What id means.",
        "What note means.",
    ]
    widths = [size.pixels for size in grid.column_sizes.expand(0, 3)]
    assert widths == [120, 120, 400]
    assert protected(world, tab) == [0, 1, 2]


def test_a_tab_is_made_with_one_read_and_one_write(world: World) -> None:
    world.tab()

    assert world.last is not None
    assert (world.last.reads, world.last.writes) == (1, 1)


def test_rows_added_to_the_grid_look_like_those_above(world: World) -> None:
    world.run([row(n) for n in range(150)])
    tab = world.ours()
    blue = {"numberFormat": {"type": "DATE", "pattern": "dd/mm"}}
    area = {"sheetId": tab, "startRowIndex": 1, "startColumnIndex": 1, "endColumnIndex": 2}
    cell = {"range": area, "cell": {"userEnteredFormat": blue}, "fields": "userEnteredFormat"}
    world.edit({"repeatCell": cell})

    world.run([row(n) for n in range(150, 600)])

    grid = world.grid()
    assert grid.row_count >= 601
    assert grid.style(grid.row_count - 1, 1).number_format == blue["numberFormat"]
    assert grid.style(grid.row_count - 1, 0).number_format["type"] == "TEXT"


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.text(st.characters(codec=None), max_size=40))
def test_any_text_settles(world: World, text: str) -> None:
    """Whatever the text, a second run finds nothing to change."""
    world.run([row(1, text)])
    assert world.run([row(1, text)]).unchanged == 1
