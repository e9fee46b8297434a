"""Append mode as a history: each state in which a record was found, and when."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from callsheet.data_flow import WriteMode
from callsheet.entity import Value
from callsheet.shaping import snapshots_of
from callsheet.sheets.cells import serial
from callsheet.sheets.writer import TabWriter
from tests.integration.test_sheets_writer.world import CALLS, World, row, sort_by

HISTORY = snapshots_of(CALLS)


def read(world: World, *lines: list[Value], later: int = 3_600, **options: Any) -> TabWriter:
    """One run, so many seconds after the one before."""
    world.clock.skipped += timedelta(seconds=later)
    writer = world.tab(HISTORY).writer(WriteMode.APPEND, **options)
    for line in lines:
        writer.add([*line, None])
    writer.finish()
    return writer


def states(world: World) -> list[tuple[int, str | None]]:
    """Number and note of each row, from top to bottom."""
    return [(int(line[0]) - 4_000_000_000, line[6]) for line in world.cells()[1:]]


def test_only_changes_are_appended_with_the_time_of_reading(world: World) -> None:
    read(world, row(1, "a"), row(2, "b"))
    writer = read(world, row(1, "a"), row(2, "changed"), row(3, "c"))

    assert (writer.added, writer.updated, writer.unchanged) == (2, 0, 1)
    assert states(world) == [(1, "a"), (2, "b"), (2, "changed"), (3, "c")]
    assert world.cells()[0][7] == "Read at"
    zone = world.tab(HISTORY).spreadsheet.zone
    first, *_, last = [line[7] for line in world.cells()[1:]]
    assert last == pytest.approx(serial(world.clock.now(), zone), abs=0.001)
    assert last - first == pytest.approx(1 / 24, abs=0.001)
    again = read(world, row(1, "a"), row(2, "changed"), row(3, "c"))
    assert (again.unchanged, again.warnings) == (3, [])
    assert world.last is not None
    assert world.last.writes == 0


@pytest.mark.parametrize("newest_first", [False, True])
def test_the_latest_row_counts_wherever_it_stands(world: World, newest_first: bool) -> None:
    for note in ("a", "b", "c"):
        read(world, row(1, note), newest_first=newest_first)
    for descending in (False, True):
        world.edit(sort_by(world.ours(), 7, descending=descending))
        assert read(world, row(1, "c"), newest_first=newest_first).unchanged == 1

    read(world, row(1, "a"), newest_first=newest_first)

    assert sorted(states(world)) == [(1, "a"), (1, "a"), (1, "b"), (1, "c")]
    assert states(world)[0 if newest_first else -1] == (1, "a")


def test_a_lost_answer_or_a_second_run_adds_nothing_twice(world: World) -> None:
    read(world, row(1, "a"), row(2, "b"))
    for fault in ("lost", "drop", "503_html"):
        world.fault(fault, path="values:batchUpdate")
        read(world, row(1, fault), row(2, "b"), later=60)

    assert states(world) == [(1, "a"), (2, "b"), (1, "lost"), (1, "drop"), (1, "503_html")]
    moments = [line[7] for line in world.cells()[1:]]
    assert all(isinstance(moment, float) for moment in moments)


def test_what_happens_twice_within_one_run_counts_once(world: World) -> None:
    read(world, row(1, "a"), row(1, "b"))
    assert states(world) == [(1, "b")]
