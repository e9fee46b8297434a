"""A spreadsheet on the stand-in, a writer for it, and the hands of a user."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from callsheet.data_flow import WriteMode
from callsheet.entity import Column, Entity, Kind, Value
from callsheet.sheets.client import SheetsClient, nothing
from callsheet.sheets.facts import TAB_KEY
from callsheet.sheets.quota import LocalQuota, Way
from callsheet.sheets.spreadsheet import Spreadsheet, open_spreadsheet
from callsheet.sheets.tab import Tab
from callsheet.sheets.writer import TabWriter
from sandbox.sheets.grid import Grid
from sandbox.sheets.server import SERVICE_ACCOUNT, SheetsStandIn

FLOW = "flow-1"
UNDO = "Callsheet undo "
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def _unread(_record: object, _context: object) -> Value:
    return None


def column(key: str, kind: Kind = Kind.TEXT) -> Column:
    """A column that nobody reads: the tests bring rows, not records."""
    return Column(key, key.replace("_", " ").title(), _unread, kind, f"What {key} means.")


COLUMNS = (
    column("id"),
    column("started_at", Kind.DATE_TIME),
    column("agent"),
    column("talking", Kind.SECONDS),
    column("cost", Kind.DECIMAL),
    column("archived", Kind.BOOLEAN),
    column("note", Kind.PARAGRAPH),
)
CALLS = Entity("calls", "Calls", "", "/v1/calls", "calls", COLUMNS)


def row(number: int, note: str = "", agent: str = "Ada") -> list[Value]:
    """One call."""
    started = START + timedelta(minutes=number)
    return [str(4_000_000_000 + number), started, agent, number % 600, 0.013, number % 3 == 0, note]


def rows(numbers: Sequence[int], note: str = "") -> list[list[Value]]:
    """Some calls."""
    return [row(number, note) for number in numbers]


class FastClock:
    """The real time, in which sleeping takes none."""

    def __init__(self) -> None:
        self.skipped = timedelta()
        self.slept: list[float] = []
        self.while_asleep: Callable[[], None] = nothing

    def now(self) -> datetime:
        return datetime.now(UTC) + self.skipped

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.while_asleep()
        self.skipped += timedelta(seconds=seconds)


class HeardQuota(LocalQuota):
    """Calls `at_request` with "read" or "write" before every try."""

    def __init__(self, clock: FastClock, at_request: Callable[[str], None]) -> None:
        super().__init__(clock)
        self._at_request = at_request

    def take(self, way: Way) -> float:
        wait = super().take(way)
        if wait == 0:
            self._at_request(way)
        return wait


class World:
    """One spreadsheet that the service account may edit."""

    def __init__(self, standin: SheetsStandIn, key_file: Path, zone: str = "Europe/Paris") -> None:
        self.standin = standin
        self.key_file = key_file
        self.id = standin.create_spreadsheet("Team", time_zone=zone, editors=[SERVICE_ACCOUNT])
        self.clock = FastClock()
        self.last: SheetsClient | None = None

    def client(self, **options: Any) -> SheetsClient:
        """A new sign-in, as each run has."""
        self.last = SheetsClient(self.standin.url, self.key_file, clock=self.clock, **options)
        return self.last

    def open(self, **options: Any) -> Spreadsheet:
        """Open the spreadsheet as a new run does."""
        return open_spreadsheet(self.client(**options), self.id)

    def tab(self, entity: Entity = CALLS, title: str = "", **options: Any) -> Tab:
        """The flow's tab, as a new run finds or makes it."""
        return self.open(**options).tab_for(FLOW, entity, title)

    def run(
        self,
        batch: Sequence[list[Value]],
        mode: WriteMode = WriteMode.UPDATE,
        guard: Callable[[], None] = nothing,
        entity: Entity = CALLS,
    ) -> TabWriter:
        """One whole import."""
        spreadsheet = self.open()
        writer = spreadsheet.tab_for(FLOW, entity, guard=guard).writer(mode, guard=guard)
        for each in batch:
            writer.add(each)
        writer.finish()
        return writer

    def fault(self, kind: str, path: str = "/spreadsheets/", method: str = "", **more: Any) -> None:
        """Let coming requests fail."""
        self.standin.state.faults.add({"kind": kind, "path": path, "method": method, **more})

    def edit(self, *requests: dict[str, Any]) -> None:
        """Change something as the owner does by hand."""
        self.standin.edit(self.id, *requests)

    def put(self, tab_id: int, top: int, left: int, values: list[list[Any]]) -> None:
        """Type values into cells; top and left count from 0."""
        with self.standin.state.change(self.id) as book:
            tab = book.tab(tab_id)
            assert tab is not None
            tab.grid.put(top, left, values)

    def tabs(self) -> dict[str, int]:
        """Ids by title; without what is kept for an undo."""
        tabs = self.standin.state.books[self.id].tabs
        return {tab.title: tab.sheet_id for tab in tabs if not tab.title.startswith(UNDO)}

    def undo_tabs(self) -> list[int]:
        """Ids of the hidden tabs that are kept for an undo."""
        tabs = self.standin.state.books[self.id].tabs
        assert all(tab.properties["hidden"] for tab in tabs if tab.title.startswith(UNDO))
        return [tab.sheet_id for tab in tabs if tab.title.startswith(UNDO)]

    def grid(self, tab_id: int | None = None) -> Grid:
        """The cells of a tab; without id, of the only one that is ours."""
        tab = self.standin.state.books[self.id].tab(tab_id or self.ours())
        assert tab is not None
        return tab.grid

    def ours(self) -> int:
        """The id of the flow's tab, looked up without a request."""
        for tag in self.standin.state.books[self.id].metadata:
            if tag.key == TAB_KEY:
                value = json.loads(tag.value)
                if (value["flow"], value["tab"]) == (FLOW, tag.sheet_id) and value[
                    "spreadsheet"
                ] == self.id:
                    return int(value["tab"])
        raise AssertionError("no tab of the flow")

    def cells(self, tab_id: int | None = None) -> list[list[Any]]:
        """All rows with something in them, header included, without trailing empty cells."""
        grid = self.grid(tab_id)
        return [list(grid.row(index)) for index in range(grid.last_row())]

    def keys(self) -> list[Any]:
        """The first column under the header."""
        return [line[0] if line else None for line in self.cells()[1:]]


