"""Where new rows go: below all others or on top, and the user's formulas with them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from callsheet.data_flow import WriteMode
from callsheet.errors import SpreadsheetFull
from callsheet.sheets import arrivals as arrivals_module
from callsheet.sheets import newcomers as newcomers_module
from callsheet.sheets import writer as writer_module
from callsheet.sheets.client import SheetsClient, nothing
from callsheet.sheets.spreadsheet import open_spreadsheet
from callsheet.sheets.writer import TabWriter
from sandbox.sheets.grid import Formula
from tests.integration.test_sheets_writer.late import LateWire
from tests.integration.test_sheets_writer.test_values import HOSTILE
from tests.integration.test_sheets_writer.world import (
    CALLS,
    COLUMNS,
    FLOW,
    HeardQuota,
    World,
    append_columns,
    insert_columns,
    row,
    rows,
    sort_by,
)


class Killed(BaseException):
    """Ends a run as a kill does."""


def bring(world: World, batch: list[list[Any]], **options: Any) -> TabWriter:
    """One import, newest first unless told otherwise."""
    guard = options.pop("guard", nothing)
    client = SheetsClient(
        world.standin.url, world.key_file, clock=world.clock, **options.pop("client", {})
    )
    world.last = client
    tab = open_spreadsheet(client, world.id).tab_for(FLOW, CALLS, guard=guard)
    mode = options.pop("mode", WriteMode.UPDATE)
    writer = tab.writer(mode, guard=guard, **{"newest_first": True, **options})
    for each in batch:
        writer.add(each)
    writer.finish()
    return writer


def numbers(world: World) -> list[int]:
    """The records from top to bottom."""
    ids = world.keys()
    return [int(key) - 4_000_000_000 for key in ids if key]


def formula(world: World, tab: int, line: int, place: int, text: str) -> None:
    """Type a formula into a cell; row and column count from 0."""
    value = {"userEnteredValue": {"formulaValue": text}}
    start = {"sheetId": tab, "rowIndex": line, "columnIndex": place}
    cells = {"start": start, "rows": [{"values": [value]}], "fields": "userEnteredValue"}
    world.edit({"updateCells": cells})


def column(world: World, place: int) -> list[Any]:
    """One column under the header; formulas as their text."""
    cells = [line[place] if place < len(line) else None for line in world.cells()[1:]]
    return [cell.text if isinstance(cell, Formula) else cell for cell in cells]


def test_newest_first_puts_the_last_that_came_on_top(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module, "FLUSH_AT", 2_000)
    bring(world, rows(range(50)))
    assert numbers(world) == list(range(49, -1, -1))

    writer = bring(world, [row(7, "x"), *rows(range(50, 60)), row(3)])

    assert (writer.added, writer.updated, writer.unchanged) == (10, 1, 1)
    assert numbers(world) == list(range(59, -1, -1))
    assert world.cells()[60 - 7][6] == "x"
    again = bring(world, [row(7, "x"), *rows(range(50, 60))])
    assert (again.added, again.updated, again.unchanged) == (0, 0, 11)
    assert world.last is not None
    assert world.last.writes == 0


def test_rows_on_top_look_like_rows_and_not_like_the_header(world: World) -> None:
    bring(world, rows(range(5)))
    bring(world, rows(range(5, 9)))

    grid = world.grid()
    assert [grid.style(1, place).number_format["type"] for place in (0, 1)] == ["TEXT", "DATE_TIME"]
    assert not grid.style(1, 0).format.get("textFormat", {}).get("bold")
    assert grid.style(0, 0).format["textFormat"]["bold"] is True


def test_notes_move_along_and_rows_of_the_users_stay_above(world: World) -> None:
    bring(world, rows(range(5)))
    tab = world.ours()
    above = {"sheetId": tab, "dimension": "ROWS", "startIndex": 1, "endIndex": 2}
    world.edit({"insertDimension": {"range": above}}, append_columns(tab, 1))
    world.put(tab, 0, 7, [["Mine"], ["total"], *[[f"note {n}"] for n in range(4, -1, -1)]])

    bring(world, [row(2, "x"), row(5), row(6)])

    cells = world.cells()
    assert cells[1] == [None] * 7 + ["total"]
    assert numbers(world) == [6, 5, 4, 3, 2, 1, 0]
    assert column(world, 7)[3:] == [f"note {n}" for n in range(4, -1, -1)]


def test_hostile_texts_on_top_are_texts(world: World) -> None:
    bring(world, [row(999)])
    bring(world, [row(n, text, agent=text) for n, text in enumerate(HOSTILE)])

    cells = world.cells()[1:-1]
    assert [line[6] for line in reversed(cells)] == HOSTILE
    assert [line[2] for line in reversed(cells)] == HOSTILE
    assert bring(world, [row(n, t, agent=t) for n, t in enumerate(HOSTILE)]).unchanged == 18


def test_rows_on_top_are_refused_before_they_are_sent_if_they_do_not_fit(world: World) -> None:
    bring(world, rows(range(5)))
    rest = 10_000_000 - 26_000 - world.grid().row_count * len(COLUMNS) - 20
    big = {"sheetId": 9, "title": "Big", "gridProperties": {"rowCount": rest, "columnCount": 1}}
    world.edit({"addSheet": {"properties": big}})
    before = world.cells()

    with pytest.raises(SpreadsheetFull):
        bring(world, rows(range(5, 9)))

    assert world.cells() == before


@pytest.mark.parametrize("newest_first", [True, False])
def test_a_formula_beside_the_first_record_goes_beside_new_ones(
    world: World, newest_first: bool
) -> None:
    bring(world, rows(range(5)), newest_first=newest_first)
    tab = world.ours()
    world.edit(insert_columns(tab, 3), append_columns(tab, 2))
    formula(world, tab, 1, 3, "=TODAY()")
    formula(world, tab, 1, 8, "=E2/60")
    formula(world, tab, 3, 9, "=1+1")  # not beside the first record
    world.put(tab, 2, 8, [["mine"]])

    writer = bring(world, [row(3, "x"), row(5), row(6)], newest_first=newest_first)

    assert (writer.added, writer.updated) == (2, 1)
    above = ["=E2/60", "=E3/60", "=E4/60", "mine", None, None, None]
    below = ["=E2/60", "mine", None, None, None, "=E7/60", "=E8/60"]
    assert column(world, 8) == (above if newest_first else below)
    assert column(world, 3).count("=TODAY()") == 3
    assert column(world, 9).count("=1+1") == 1
    assert world.last is not None
    assert (world.last.reads, world.last.writes) == (4, 2)


def test_what_the_user_has_put_below_in_advance_is_not_written_over(world: World) -> None:
    bring(world, rows(range(5)), newest_first=False)
    tab = world.ours()
    world.edit(append_columns(tab, 2))
    formula(world, tab, 1, 7, "=E2/60")
    height = world.grid().row_count
    world.put(tab, 2, 7, [[False] for _ in range(height - 2)])
    formula(world, tab, 1, 8, "=A2")
    world.put(tab, 7, 8, [[False]])

    bring(world, rows(range(5, 8)), newest_first=False)

    assert column(world, 7)[:8] == ["=E2/60", *[False] * 7]
    assert column(world, 8)[:8] == ["=A2", None, None, None, None, "=A7", False, "=A9"]


def test_a_tab_without_formulas_costs_one_look_a_run(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(world, rows(range(5)), newest_first=False)
    world.edit(append_columns(world.ours(), 1))
    world.put(world.ours(), 0, 7, [["Mine"], ["a"]])
    monkeypatch.setattr(writer_module, "FLUSH_AT", 800)

    bring(world, rows(range(5, 25)), newest_first=False)

    assert numbers(world) == list(range(25))
    assert world.last is not None
    frames = world.last.writes  # each looked at once before it was written
    assert world.last.reads == 2 + 1 + frames


def _prepared(world: World, mode: WriteMode) -> None:
    bring(world, rows(range(40)), mode=mode)
    tab = world.ours()
    world.edit(append_columns(tab, 2))
    world.put(tab, 0, 7, [["Mine"], *[[f"note {n}"] for n in range(39, -1, -1)]])
    formula(world, tab, 1, 8, "=1+1")


SECOND = [row(n, "changed") for n in range(0, 40, 3)] + rows(range(40, 90))


@pytest.mark.timeout(200)
@pytest.mark.parametrize(
    ("mode", "kind", "most_typed"),
    [
        (WriteMode.UPDATE, "lost", 3),
        (WriteMode.UPDATE, "drop", 3),
        (WriteMode.UPDATE, "killed", 3),
        (WriteMode.UPDATE, "lost", 0),
        (WriteMode.UPDATE, "killed", 0),
        (WriteMode.APPEND, "lost", 3),
        (WriteMode.APPEND, "killed", 3),
    ],
)
def test_a_fault_or_kill_at_any_request_leaves_no_trace(
    world: World, monkeypatch: pytest.MonkeyPatch, kind: str, mode: WriteMode, most_typed: int
) -> None:
    """In small portions; what is asked before every try strikes the next request, or ends us.

    most_typed: with 0, all rows on top come by the staging tab.
    """
    monkeypatch.setattr(writer_module, "FLUSH_AT", 3_000)
    monkeypatch.setattr(arrivals_module, "MAX_BODY", 26_000)
    monkeypatch.setattr(newcomers_module, "_MOST_TYPED", most_typed)
    clean = World(world.standin, world.key_file)
    _prepared(clean, mode)
    bring(clean, SECOND, mode=mode)
    assert clean.last is not None
    count = clean.last.writes if kind == "killed" else clean.last.requests
    assert count >= (3 if kind == "killed" else 6)

    for struck in range(1, count + 1):
        other = World(world.standin, world.key_file)
        _prepared(other, mode)
        passed = 0

        def strike(_way: str = "", other: World = other, struck: int = struck) -> None:
            nonlocal passed
            passed += 1
            if passed == struck and kind == "killed":
                raise Killed
            if passed == struck:
                other.fault(kind)

        if kind == "killed":
            with pytest.raises(Killed):
                bring(other, SECOND, mode=mode, guard=strike)
            bring(other, SECOND, mode=mode)
        else:
            bring(other, SECOND, mode=mode, client={"quota": HeardQuota(other.clock, strike)})
        assert other.cells() == clean.cells(), f"request {struck} of {count}"
        assert other.grid().row_count == clean.grid().row_count
        assert len(other.tabs()) == 2


def test_many_rows_on_top_come_by_the_staging_tab(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Plain values and one copy, where typed cells would take many more requests."""
    bring(world, rows(range(5)))
    world.edit(insert_columns(world.ours(), 3), append_columns(world.ours(), 1))
    formula(world, world.ours(), 1, 8, "=A2")
    monkeypatch.setattr(arrivals_module, "MAX_BODY", 22_000)

    many = [row(n, HOSTILE[n % len(HOSTILE)]) for n in range(5, 205)]
    bring(world, many)

    assert world.last is not None
    assert world.last.writes == 4  # the staging tab made, filled, copied and deleted
    assert numbers(world) == list(range(204, -1, -1))
    assert [line[7] for line in world.cells()[200:0:-1]] == [line[6] or None for line in many]
    assert column(world, 8)[:3] == ["=A2", "=A3", "=A4"]
    assert len(world.tabs()) == 2
    assert bring(world, many).unchanged == 200


