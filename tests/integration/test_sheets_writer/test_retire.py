"""Rows of records that are gone are kept, marked or removed, and nothing else is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from callsheet.data_flow import WriteMode
from callsheet.entity import Entity, Kind, Value
from callsheet.errors import TabProtected
from callsheet.options import WhenGone
from callsheet.sheets import retire as retire_module
from callsheet.sheets.client import nothing
from callsheet.sheets.spreadsheet import open_spreadsheet
from callsheet.sheets.writer import TabWriter
from tests.integration.test_sheets_writer.late import LateWire
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
    row,
    rows,
    sort_by,
)

MARKED = Entity(
    "calls",
    "Calls",
    "",
    "/v1/calls",
    "calls",
    (*COLUMNS, column("removed_at", Kind.DATE_TIME)),
)
MOMENT = datetime(2026, 3, 9, 11, 0, tzinfo=UTC)
SERIAL = 46090.5  # noon in Paris


class Killed(BaseException):
    """Ends a run as a kill does: nothing of ours catches it."""


def key(number: int) -> str:
    """The id of a call."""
    return str(4_000_000_000 + number)


def marked(*numbers: int, note: str = "") -> list[list[Value]]:
    """Some calls that the source has."""
    return [[*row(number, note), None] for number in numbers]


def fill(world: World, count: int = 20) -> None:
    """A first import."""
    world.run(marked(*range(count)), entity=MARKED)


def retire(
    world: World,
    numbers: list[int],
    when: WhenGone,
    *,
    guard: Callable[[], None] = nothing,
    at_request: Callable[[str], None] = lambda _way: None,
) -> TabWriter:
    """One run that brings nothing and retires some."""
    quota = HeardQuota(world.clock, at_request)
    spreadsheet = open_spreadsheet(world.client(quota=quota), world.id)
    writer = spreadsheet.tab_for(FLOW, MARKED, guard=guard).writer(WriteMode.UPDATE, guard=guard)
    writer.retire([key(number) for number in numbers], when, MOMENT)
    writer.finish()
    return writer


def marks(world: World) -> dict[Any, Any]:
    """What stands in the column of the marks, by key, of rows where something does."""
    header, *lines = world.cells()
    key_at, at = header.index("Id"), header.index("Removed At")
    return {line[key_at]: line[at] for line in lines if len(line) > at and line[at] is not None}


@pytest.fixture
def worlds(world: World) -> Iterator[Callable[[], World]]:
    """Spreadsheets as many as wanted."""
    return lambda: World(world.standin, world.key_file)


def test_kept_rows_cost_nothing(world: World) -> None:
    fill(world)
    before = world.cells()
    writer = retire(world, [1, 2], WhenGone.KEEP)
    assert writer.retired == 0
    assert world.cells() == before
    assert world.client().requests == 0


def test_marks_are_written_once_and_taken_away_when_the_record_is_back(world: World) -> None:
    fill(world)

    first = retire(world, [3, 5, 99], WhenGone.MARK)
    assert first.retired == 2
    assert world.last is not None
    assert (world.last.reads, world.last.writes) == (2, 1)
    assert marks(world) == {key(3): SERIAL, key(5): SERIAL}

    again = retire(world, [3, 5, 6], WhenGone.MARK)
    assert again.retired == 1
    assert (world.last.reads, world.last.writes) == (2, 1)

    back = world.run(marked(3, 4), entity=MARKED)
    assert (back.updated, back.unchanged) == (1, 1)
    assert marks(world) == {key(5): SERIAL, key(6): SERIAL}


def test_append_takes_marks_away_and_changes_nothing_else(world: World) -> None:
    fill(world)
    retire(world, [3, 5], WhenGone.MARK)

    writer = world.run(marked(3, 4, note="changed"), WriteMode.APPEND, entity=MARKED)

    assert (writer.added, writer.updated, writer.unchanged) == (0, 0, 2)
    assert marks(world) == {key(5): SERIAL}
    assert len(world.cells()[4]) == 6


def test_without_its_column_a_mark_is_not_made(world: World) -> None:
    world.run(rows(range(5)))
    before = world.cells()
    tab = world.tab()
    writer = tab.writer(WriteMode.UPDATE)
    assert writer.retire([key(1)], WhenGone.MARK, MOMENT) == 0
    assert world.cells() == before


def test_removed_rows_leave_no_gap_and_cost_two_reads_and_a_write(world: World) -> None:
    fill(world)

    writer = retire(world, [0, 3, 4, 5, 19, 50], WhenGone.REMOVE)

    assert (writer.retired, writer.warnings) == (5, [])
    assert world.keys() == [key(n) for n in range(20) if n not in {0, 3, 4, 5, 19}]
    assert world.last is not None
    assert (world.last.reads, world.last.writes) == (3, 1)  # with the look at the file
    assert world.grid().row_count == 195
    assert retire(world, [0, 3], WhenGone.REMOVE).retired == 0
    assert world.last.writes == 0


def test_a_run_adds_changes_and_removes(world: World) -> None:
    fill(world)
    tab = world.tab(MARKED)
    writer = tab.writer(WriteMode.UPDATE)
    for each in marked(2, 25, note="x"):
        writer.add(each)
    assert writer.retire([key(1), key(7)], WhenGone.REMOVE, MOMENT) == 2
    for each in marked(8, 26, note="y"):
        writer.add(each)
    assert writer.retire([key(0)], WhenGone.REMOVE, MOMENT) == 1
    writer.finish()

    assert (writer.added, writer.updated, writer.retired) == (2, 2, 3)
    expected = [n for n in range(20) if n not in {0, 1, 7}] + [25, 26]
    assert world.keys() == [key(n) for n in expected]
    assert sorted(writer.keys()) == sorted(world.keys())
    assert world.run(marked(*expected), entity=MARKED).added == 0


def test_rows_with_something_of_the_users_stay_emptied(world: World) -> None:
    fill(world, 8)
    tab = world.ours()
    world.edit(insert_columns(tab, 2), append_columns(tab, 1))
    world.put(tab, 0, 2, [["Mine"], ["a"], [False], ["c"]])
    world.put(tab, 6, 9, [["far right"]])

    writer = retire(world, [0, 1, 5, 6], WhenGone.REMOVE)

    assert writer.retired == 4
    assert any("2 rows" in warning for warning in writer.warnings)
    cells = world.cells()
    assert cells[1] == [None, None, "a"]
    assert [line[0] for line in cells[2:5]] == [key(n) for n in (2, 3, 4)]
    assert cells[2][2] == "c"
    assert cells[5] == [None] * 9 + ["far right"]
    assert cells[6][0] == key(7)
    assert retire(world, [0, 1, 5, 6], WhenGone.REMOVE).warnings == []


def test_a_note_in_a_column_added_after_our_look_is_seen(world: World) -> None:
    fill(world, 8)
    tab = world.ours()
    writer = world.tab(MARKED).writer(WriteMode.UPDATE)
    world.edit(append_columns(tab, 2))
    world.put(tab, 4, 9, [["new"]])

    writer.retire([key(3)], WhenGone.REMOVE, MOMENT)

    assert world.cells()[4] == [None] * 9 + ["new"]


@pytest.mark.parametrize("when", [WhenGone.MARK, WhenGone.REMOVE])
@pytest.mark.parametrize("action", ["sort", "insert column", "delete rows"])
def test_rows_moved_behind_our_back_are_found(world: World, action: str, when: WhenGone) -> None:
    fill(world)
    tab = world.ours()
    writer = world.tab(MARKED).writer(WriteMode.UPDATE)
    assert len(writer.keys()) == 20
    acts = {
        "sort": sort_by(tab, 0, descending=True),
        "insert column": insert_columns(tab, 0),
        "delete rows": delete_rows(tab, 2, 5),
    }
    world.edit(acts[action])

    writer.retire([key(n) for n in (0, 10, 11)], when, MOMENT)

    header, *lines = world.cells()
    found = {line[header.index("Id")] for line in lines}
    left = set(range(20)) - ({1, 2, 3} if action == "delete rows" else set())
    if when is WhenGone.REMOVE:
        assert found == {key(n) for n in left - {0, 10, 11}}
    else:
        assert found == {key(n) for n in left}
        assert marks(world) == dict.fromkeys([key(0), key(10), key(11)], SERIAL)


@pytest.mark.parametrize("when", [WhenGone.MARK, WhenGone.REMOVE])
def test_rows_moved_while_we_wait_for_the_quota(world: World, when: WhenGone) -> None:
    fill(world)
    tab = world.ours()
    world.clock.while_asleep = lambda: world.edit(sort_by(tab, 0, descending=True))
    world.fault("429_user", path="atchUpdate")

    assert retire(world, [3, 4, 12], when).retired == 3

    if when is WhenGone.REMOVE:
        assert world.keys() == [key(n) for n in range(19, -1, -1) if n not in {3, 4, 12}]
    else:
        assert set(marks(world)) == {key(3), key(4), key(12)}


def test_all_rows_may_go_though_google_keeps_one(world: World) -> None:
    fill(world)
    world.edit(delete_rows(world.ours(), 21, 200))

    assert retire(world, list(range(20)), WhenGone.REMOVE).retired == 20

    assert world.cells() == [[column.header for column in MARKED.columns]]
    assert world.run(marked(7), entity=MARKED).added == 1


def test_scattered_rows_are_removed_in_portions(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retire_module, "_JOIN_GAP", 1)
    fill(world, 3_000)
    gone = list(range(0, 3_000, 7))

    assert retire(world, gone, WhenGone.REMOVE).retired == len(gone)

    assert world.keys() == [key(n) for n in range(3_000) if n % 7]
    assert world.last is not None
    assert world.last.writes > 2
    assert world.last.reads == world.last.writes + 2


def test_tags_of_past_removals_do_not_pile_up(world: World) -> None:
    fill(world)
    for number in range(6):
        retire(world, [number], WhenGone.REMOVE)
    [tab] = [tab for tab in world.open().facts.tabs if tab.id == world.ours()]
    assert len(tab.changes) == 1


def test_a_removal_that_arrives_a_second_time_is_refused(world: World) -> None:
    """Google got the request, we got no answer, looked too early, and sent it again."""
    fill(world)
    late: list[Any] = []
    client = world.client()
    tab = open_spreadsheet(client, world.id).tab_for(FLOW, MARKED)
    send = client._wire.request

    def twice(method: str, endpoint: str, **options: Any) -> Any:
        answer = send(method, endpoint, **options)
        if endpoint.endswith(":batchUpdate") and b"deleteDimension" in options["data"]:
            late.append(send(method, endpoint, **options).status_code)
        return answer

    client._wire.request = twice  # type: ignore[method-assign]
    tab.writer(WriteMode.UPDATE).retire([key(3), key(4)], WhenGone.REMOVE, MOMENT)

    assert late == [400]
    assert world.keys() == [key(n) for n in range(20) if n not in {3, 4}]


def test_a_removal_that_arrives_late_is_done_once(world: World) -> None:
    """No answer, no trace of it when we look; then it arrives, just before we repeat it."""
    fill(world)
    wire = LateWire(world, b"deleteDimension")
    tab = open_spreadsheet(world.client(wire=wire), world.id).tab_for(FLOW, MARKED)
    writer = tab.writer(WriteMode.UPDATE)

    assert writer.retire([key(3), key(4)], WhenGone.REMOVE, MOMENT) == 2
    assert wire.answers == [200, 400]
    assert world.keys() == [key(n) for n in range(20) if n not in {3, 4}]


def test_a_note_where_a_column_no_longer_chosen_stood_is_seen(world: World) -> None:
    """The user inserts a column left of our left-over one after we have looked at the file."""
    fill(world, 6)
    writer = world.tab(CALLS).writer(WriteMode.UPDATE)
    world.edit(insert_columns(world.ours(), 7))
    world.put(world.ours(), 2, 7, [["mine"]])

    writer.retire([key(1), key(2)], WhenGone.REMOVE, MOMENT)

    assert world.keys() == [key(0), None, key(3), key(4), key(5)]
    assert world.cells()[2] == [None] * 7 + ["mine"]


def test_a_refusal_that_stays_is_told(world: World) -> None:
    fill(world, 6)
    area = {"sheetId": world.ours(), "startRowIndex": 2, "endRowIndex": 3}
    protection = {"range": area, "editors": {"users": ["owner@callsheet.example"]}}
    world.edit({"addProtectedRange": {"protectedRange": protection}})
    before = world.cells()
    for when in (WhenGone.MARK, WhenGone.REMOVE):
        with pytest.raises(TabProtected):
            retire(world, [1], when)
    assert world.cells() == before


def prepare(world: World) -> list[int]:
    """A tab with notes, sorted by the user, and what is gone from it."""
    fill(world, 60)
    tab = world.ours()
    world.edit(insert_columns(tab, 3), sort_by(tab, 0, descending=True))
    world.put(tab, 0, 3, [["Mine"], *[[f"note {n}" if n % 4 == 0 else None] for n in range(60)]])
    return [*range(0, 60, 5), 20, 21, 22, 23]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", ["lost", "drop", "502_html"])
@pytest.mark.parametrize("when", [WhenGone.MARK, WhenGone.REMOVE])
def test_a_fault_at_any_request_leaves_no_trace(
    worlds: Callable[[], World], when: WhenGone, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retire_module, "_JOIN_GAP", 0)
    monkeypatch.setattr("callsheet.sheets.plan.MAX_ADDRESS", 400)
    clean = worlds()
    gone = prepare(clean)
    retired = retire(clean, gone, when).retired
    assert clean.last is not None
    requests, expected = clean.last.requests, clean.cells()

    for struck in range(1, requests + 1):
        world = worlds()
        prepare(world)
        sent = 0

        def strike(_way: str, world: World = world, struck: int = struck) -> None:
            nonlocal sent
            sent += 1
            if sent == struck:
                world.fault(kind, path="/spreadsheets/")

        writer = retire(world, gone, when, at_request=strike)
        assert world.standin.state.faults.waiting() == []
        assert world.cells() == expected, f"request {struck} of {requests}"
        assert world.grid().row_count == clean.grid().row_count
        assert writer.retired == retired


@pytest.mark.timeout(300)
@pytest.mark.parametrize("when", [WhenGone.MARK, WhenGone.REMOVE])
def test_a_kill_before_any_write_then_a_second_run(
    worlds: Callable[[], World], when: WhenGone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retire_module, "_JOIN_GAP", 0)
    monkeypatch.setattr("callsheet.sheets.plan.MAX_ADDRESS", 400)
    monkeypatch.setattr("callsheet.sheets.plan.MAX_BODY", 700)
    clean = worlds()
    gone = prepare(clean)
    retire(clean, gone, when)
    assert clean.last is not None
    writes, expected = clean.last.writes, clean.cells()
    assert writes > 1

    for killed_at in range(1, writes + 1):
        world = worlds()
        prepare(world)
        passed = 0

        def guard(killed_at: int = killed_at) -> None:
            nonlocal passed
            passed += 1
            if passed == killed_at:
                raise Killed

        with pytest.raises(Killed):
            retire(world, gone, when, guard=guard)
        retire(world, gone, when)
        assert world.cells() == expected, f"write {killed_at} of {writes}"


def test_replace_retires_nothing(world: World) -> None:
    fill(world, 5)
    writer = world.tab(MARKED).writer(WriteMode.REPLACE)
    writer.add(marked(1)[0])
    assert writer.retire([key(2)], WhenGone.REMOVE, MOMENT) == 0
    assert writer.keys() == {key(n) for n in range(5)}
    writer.finish()
    assert world.keys() == [key(1)]
