"""THE STORY: one import from Aircall into a tab, top to bottom."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from callsheet.aircall.client import AircallClient
from callsheet.aircall.reader import CallsReader, WindowReading
from callsheet.aircall.windows import CountedWindow
from callsheet.clock import Clock
from callsheet.data_flow import WriteMode
from callsheet.entity import Entity, ReadContext
from callsheet.errors import TabMissing
from callsheet.run import Counts, Phase, Progress
from callsheet.sheets.client import SheetsClient
from callsheet.sheets.spreadsheet import Spreadsheet, open_spreadsheet
from callsheet.sheets.tab import Tab
from callsheet.sheets.writer import TabWriter
from callsheet.span import Span, parse_span, warnings_about

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Order:
    """What to import, and where to.

    flow_key: marks the tab as this flow's. since, until: as a person types them (span.py).
    bookmark: up to where earlier runs have read; the look-back is taken off here.
    may_create_tab: whether a missing tab is made (again).
    """

    entity: Entity
    spreadsheet_id: str
    flow_key: str
    tab_title: str
    since: str
    until: str | None = None
    mode: WriteMode = WriteMode.UPDATE
    bookmark: datetime | None = None
    may_create_tab: bool = True


class Watcher(Protocol):
    """Who follows the import: shows progress, keeps the bookmark, and may stop it."""

    def progressed(self, progress: Progress) -> None:
        """Hear how far the import is."""
        ...

    def written(self, tab: Tab, until: datetime) -> None:
        """Hear that everything up to `until` is in the tab."""
        ...

    def guard(self) -> None:
        """Raise to stop the import before its next write."""
        ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an import did."""

    tab_id: int
    tab_title: str
    span: Span
    counts: Counts
    warnings: tuple[str, ...]


def import_entity(
    order: Order, source: AircallClient, google: SheetsClient, *, clock: Clock, watcher: Watcher
) -> Outcome:
    """Read the order's span from Aircall and write it to its tab.

    Doing it again is always safe. Raises RequestError for dates that make no sense, SourceError
    and DestinationError; then the tab is whole and holds all windows that were written before.
    """
    spreadsheet = open_spreadsheet(google, order.spreadsheet_id)
    now = clock.now()
    span = _span_to_read(order, spreadsheet, now)
    warnings = warnings_about(span.start, order.entity, now)
    reader = CallsReader(source, order.entity, span)
    watcher.progressed(Progress(Phase.COUNTING))
    counted = reader.count()
    tab = _tab(order, spreadsheet, watcher.guard)
    story = _Story(order, spreadsheet, tab, reader, watcher, counted.total)
    story.run(counted)
    counts = story.counts(source.requests, google.requests)
    log.info("imported rows=%d requests=%d", counts.rows_received, counts.source_requests)
    return Outcome(tab.id, tab.title, span, counts, (*warnings, *story.warnings()))


def _span_to_read(order: Order, spreadsheet: Spreadsheet, now: datetime) -> Span:
    span = parse_span(order.since, order.until, spreadsheet.zone, now)
    cursor = order.entity.cursor
    if order.bookmark is None or cursor is None or order.mode is WriteMode.REPLACE:
        return span
    again_from = order.bookmark - cursor.look_back
    return Span(max(span.start, min(again_from, span.end)), span.end)


def _tab(order: Order, spreadsheet: Spreadsheet, guard: Callable[[], None]) -> Tab:
    if not order.may_create_tab and spreadsheet.find_tab(order.flow_key) is None:
        raise TabMissing("tab of the flow is gone")
    return spreadsheet.tab_for(order.flow_key, order.entity, order.tab_title, guard=guard)


class _Story:
    """The windows of one import, one after the other, into one tab."""

    def __init__(
        self,
        order: Order,
        spreadsheet: Spreadsheet,
        tab: Tab,
        reader: CallsReader,
        watcher: Watcher,
        expected: int,
    ) -> None:
        self._order = order
        self._context = ReadContext(spreadsheet.zone)
        self._tab = tab
        self._reader = reader
        self._watcher = watcher
        self._writer: TabWriter = tab.writer(
            order.mode, guard=watcher.guard, expected_rows=expected
        )
        self._received = 0
        self._without_id = 0
        self._missing = 0

    def run(self, counted: CountedWindow) -> None:
        expected = counted.total
        self._report(Phase.READING, expected)
        for window in self._reader.windows(counted):
            reading = self._read_window(window, expected)
            if reading is not None:
                self._without_id += reading.without_id
                self._missing += max(0, reading.total - reading.received - reading.without_id)
            if self._order.mode is not WriteMode.REPLACE:
                self._report(Phase.WRITING, expected)
                self._writer.flush()
                self._watcher.written(self._tab, window.window.end)
        self._report(Phase.WRITING, expected)
        self._writer.finish()
        self._watcher.written(self._tab, counted.window.end)

    def _read_window(self, window: CountedWindow, expected: int) -> WindowReading | None:
        latest = None
        for records, reading in self._reader.read(window):
            latest = reading
            for record in records:
                self._writer.add(self._order.entity.row(record, self._context))
            self._received += len(records)
            self._report(Phase.READING, expected)
        return latest

    def counts(self, source_requests: int, destination_requests: int) -> Counts:
        return Counts(
            rows_received=self._received,
            rows_added=self._writer.added,
            rows_updated=self._writer.updated,
            rows_unchanged=self._writer.unchanged,
            source_requests=source_requests,
            destination_requests=destination_requests,
        )

    def warnings(self) -> list[str]:
        label = self._order.entity.label.lower()
        found = list(self._writer.warnings)
        if self._without_id:
            found.append(f"{self._without_id} {label} came without an id and were passed over.")
        if self._missing:
            found.append(
                f"Aircall counts {self._missing} {label} more than it gave, after reading three "
                "times. Refresh later to see whether they arrive."
            )
        return found

    def _report(self, phase: Phase, expected: int) -> None:
        self._watcher.progressed(Progress(phase, self._received, max(expected, self._received)))


def instant(moment: datetime) -> str:
    """Return an instant as ISO 8601 in UTC, to the second."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
