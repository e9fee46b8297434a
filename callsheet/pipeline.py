"""THE STORY: one import from Aircall into a tab, top to bottom."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from callsheet.aircall.client import AircallClient
from callsheet.aircall.readers import reader_for
from callsheet.aircall.reading import Reader
from callsheet.catalogue import entity_named
from callsheet.checkpoint import Checkpoint, StepAside, SteppedAside
from callsheet.clock import Clock
from callsheet.data_flow import WriteMode
from callsheet.errors import (
    DestinationError,
    InvalidRequest,
    Recovery,
    SourceNotFound,
    SpreadsheetFull,
    TabMissing,
)
from callsheet.fitting import with_days
from callsheet.order import Order, Outcome, Watcher
from callsheet.order_span import span_to_read
from callsheet.run import Counts, Phase, Progress
from callsheet.shaping import shape, snapshots_of
from callsheet.sheets.archiving import boundary
from callsheet.sheets.client import SheetsClient
from callsheet.sheets.freshness import Freshness
from callsheet.sheets.spreadsheet import Spreadsheet, open_spreadsheet
from callsheet.sheets.tab import Tab
from callsheet.span import warnings_about
from callsheet.transfer import Transfer, rows_to_expect

log = logging.getLogger(__name__)

_MOST_PREFETCHED = 150_000
"""Records of a replacing import that are first read into memory, so that it may step aside."""


def import_entity(
    order: Order,
    source: AircallClient,
    google: SheetsClient,
    *,
    clock: Clock,
    watcher: Watcher,
    checkpoint: Checkpoint | None = None,
) -> Outcome:
    """Read what the order asks for from Aircall and write it to its tab.

    checkpoint: where an earlier slice of the same run stopped. Doing it again is always safe.
    Raises RequestError for what makes no sense, SourceError and DestinationError; then the tab is
    whole and holds all that was written before. Raises SteppedAside when the watcher asked to
    step aside: with its checkpoint the import goes on.
    """
    one = _Import(order, source, google, clock, watcher, checkpoint)
    try:
        return one.run()
    except StepAside as aside:
        raise SteppedAside(one.park(), aside.seconds) from None


class _Import:
    """One slice of an import. start: where it began, reached: where it stands."""

    def __init__(
        self,
        order: Order,
        source: AircallClient,
        google: SheetsClient,
        clock: Clock,
        watcher: Watcher,
        checkpoint: Checkpoint | None,
    ) -> None:
        if order.options.archive_months is not None and order.mode is not WriteMode.UPDATE:
            raise InvalidRequest(
                message="Archive tabs go with the update mode only. Leave the archive out, or "
                "choose to update."
            )
        self._entity = shape(order.entity, order.options)
        if order.mode is WriteMode.APPEND and not self._entity.is_history:
            self._entity = snapshots_of(self._entity)
        # Intervals grow, so a history can be nothing but updated.
        self._order = replace(order, mode=WriteMode.UPDATE) if self._entity.is_history else order
        self._source = source
        self._google = google
        self._clock = clock
        self._watcher = watcher
        self._is_first = checkpoint is None
        self._start = checkpoint or Checkpoint(clock.now())
        self._transfer: Transfer | None = None

    def run(self) -> Outcome:
        order, watcher = self._order, self._watcher
        spreadsheet = open_spreadsheet(self._google, order.spreadsheet_id)
        watcher.opened(spreadsheet.zone.key)
        if self._is_first:
            span = span_to_read(order, spreadsheet, self._start.began_at)
            self._start = watcher.begins(replace(self._start, span=span))
        if not self._start.counts.rows_received:
            watcher.progressed(Progress(Phase.COUNTING))
        reader = self._reader()
        expected = reader.expect()
        if order.mode is WriteMode.REPLACE:
            reader = self._replacing(reader, expected)
        tab = self._tab(spreadsheet, expected)
        transfer = Transfer(
            order,
            self._entity,
            reader,
            tab,
            watcher,
            self._start,
            expected,
            lambda reached: watcher.noted(replace(reached, counts=self._counted(reached))),
            self._roster(),
        )
        self._transfer = transfer
        transfer.run()
        warnings = self._finish(tab, transfer)
        return self._outcome(tab, transfer.reached, warnings)

    def park(self) -> Checkpoint:
        """Write what can be written and return from where to go on."""
        self._source.rest()
        reached = self._start if self._transfer is None else self._transfer.park()
        return replace(reached, counts=self._counted(reached))

    def _reader(self) -> Reader:
        order, start = self._order, self._start
        return reader_for(
            self._source,
            self._entity,
            start.span,
            bookmark=None if order.mode is WriteMode.REPLACE else order.bookmark,
            deep=order.deep,
            skip_until=start.written_until,
            now=start.began_at,
        )

    def _replacing(self, reader: Reader, expected: int) -> Reader:
        """Read everything into the client's memory, stepping aside as needed; then hold.

        What stands in a staging tab cannot be gone on with by another worker.
        """
        if self._source.remembers and expected <= _MOST_PREFETCHED:
            self._prefetch(reader, expected)
            reader = self._reader()
        self._watcher.hold()
        return reader

    def _prefetch(self, reader: Reader, expected: int) -> None:
        known, pages, received = self._start.pages, 0, 0
        for part in reader.parts():
            for page in part.pages:
                pages, received = pages + 1, received + len(page)
                progress = Progress(Phase.READING, received, max(received, expected))
                self._watcher.progressed(progress)
                if pages > known:
                    self._start = replace(self._start, pages=pages)
                    self._watcher.pause()
        self._start = replace(self._start, pages=0)

    def _tab(self, spreadsheet: Spreadsheet, expected: int) -> Tab:
        order = self._order
        if not order.may_create_tab and spreadsheet.find_tab(order.flow_key) is None:
            raise TabMissing("tab of the flow is gone")
        try:
            return spreadsheet.tab_for(
                order.flow_key,
                self._entity,
                order.tab_title,
                guard=self._watcher.guard,
                expected_rows=rows_to_expect(order, self._entity, expected) or 0,
            )
        except SpreadsheetFull as full:
            raise with_days(full, self._start.span, expected, spreadsheet.zone) from None

    def _roster(self) -> Iterable[str] | None:
        """Return the account's users for the quality card; asks Aircall only once a day."""
        if self._order.entity.name != "calls":
            return None
        known = self._watcher.roster()
        if known is not None or not self._order.deep:
            return known
        users = reader_for(self._source, entity_named("users"), None, now=self._start.began_at)
        try:
            found = [str(u["id"]) for part in users.parts() for page in part.pages for u in page]
        except SourceNotFound:
            return None
        self._watcher.roster_read(found)
        return found

    def _finish(self, tab: Tab, transfer: Transfer) -> list[str]:
        """Do what a run need not fail for, since the data are in the tab: its warnings."""
        rows = transfer.rows()
        moved, warnings = self._archive(tab)
        fresh = Freshness(
            data_up_to=transfer.reached.written_until or self._start.began_at,
            refreshed_at=self._clock.now(),
            next_refresh=self._order.next_refresh,
            rows=None if rows is None else rows - moved,
        )
        try:
            tab.stamp(fresh, guard=self._watcher.guard)
        except DestinationError as error:
            counts = transfer.reached.counts
            wrote = counts.rows_added or counts.rows_updated or counts.rows_removed
            if error.recovery is Recovery.FIX_BY_USER and not wrote:
                raise  # the note was the only thing to write: somebody has to know
            log.warning("stamp_failed code=%s", error.code)
            sentence = "Everything was imported, but the note that says how fresh the tab is could"
            warnings.append(f"{sentence} not be renewed: {error.user_message}")
        return warnings

    def _archive(self, tab: Tab) -> tuple[int, list[str]]:
        """Move old rows to archive tabs if the order wants it: how many, and what to tell."""
        options, cursor = self._order.options, self._entity.cursor
        if options.archive_months is None or cursor is None:
            return 0, []
        before = boundary(self._start.began_at, options.archive_months, tab.spreadsheet.zone)
        known = len(tab.warnings)
        try:
            moved = tab.archive(before, cursor.field, options.archive_by, guard=self._watcher.guard)
        except DestinationError as error:
            log.warning("archive_failed code=%s", error.code)
            sentence = "Everything was imported, but older rows could not be moved to archive tabs"
            return 0, [f"{sentence}: {error.user_message}"]
        log.info("archived rows=%d", moved)
        told = [f"{moved:,} older rows were moved to archive tabs."] if moved else []
        return moved, [*told, *tab.warnings[known:]]

    def _outcome(self, tab: Tab, reached: Checkpoint, more: list[str]) -> Outcome:
        order, start = self._order, self._start
        self._source.rest()
        counts = self._counted(reached)
        about = warnings_about(start.span.start, order.entity, start.began_at) if start.span else []
        warnings = tuple(dict.fromkeys([*about, *start.warnings, *reached.warnings, *more]))
        log.info("imported rows=%d requests=%d", counts.rows_received, counts.source_requests)
        return Outcome(
            tab_id=tab.id,
            tab_title=tab.title,
            span=start.span,
            counts=counts,
            warnings=warnings,
            quality=reached.quality,
            began_at=start.began_at,
            is_deep=order.deep,
        )

    def _counted(self, reached: Checkpoint) -> Counts:
        before = self._start.counts
        return replace(
            reached.counts,
            source_requests=before.source_requests + self._source.requests,
            destination_requests=before.destination_requests + self._google.requests,
        )


def instant(moment: datetime) -> str:
    """Return an instant as ISO 8601 in UTC, to the second."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
