"""Requests that were given up and arrive late all the same: each change is made once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from callsheet.data_flow import WriteMode
from callsheet.sheets.client import SheetsClient
from callsheet.sheets.spreadsheet import open_spreadsheet
from callsheet.sheets.writer import TabWriter
from tests.integration.test_sheets_writer.late import LateWire
from tests.integration.test_sheets_writer.world import CALLS, FLOW, World, row, rows

PLAN_LIFE = timedelta(seconds=20)  # more than a plan lives


def bring(client: SheetsClient, world: World, batch: list[Any], mode: WriteMode) -> TabWriter:
    """One import with that client, newest first."""
    tab = open_spreadsheet(client, world.id).tab_for(FLOW, CALLS)
    writer = tab.writer(mode, newest_first=True)
    for each in batch:
        writer.add(each)
    writer.finish()
    return writer


def ids(count: int) -> list[str]:
    """The keys of so many records, the newest first."""
    return [str(row(number)[0]) for number in reversed(range(count))]


def test_a_tab_that_is_made_late_is_made_once(world: World) -> None:
    wire = LateWire(world, b"addSheet")
    client = world.client(wire=wire)

    bring(client, world, rows(range(3)), WriteMode.UPDATE)

    assert wire.answers == [200, 400]
    assert len(world.tabs()) == 2
    assert world.keys() == ids(3)


def test_a_swap_that_comes_late_is_made_once(world: World) -> None:
    """Its repeat finds no staging tab any more: that is no sign of a tab that a person deleted."""
    bring(world.client(), world, rows(range(5)), WriteMode.REPLACE)
    wire = LateWire(world, b"deleteSheet")
    client = world.client(wire=wire)

    bring(client, world, rows(range(3), "new"), WriteMode.REPLACE)

    assert wire.answers == [200, 400]
    assert world.keys() == ids(3)


def test_an_insertion_that_comes_after_its_plan_was_given_up_is_made_once(world: World) -> None:
    """And the next rows of the same run are not taken for it."""
    bring(world.client(), world, rows(range(5)), WriteMode.UPDATE)

    def wait() -> None:
        world.clock.skipped += PLAN_LIFE

    wire = LateWire(world, b"insertDimension", wait)
    client = world.client(wire=wire)
    tab = open_spreadsheet(client, world.id).tab_for(FLOW, CALLS)
    writer = tab.writer(WriteMode.UPDATE, newest_first=True)
    for number in (5, 6):
        writer.add(row(number))
        writer.flush()
    writer.finish()

    assert wire.answers == [200, 400, 200]
    assert world.keys() == ids(7)
