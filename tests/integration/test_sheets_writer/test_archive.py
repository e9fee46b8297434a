"""Old rows move to archive tabs: all of them, each once, with what people wrote beside them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from callsheet.entity import Value
from callsheet.errors import SpreadsheetFull
from callsheet.options import ArchiveBy
from callsheet.sheets import archive as archive_module
from callsheet.sheets.facts import ARCHIVE_KEY
from callsheet.sheets.file import MAX_CELLS
from callsheet.sheets.freshness import Freshness
from tests.integration.test_sheets_writer.world import (
    CALLS,
    COLUMNS,
    FLOW,
    HeardQuota,
    World,
    append_columns,
    column,
    delete_rows,
    insert_columns,
    rename,
    row,
    sort_by,
)

JANUARY = datetime(2026, 1, 31, 22, 30, tzinfo=UTC)  # 23:30 in Paris
MARCH = datetime(2026, 2, 28, 23, 0, tzinfo=UTC)  # the first of March in Paris
APRIL = datetime(2026, 3, 31, 22, 0, tzinfo=UTC)
HALF_DAY = timedelta(hours=12)


class Killed(BaseException):
    """Ends a run as a kill does: nothing of ours catches it."""


def calls(count: int = 120, start: datetime = JANUARY, first: int = 0) -> list[list[Value]]:
    """A call every twelve hours, from the last evening of January on."""
    found = []
    for number in range(count):
        line = row(first + number)
        line[1] = start + number * HALF_DAY
        found.append(line)
    return found


def archive(
    world: World,
    before: datetime = MARCH,
    by: ArchiveBy = ArchiveBy.MONTH,
    guard: Callable[[], None] = lambda: None,
) -> int:
    """Archive as a new run does, after its rows are written."""
    return world.tab().archive(before, "started_at", by, guard=guard)


def archives(world: World) -> dict[str, int]:
    """Ids of the flow's archive tabs in this file by period, looked up without a request."""
    found = {}
    for tag in world.standin.state.books[world.id].metadata:
        if tag.key == ARCHIVE_KEY:
            value = json.loads(tag.value)
            if (value["spreadsheet"], value["tab"]) == (world.id, tag.sheet_id):
                found[value["period"]] = int(value["tab"])
    return found


def by_key(world: World) -> dict[str, list[Any]]:
    """All rows of all tabs by their key; each must stand in one place. Shorter by empty ends."""
    found: dict[str, list[Any]] = {}
    for tab_id in [world.ours(), *archives(world).values()]:
        header, *lines = world.cells(tab_id)
        place = header.index("Id")
        for line in lines:
            assert line[place] not in found
            found[line[place]] = line
    return found


def noted(world: World) -> None:
    """Put a column of notes between ours and one at the right, beside every call."""
    tab = world.ours()
    world.edit(insert_columns(tab, 2), append_columns(tab, 1))
    count = len(world.cells()) - 1
    keys = world.keys()
    world.put(tab, 0, 2, [["Score"], *[[f"score {key}"] for key in keys]])
    world.put(tab, 0, 8, [["Notes"], *[[f"note {key}"] for key in keys]])
    assert count == len(keys)


def test_old_rows_move_to_a_tab_a_month_by_the_files_own_clock(world: World) -> None:
    world.run(calls())
    before = by_key(world)

    moved = archive(world)

    assert moved == 57
    assert [*world.tabs()][1:] == [
        "Aircall – Calls",
        "Aircall – Calls – 2026-01",
        "Aircall – Calls – 2026-02",
    ]
    assert len(world.cells(archives(world)["2026-01"])) == 1 + 1
    assert len(world.cells(archives(world)["2026-02"])) == 1 + 56
    assert len(world.cells()) == 1 + 120 - 57
    assert by_key(world) == before


def test_by_year_there_is_one_tab(world: World) -> None:
    world.run(calls())

    assert archive(world, by=ArchiveBy.YEAR) == 57

    assert list(archives(world)) == ["2026"]