@pytest.mark.parametrize("why", ["filter", "room"])
def test_rows_on_top_go_straight_there_where_a_staging_tab_will_not_do(
    world: World, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    bring(world, rows(range(5)))
    tab = world.ours()
    if why == "filter":
        area = {"sheetId": tab, "startRowIndex": 0, "startColumnIndex": 0}
        wanted = {"range": area, "criteria": {"6": {"hiddenValues": ["x"]}}}
        world.edit({"setBasicFilter": {"filter": wanted}})
    else:
        spare = 10_000_000 - 26_000 - world.grid().row_count * len(COLUMNS) - 1_600
        grid = {"rowCount": spare, "columnCount": 1}
        world.edit({"addSheet": {"properties": {"title": "Big", "gridProperties": grid}}})
    monkeypatch.setattr(arrivals_module, "MAX_BODY", 22_000)

    bring(world, rows(range(5, 205)))

    assert world.last is not None
    assert world.last.writes > 4
    assert numbers(world) == list(range(204, -1, -1))


def test_a_staging_tab_that_somebody_deletes_is_made_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(newcomers_module, "_MOST_TYPED", 0)
    bring(world, rows(range(5)))
    writer = world.tab().writer(WriteMode.UPDATE, newest_first=True)
    writer.add(row(5))
    writer.flush()
    [staging] = [tab for title, tab in world.tabs().items() if "staging" in title]
    world.edit({"deleteSheet": {"sheetId": staging}})

    for each in rows(range(6, 9)):
        writer.add(each)
    writer.finish()

    assert numbers(world) == list(range(8, -1, -1))
    assert len(world.tabs()) == 2


def test_rows_wait_in_the_staging_tab_for_a_new_plan(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The plan grows too old between filling the staging tab and copying from it."""
    monkeypatch.setattr(newcomers_module, "_MOST_TYPED", 0)
    bring(world, rows(range(5)))
    passed = 0

    def wait() -> None:
        nonlocal passed
        passed += 1
        if passed == 2:  # before the values are sent
            world.clock.skipped += timedelta(seconds=20)

    bring(world, rows(range(5, 9)), guard=wait)

    assert numbers(world) == list(range(8, -1, -1))
    assert world.last is not None
    assert world.last.writes == 4  # made, filled, copied, deleted; nothing was written twice


def test_an_insertion_that_arrives_late_is_made_once(world: World) -> None:
    """No answer, no trace of it when we look; then it arrives, just before we repeat it."""
    bring(world, rows(range(5)))
    wire = LateWire(world, b"insertDimension")
    tab = open_spreadsheet(world.client(wire=wire), world.id).tab_for(FLOW, CALLS)
    writer = tab.writer(WriteMode.UPDATE, newest_first=True)
    for each in rows(range(5, 8)):
        writer.add(each)
    writer.finish()

    assert wire.answers == [200, 400]
    assert writer.added == 3
    assert numbers(world) == list(range(7, -1, -1))


def test_rows_sorted_in_between_are_found_again(world: World) -> None:
    bring(world, rows(range(30)))
    tab = world.ours()
    writer = world.tab().writer(WriteMode.UPDATE, newest_first=True)
    writer.add(row(2, "first"))
    writer.flush()
    world.edit(sort_by(tab, 0))

    writer.add(row(30))
    writer.add(row(9, "second"))
    writer.finish()

    assert numbers(world) == [30, *range(30)]
    notes = {line[0]: line[6] for line in world.cells()[1:] if len(line) > 6}
    assert notes == {"4000000002": "first", "4000000009": "second"}


def test_the_guard_is_asked_right_before_every_write(world: World) -> None:
    bring(world, rows(range(5)))
    world.edit(append_columns(world.ours(), 1))
    formula(world, world.ours(), 1, 7, "=1+1")
    order: list[str] = []

    bring(
        world,
        [row(2, "x"), *rows(range(5, 9))],
        guard=lambda: order.append("guard"),
        client={"quota": HeardQuota(world.clock, order.append)},
    )

    assert order == ["read", "read", "read", "read", "write", "guard", "write", "guard"]