def delete_rows(tab_id: int, first: int, end: int) -> dict[str, Any]:
    """Rows counted from 0, end excluded."""
    return {"deleteDimension": {"range": _strip(tab_id, "ROWS", first, end)}}


def insert_columns(tab_id: int, at: int, count: int = 1) -> dict[str, Any]:
    """Columns counted from 0."""
    return {"insertDimension": {"range": _strip(tab_id, "COLUMNS", at, at + count)}}


def append_columns(tab_id: int, count: int) -> dict[str, Any]:
    """At the right end."""
    return {"appendDimension": {"sheetId": tab_id, "dimension": "COLUMNS", "length": count}}


def delete_column(tab_id: int, at: int) -> dict[str, Any]:
    """Columns counted from 0."""
    return {"deleteDimension": {"range": _strip(tab_id, "COLUMNS", at, at + 1)}}


def sort_by(tab_id: int, place: int, *, descending: bool = False) -> dict[str, Any]:
    """Sort everything under the header by one column, counted from 0."""
    order = "DESCENDING" if descending else "ASCENDING"
    area = {"sheetId": tab_id, "startRowIndex": 1, "startColumnIndex": 0}
    specs = [{"dimensionIndex": place, "sortOrder": order}]
    return {"sortRange": {"range": area, "sortSpecs": specs}}


def rename(tab_id: int, title: str) -> dict[str, Any]:
    """Give a tab another title."""
    properties = {"sheetId": tab_id, "title": title}
    return {"updateSheetProperties": {"properties": properties, "fields": "title"}}


def _strip(tab_id: int, dimension: str, start: int, end: int) -> dict[str, Any]:
    return {"sheetId": tab_id, "dimension": dimension, "startIndex": start, "endIndex": end}