def test_an_archive_tab_looks_like_its_own_and_holds_no_empty_rows(world: World) -> None:
    world.run(calls())
    world.tab().stamp(Freshness(APRIL, APRIL, APRIL, 120))

    archive(world)

    tab = world.standin.state.books[world.id].tab(archives(world)["2026-02"])
    assert tab is not None
    assert tab.grid.row_count == 57
    assert tab.grid_properties["frozenRowCount"] == 1
    assert tab.basic_filter is not None
    assert tab.list("bandedRanges")
    assert not tab.list("conditionalFormats")
    assert tab.grid.style(0, 0).attributes["note"] == "What id means."
    form = tab.grid.style(20, 1).number_format
    assert form is not None
    assert form["type"] == "DATE_TIME"


def test_notes_and_scores_of_people_go_along(world: World) -> None:
    world.run(calls())
    noted(world)

    archive(world)

    for tab_id in archives(world).values():
        header, *lines = world.cells(tab_id)
        assert (header[2], header[8]) == ("Score", "Notes")
        for line in lines:
            assert (line[2], line[8]) == (f"score {line[0]}", f"note {line[0]}")


def test_the_filter_of_an_archive_tab_takes_later_rows_in(world: World) -> None:
    world.run(calls())
    archive(world, before=JANUARY + timedelta(days=10), by=ArchiveBy.YEAR)

    archive(world, by=ArchiveBy.YEAR)

    tab = world.standin.state.books[world.id].tab(archives(world)["2026"])
    assert tab is not None
    assert tab.basic_filter is not None
    assert tab.basic_filter["range"]["endRowIndex"] == tab.grid.row_count == 58


def test_later_rows_go_below_and_columns_find_their_places(world: World) -> None:
    world.run(calls())
    archive(world, MARCH - timedelta(days=10))
    tab = world.ours()
    noted(world)
    source = {"sheetId": tab, "dimension": "COLUMNS", "startIndex": 6, "endIndex": 7}
    world.edit({"moveDimension": {"source": source, "destinationIndex": 0}})
    wider = replace(CALLS, columns=(*COLUMNS, column("line")))
    february = archives(world)["2026-02"]
    world.edit(rename(february, "Old ones"))
    expected = len(world.cells(february))

    moved = world.tab(wider).archive(MARCH, "started_at", ArchiveBy.MONTH)

    assert moved == 20
    header, *lines = world.cells(february)
    assert header == [c.header for c in COLUMNS] + ["Score", "Notes", "Line"]
    assert len(lines) == expected - 1 + 20
    assert [line[8] for line in lines[-20:]] == [f"note {line[0]}" for line in lines[-20:]]
    assert [line[1] for line in lines] == sorted(line[1] for line in lines)


def test_done_once_nothing_is_asked_again_until_the_month_is_over(world: World) -> None:
    world.run(calls())
    archive(world)

    assert archive(world) == 0
    assert world.last is not None
    assert (world.last.reads, world.last.writes) == (1, 0)
    assert archive(world, APRIL) == 61
    facts = world.open().find_tab(FLOW)
    assert facts is not None
    assert facts.archived_until == APRIL


def test_a_shuffled_tab_is_sorted_out(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_module, "_STRETCHES", 7)
    world.run(calls())
    noted(world)
    world.edit(sort_by(world.ours(), 4))
    before = by_key(world)

    assert archive(world) == 57

    assert by_key(world) == before
    assert {len(line) for line in by_key(world).values()} == {9}


@pytest.mark.parametrize("at", [2, 3, 4])
def test_rows_that_move_while_we_look_are_looked_for_again(world: World, at: int) -> None:
    world.run(calls())
    noted(world)
    before = by_key(world)
    sent = 0

    def sort(_way: str) -> None:
        nonlocal sent
        sent += 1
        if sent == at:
            world.edit(sort_by(world.ours(), 1, descending=True))

    tab = world.tab(quota=HeardQuota(world.clock, sort))

    assert tab.archive(MARCH, "started_at", ArchiveBy.MONTH) == 57

    assert by_key(world) == before
    assert len(world.cells()) == 1 + 120 - 57
    limit = min(line[1] for line in world.cells()[1:])
    assert all(
        line[1] < limit for tab_id in archives(world).values() for line in world.cells(tab_id)[1:]
    )


