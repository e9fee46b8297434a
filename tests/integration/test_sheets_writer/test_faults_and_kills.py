"""Whatever fails, and wherever: the tab ends as if nothing had."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from callsheet.data_flow import WriteMode
from callsheet.entity import Value
from callsheet.sheets import writer as writer_module
from callsheet.sheets.client import SheetsClient
from callsheet.sheets.spreadsheet import open_spreadsheet
from tests.integration.test_sheets_writer.world import (
    CALLS,
    FLOW,
    HeardQuota,
    World,
    append_columns,
    insert_columns,
    row,
    rows,
)

FIRST = rows(range(400))
SECOND = [row(n, "changed") for n in range(100, 300, 3)] + rows(range(380, 600))
MODES = list(WriteMode)


class Killed(BaseException):
    """Ends a run as a kill does: nothing of ours catches it."""


@pytest.fixture(autouse=True)
def _small_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many small writes instead of a few large ones."""
    monkeypatch.setattr(writer_module, "FLUSH_AT", 22_000)


def run(
    world: World,
    batch: list[list[Value]],
    mode: WriteMode,
    *,
    at_request: Callable[[str], None] = lambda _way: None,
    guard: Callable[[], None] = lambda: None,
) -> SheetsClient:
    """One import; at_request is called before each try."""
    client = SheetsClient(
        world.standin.url,
        world.key_file,
        clock=world.clock,
        quota=HeardQuota(world.clock, at_request),
    )
    tab = open_spreadsheet(client, world.id).tab_for(FLOW, CALLS, guard=guard)
    writer = tab.writer(mode, guard=guard)
    for each in batch:
        writer.add(each)
    writer.finish()
    return client


def prepare(world: World, mode: WriteMode, *, refresh: bool) -> list[list[Value]]:
    """Return what to import: all of it into no tab, or a refresh of a tab with user columns."""
    if not refresh:
        return FIRST
    run(world, FIRST, mode)
    tab = world.ours()
    world.edit(insert_columns(tab, 3), append_columns(tab, 1))
    world.put(tab, 0, 3, [[f"note {n}"] for n in range(401)])
    return SECOND


def outcome(world: World) -> dict[str, list[list[Any]]]:
    """All tabs by title, and what is kept for an undo."""
    tabs = {title: world.cells(tab_id) for title, tab_id in world.tabs().items()}
    assert len(world.undo_tabs()) <= 1
    return tabs | {f"undo {n}": world.cells(id_) for n, id_ in enumerate(world.undo_tabs())}


def sizes(world: World) -> list[tuple[int, int]]:
    """Rows and columns of every grid."""
    grids = [
        world.grid(tab_id) for tab_id in (*world.tabs().values(), *world.undo_tabs()) if tab_id
    ]
    return [(grid.row_count, grid.column_count) for grid in grids]


@pytest.fixture(params=[False, True], ids=["fresh", "refresh"])
def refresh(request: pytest.FixtureRequest) -> bool:
    """Whether there is a tab already."""
    return bool(request.param)


@pytest.fixture(params=MODES, ids=[mode.value for mode in MODES])
def mode(request: pytest.FixtureRequest) -> WriteMode:
    """The write mode."""
    return WriteMode(request.param)


@pytest.fixture
def worlds(world: World) -> Iterator[Callable[[], World]]:
    """Spreadsheets as many as wanted."""
    return lambda: World(world.standin, world.key_file)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", ["lost", "drop", "502_html"])
def test_a_fault_at_any_request_leaves_no_trace(
    worlds: Callable[[], World], mode: WriteMode, kind: str, refresh: bool
) -> None:
    clean = worlds()
    requests = run(clean, prepare(clean, mode, refresh=refresh), mode).requests
    expected = outcome(clean)

    for struck in range(1, requests + 1):
        world = worlds()
        batch = prepare(world, mode, refresh=refresh)
        sent = 0

        def strike(_way: str, world: World = world, struck: int = struck) -> None:
            nonlocal sent
            sent += 1
            if sent == struck:
                world.fault(kind, path="/spreadsheets/")

        run(world, batch, mode, at_request=strike)
        assert sent > struck - 1
        assert world.standin.state.faults.waiting() == []
        assert outcome(world) == expected, f"request {struck} of {requests}"
        assert sizes(world) == sizes(clean), f"request {struck} of {requests}"


@pytest.mark.timeout(300)
def test_a_kill_before_any_write_then_a_second_run(
    worlds: Callable[[], World], mode: WriteMode, refresh: bool
) -> None:
    clean = worlds()
    writes = run(clean, prepare(clean, mode, refresh=refresh), mode).writes
    expected = outcome(clean)

    for killed_at in range(1, writes + 1):
        world = worlds()
        batch = prepare(world, mode, refresh=refresh)
        passed = 0

        def guard(killed_at: int = killed_at) -> None:
            nonlocal passed
            passed += 1
            if passed == killed_at:
                raise Killed

        with pytest.raises(Killed):
            run(world, batch, mode, guard=guard)
        run(world, batch, mode)
        assert outcome(world) == expected, f"write {killed_at} of {writes}"


def test_a_quota_that_is_used_up_is_waited_out(world: World) -> None:
    world.fault("429_user", times=2)
    world.fault("429_project", path="values:batchUpdate", times=1)

    run(world, rows(range(10)), WriteMode.UPDATE)

    assert len(world.cells()) == 11
    # Google's quota is per minute: a bit over the rest of it, never a blind doubling.
    assert len(world.clock.slept) == 3
    assert all(1 <= seconds <= 63 for seconds in world.clock.slept)


def test_the_quota_is_asked_before_every_try(world: World) -> None:
    world.fault("503_html", times=1)
    asked: list[str] = []
    client = run(world, rows(range(10)), WriteMode.UPDATE, at_request=asked.append)

    assert len(asked) == client.requests
    assert asked.count("write") == client.writes
