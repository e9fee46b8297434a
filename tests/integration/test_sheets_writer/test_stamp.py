"""The freshness line on a tab: renewed with one write, whatever people do to it and around it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from callsheet.errors import TabMissing
from callsheet.sheets.facts import STAMP_KEY, formula_of
from callsheet.sheets.freshness import Freshness, is_ours, overdue_formula
from callsheet.sheets.tab import Tab
from tests.integration.test_sheets_writer.world import (
    World,
    append_columns,
    delete_column,
    insert_columns,
    rows,
)

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SLOT = timedelta(hours=1)


def fresh(number: int = 0, *, scheduled: bool = True) -> Freshness:
    """The freshness after the refresh of that number."""
    now = AT + number * SLOT
    return Freshness(now, now + timedelta(minutes=1), now + SLOT if scheduled else None, 7 + number)


def formula(world: World, number: int) -> str:
    """The formula after the refresh of that number."""
    return overdue_formula(AT + (number + 1) * SLOT, world.open().zone)


def stamped(world: World, number: int = 0) -> Tab:
    """A tab with some calls, after its first refresh."""
    world.run(rows(range(7)))
    tab = world.tab()
    tab.stamp(fresh(number))
    return tab


def rules(world: World) -> list[str]:
    """The formulas of the tab's conditional format rules."""
    tab = world.standin.state.books[world.id].tab(world.ours())
    assert tab is not None
    return [formula_of(rule) for rule in tab.list("conditionalFormats")]


def note(world: World, column: int = 0) -> str:
    """The note of a header."""
    found: str = world.grid().style(0, column).attributes.get("note", "")
    return found


