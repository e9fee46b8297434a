"""Append mode as a history: each state in which a record was found, and when."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callsheet.data_flow import WriteMode
from callsheet.entity import Value
from callsheet.shaping import snapshots_of
from callsheet.sheets.cells import serial
from callsheet.sheets.client import nothing
from callsheet.sheets.writer import TabWriter
from sandbox.sheets.server import SheetsStandIn
from tests.integration.test_sheets_writer.world import CALLS, World, row, sort_by

HISTORY = snapshots_of(CALLS)


class Killed(BaseException):
    """Ends a run as a kill does."""


def kill() -> None:
    """The guard of a run that ends before its first write of rows."""
    raise Killed


def read(
    world: World,
    *lines: list[Value],
    later: int = 3_600,
    guard: Callable[[], None] = nothing,
    **options: Any,
) -> TabWriter:
    """One run, so many seconds after the one before."""
    world.clock.skipped += timedelta(seconds=later)
    writer = world.tab(HISTORY).writer(WriteMode.APPEND, guard=guard, **options)
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


STEPS = st.lists(
    st.tuples(
        st.dictionaries(st.integers(0, 12), st.sampled_from("abc"), max_size=8),
        st.sampled_from([None, "lost", "drop", "503_html", "429_user", "killed"]),
        st.sampled_from([None, 0, 6, 7]),
        st.booleans(),
    ),
    max_size=8,
)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_each_state_is_there_once_whatever_happens(
    standin: SheetsStandIn, key_file: Path, steps: list[tuple[dict[int, str], str, int, bool]]
) -> None:
    """Records change; runs fail, or are killed and repeated; people sort the tab."""
    world = World(standin, key_file)
    expected: dict[int, list[str]] = {}
    for changes, fault, sorted_by, newest_first in steps:
        for number, text in changes.items():
            told = expected.setdefault(number, [])
            if told[-1:] != [text]:
                told.append(text)
        lines = [row(number, text) for number, text in changes.items()]
        if fault == "killed":
            with suppress(Killed):
                read(world, *lines, guard=kill, newest_first=newest_first)
        elif fault:
            world.fault(fault, path="values:batchUpdate")
        read(world, *lines, newest_first=newest_first)
        standin.state.faults.clear()
        if sorted_by is not None:
            world.edit(sort_by(world.ours(), sorted_by, descending=newest_first))

    found: dict[int, list[str]] = {}
    for line in sorted(world.cells()[1:] if steps else [], key=lambda line: line[7]):
        found.setdefault(int(line[0]) - 4_000_000_000, []).append(line[6])
    assert found == expected
