"""A tab is deleted only because a person asked for it, and only ours."""

from __future__ import annotations

import pytest

from callsheet.errors import LeaseLost
from callsheet.sheets.leaving import delete_tabs
from tests.integration.test_sheets_writer.world import FLOW, World, rename, rows

pytestmark = pytest.mark.integration


def test_the_flows_tab_goes_whatever_it_is_called_and_all_others_stay(world: World) -> None:
    world.run(rows([1, 2, 3]))
    world.edit(
        rename(world.ours(), "Renamed"),
        {"addSheet": {"properties": {"title": "Aircall – Calls"}}},
        {"duplicateSheet": {"sourceSheetId": world.ours(), "newSheetName": "My copy"}},
    )

    first = delete_tabs(world.open(), FLOW)
    second = delete_tabs(world.open(), FLOW)

    assert (first, second) == (1, 0)
    assert set(world.tabs()) == {"Sheet1", "Aircall – Calls", "My copy"}


def test_where_it_is_the_only_visible_tab_an_empty_one_takes_its_place(world: World) -> None:
    world.run(rows([1, 2, 3]))
    others = [tab_id for tab_id in world.tabs().values() if tab_id != world.ours()]
    world.edit(*({"deleteSheet": {"sheetId": tab_id}} for tab_id in others))
    ours = world.ours()

    count = delete_tabs(world.open(), FLOW)

    assert count == 1
    (left,) = world.tabs().values()
    assert left != ours
    assert world.cells(left) == []


def test_a_lost_answer_deletes_once(world: World) -> None:
    world.run(rows([1]))
    spreadsheet = world.open()
    world.fault("lost", path=":batchUpdate", times=1)

    assert delete_tabs(spreadsheet, FLOW) == 1

    assert set(world.tabs()) == {"Sheet1"}


def test_the_guard_keeps_the_tab_when_it_is_wanted_again(world: World) -> None:
    world.run(rows([1]))

    def wanted_again() -> None:
        raise LeaseLost("the flow is back")

    with pytest.raises(LeaseLost):
        delete_tabs(world.open(), FLOW, wanted_again)

    assert world.ours()