def test_a_tab_of_which_everything_is_old_keeps_its_header(world: World) -> None:
    world.run(calls(20))
    world.edit(delete_rows(world.ours(), 21, 200))

    assert archive(world) == 20

    assert world.cells() == [[each.header for each in COLUMNS]]
    world.run(calls(2, MARCH, 500))
    assert len(world.cells()) == 3


def test_while_a_filter_hides_rows_all_stay(world: World) -> None:
    world.run(calls())
    area = {"sheetId": world.ours(), "startRowIndex": 0}
    hidden = [{"columnIndex": 2, "filterCriteria": {"hiddenValues": ["Ada"]}}]
    world.edit({"setBasicFilter": {"filter": {"range": area, "filterSpecs": hidden}}})
    tab = world.tab()

    assert tab.archive(MARCH, "started_at", ArchiveBy.MONTH) == 0

    assert "filter" in tab.warnings[0]
    world.edit({"setBasicFilter": {"filter": {"range": area}}})
    assert archive(world) == 57


def test_a_full_file_is_told_before_anything_is_sent(world: World) -> None:
    world.run(calls())
    properties = {"rowCount": 1, "columnCount": 1}
    spare = MAX_CELLS - world.open().facts.cells - 10
    properties["rowCount"] = spare
    world.edit({"addSheet": {"properties": {"title": "big", "gridProperties": properties}}})

    with pytest.raises(SpreadsheetFull):
        archive(world)

    assert archives(world) == {}
    assert len(world.cells()) == 121


def test_archives_of_a_copied_file_are_not_ours(world: World) -> None:
    world.run(calls())
    archive(world)
    copy = World(world.standin, world.key_file)
    with world.standin.state.change(copy.id) as book:
        source = world.standin.state.books[world.id].copy()
        book.tabs, book.metadata = source.tabs, source.metadata
    copied = {title: copy.cells(tab_id) for title, tab_id in copy.tabs().items() if tab_id}

    copy.run(calls())
    assert archive(copy) == 57

    assert {title: copy.cells(copy.tabs()[title]) for title in copied} == copied
    assert "Aircall – Calls (2) – 2026-02" in copy.tabs()


@pytest.fixture
def _small_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_module, "_MOST_ROWS", 25)


@pytest.mark.usefixtures("_small_portions")
@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", ["lost", "drop", "502_html"])
def test_a_fault_at_any_request_loses_and_doubles_nothing(world: World, kind: str) -> None:
    for struck in range(1, 40):
        place = World(world.standin, world.key_file)
        place.run(calls())
        noted(place)
        before = by_key(place)
        sent = 0

        def strike(_way: str, place: World = place, struck: int = struck) -> None:
            nonlocal sent
            sent += 1
            if sent == struck:
                place.fault(kind)

        tab = place.tab(quota=HeardQuota(place.clock, strike))
        moved = tab.archive(MARCH, "started_at", ArchiveBy.MONTH)

        assert place.standin.state.faults.waiting() == []
        assert moved == 57, f"request {struck}"
        assert by_key(place) == before, f"request {struck}"
        assert len(place.cells()) == 1 + 120 - 57
        if sent < struck:
            break
    else:
        raise AssertionError("it never ends")


@pytest.mark.usefixtures("_small_portions")
def test_killed_before_any_write_and_run_again_nothing_is_lost_or_doubled(world: World) -> None:
    killed_at = 0
    while True:
        killed_at += 1
        place = World(world.standin, world.key_file)
        place.run(calls())
        noted(place)
        before = by_key(place)
        passed = 0

        def guard(killed_at: int = killed_at) -> None:
            nonlocal passed
            passed += 1
            if passed == killed_at:
                raise Killed

        try:
            archive(place, guard=guard)
        except Killed:
            assert by_key(place) == before
            archive(place)
        assert by_key(place) == before
        assert len(place.cells()) == 1 + 120 - 57
        if passed < killed_at:
            break
    assert killed_at > 3