def user_rule(world: World, text: str, index: int = 0) -> dict[str, Any]:
    """The request for a rule of a person's own."""
    condition = {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": text}]}
    look = {"textFormat": {"bold": True}}
    area = {"sheetId": world.ours(), "startColumnIndex": 2, "endColumnIndex": 3}
    rule = {"ranges": [area], "booleanRule": {"condition": condition, "format": look}}
    return {"addConditionalFormatRule": {"index": index, "rule": rule}}


def move_rule(world: World, index: int, to: int) -> dict[str, Any]:
    """The request by which a person moves a rule."""
    move = {"sheetId": world.ours(), "index": index, "newIndex": to}
    return {"updateConditionalFormatRule": move}


def tags(world: World) -> int:
    """How many tags of freshness lines there are."""
    return sum(tag.key == STAMP_KEY for tag in world.standin.state.books[world.id].metadata)


def test_a_stamp_is_one_write_and_touches_no_cell(world: World) -> None:
    world.run(rows(range(7)))
    before = world.cells()
    tab = world.tab()
    client = tab.spreadsheet.client
    reads, writes = client.reads, client.writes

    tab.stamp(fresh())

    assert (client.reads - reads, client.writes - writes) == (0, 1)
    assert world.cells() == before
    assert rules(world) == [formula(world, 0)]
    assert note(world).startswith("Data up to: 2 Mar 2026, 10:00\n")
    assert note(world).endswith("\n\nWhat id means.")
    assert note(world, 1) == "What started_at means."


def test_every_refresh_renews_the_one_line(world: World) -> None:
    for number in range(3):
        world.tab().stamp(fresh(number))

    assert rules(world) == [formula(world, 2)]
    assert "Rows: 9" in note(world)
    assert tags(world) == 1


def test_without_a_schedule_there_is_no_rule(world: World) -> None:
    stamped(world)

    world.tab().stamp(fresh(1, scheduled=False))

    assert rules(world) == []
    assert "none scheduled" in note(world)


def test_rules_of_people_keep_their_place_and_ours_too(world: World) -> None:
    stamped(world)
    world.edit(user_rule(world, "=A"), user_rule(world, "=B"), move_rule(world, 2, 1))

    world.tab().stamp(fresh(1))

    assert rules(world) == ["=B", formula(world, 1), "=A"]


def test_a_rule_that_a_person_deleted_comes_back_and_copies_of_it_go(world: World) -> None:
    stamped(world)
    world.edit(
        user_rule(world, "=A"),
        {"deleteConditionalFormatRule": {"sheetId": world.ours(), "index": 1}},
    )
    world.tab().stamp(fresh(1))
    assert rules(world) == [formula(world, 1), "=A"]

    world.edit(user_rule(world, formula(world, 1), 2))
    world.tab().stamp(fresh(2))
    assert rules(world) == [formula(world, 2), "=A"]


def test_the_line_follows_the_key_column_and_spares_other_headers(world: World) -> None:
    stamped(world)
    tab = world.ours()
    world.edit(insert_columns(tab, 0), insert_columns(tab, 3, 2), append_columns(tab, 1))

    world.tab().stamp(fresh(1))

    assert note(world, 0) == ""
    assert "Rows: 8" in note(world, 1)
    found = world.standin.state.books[world.id].tab(tab)
    assert found is not None
    [rule] = found.list("conditionalFormats")
    areas = [(area["startColumnIndex"], area["endColumnIndex"]) for area in rule["ranges"]]
    assert areas == [(1, 3), (5, 10)]


@pytest.mark.parametrize("scheduled", [True, False])
def test_rules_moved_while_the_run_went_on_are_looked_for_again(
    world: World, scheduled: bool
) -> None:
    stamped(world)
    world.edit(user_rule(world, "=A", 1))
    tab = world.tab()
    world.edit(move_rule(world, 0, 1))
    world.clock.sleep(60)

    tab.stamp(fresh(1, scheduled=scheduled))

    assert rules(world) == (["=A", formula(world, 1)] if scheduled else ["=A"])


@pytest.mark.parametrize("scheduled", [True, False])
def test_a_persons_rule_that_we_took_for_ours_is_put_back(world: World, scheduled: bool) -> None:
    """It was moved within the seconds for which a look is good."""
    stamped(world)
    world.edit(user_rule(world, "=A", 1), user_rule(world, "=B", 2))
    tab = world.tab()
    book = world.standin.state.books[world.id].tab(world.ours())
    assert book is not None
    theirs = [rule for rule in book.list("conditionalFormats") if not is_ours(formula_of(rule))]
    world.edit(move_rule(world, 0, 2))

    tab.stamp(fresh(1, scheduled=scheduled))

    assert [each for each in rules(world) if not is_ours(each)] == ["=A", "=B"]
    assert [each for each in rules(world) if is_ours(each)] == [formula(world, 1)] * scheduled
    book = world.standin.state.books[world.id].tab(world.ours())
    assert book is not None
    assert [r for r in book.list("conditionalFormats") if r in theirs] == theirs


@pytest.mark.parametrize("kind", ["lost", "drop", "502_html"])
@pytest.mark.parametrize("scheduled", [True, False])
def test_a_fault_at_the_stamp_leaves_one_line(world: World, kind: str, scheduled: bool) -> None:
    stamped(world)
    world.edit(user_rule(world, "=A", 1))
    tab = world.tab()
    world.fault(kind, path=":batchUpdate", method="POST")

    tab.stamp(fresh(1, scheduled=scheduled))

    assert world.standin.state.faults.waiting() == []
    assert rules(world) == ([formula(world, 1), "=A"] if scheduled else ["=A"])
    assert "Rows: 8" in note(world)
    assert tags(world) == 1


def test_a_tab_that_is_gone_is_told(world: World) -> None:
    tab = stamped(world)
    world.edit({"deleteSheet": {"sheetId": tab.id}})
    world.clock.sleep(60)

    with pytest.raises(TabMissing):
        tab.stamp(fresh(1))


def test_without_its_key_column_the_other_headers_still_turn_red(world: World) -> None:
    tab = stamped(world)
    world.edit(delete_column(tab.id, 0))
    world.clock.sleep(60)

    tab.stamp(fresh(1))

    assert rules(world) == [formula(world, 1)]
    assert note(world, 0) == "What started_at means."
