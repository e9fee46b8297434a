"""Transfer: the parts of one reading, one after the other, into one tab."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime

from callsheet.aircall.reading import Part, Reader
from callsheet.availability import next_records
from callsheet.checkpoint import Checkpoint, StepAside
from callsheet.data_flow import WriteMode
from callsheet.entity import Entity, ReadContext, Reading, Record
from callsheet.filtering import Matcher, matcher
from callsheet.options import WhenGone
from callsheet.order import Order, Watcher
from callsheet.quality import QualityCounter
from callsheet.run import Counts, Phase, Progress
from callsheet.sheets.cells import key_text
from callsheet.sheets.tab import Tab
from callsheet.sheets.writer import TabWriter
from callsheet.span import parse_since, rolling_start

_PAGES_AT_ONCE = 40
"""So many pages at the most are read before they are written: what stepping aside has to write
first, and what a killed worker has read in vain."""


@dataclass(slots=True)
class Transfer:
    """Reads and writes once. entity: in the shape of its tab. start: what earlier slices did.

    expected: records that the source counts. noted: hears the checkpoint after each part.
    roster: the ids of the account's users for the quality card, where they are known. reached:
    the checkpoint of all that is in the tab for certain.
    """

    order: Order
    entity: Entity
    reader: Reader
    tab: Tab
    watcher: Watcher
    start: Checkpoint
    expected: int
    noted: Callable[[Checkpoint], None]
    roster: Iterable[str] | None = None
    reached: Checkpoint = field(init=False)
    _writer: TabWriter = field(init=False)
    _quality: QualityCounter = field(init=False)
    _matches: Matcher | None = field(init=False)
    _context: ReadContext = field(init=False)
    _pages: int = field(init=False, default=0)  # read since reached.written_until
    _skip: int = field(init=False, default=0)  # of these, so many were written by earlier slices
    _asked: int = field(init=False, default=0)  # of the source, when the last page had come
    _seen: set[str] = field(init=False, default_factory=set)  # keys, where all that is there comes
    _rejected: set[str] = field(init=False, default_factory=set)  # keys that filters hold back
    _snapshot: list[Record] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.reached = self.start
        self._context = ReadContext(self.tab.spreadsheet.zone)
        self._matches = matcher(self.order.options.filters)
        self._quality = QualityCounter(self.entity, self.roster, self.start.agents)
        self._asked = self.reader.tally.asked
        # Pages can only be passed over while they are the very ones that were written.
        self._skip = 0 if self._asked or self._writes_late else self.start.pages
        self._writer = self.tab.writer(
            self.order.mode,
            guard=self.watcher.guard,
            expected_rows=rows_to_expect(self.order, self.entity, self.expected),
            newest_first=self.order.options.newest_first,
        )

    def run(self) -> None:
        """Read all parts and write them.

        Raises SourceError, DestinationError, StepAside and what the watcher raises.
        """
        until = None
        read = 0
        for part in self.reader.parts():
            for page in part.pages:
                self._take(page)
                self._write_some()
                read += 1
                if read > self.start.pages:  # else it would step aside at the same page for ever
                    self.watcher.pause()
            self._end_part(part)
            until = part.until or until
        self._finish(until)

    def park(self) -> Checkpoint:
        """Write what was read and return from where to go on."""
        if self._writes_late:
            return replace(self.reached, pages=self._pages, counts=self._counts())
        with suppress(StepAside):  # Google's quota: what was not written is read again
            self._flush(None)
        return self.reached

    def rows(self) -> int | None:
        """Return how many rows the tab holds now; None where the same record may have several."""
        if self.order.mode is WriteMode.REPLACE:
            return self._writer.added + self._writer.updated + self._writer.unchanged
        return None if self.order.mode is WriteMode.APPEND else len(self._writer.keys())

    @property
    def _writes_late(self) -> bool:
        """Whether nothing reaches the tab before everything has been read."""
        return self.order.mode is WriteMode.REPLACE or self.entity.is_history

    def _take(self, page: list[Record]) -> None:
        is_written = self._is_written()
        for record in page:
            if self._matches is not None and not self._matches(record):
                self._rejected.add(str(record.get(self.entity.id_field)))
                continue
            self._quality.see(record)
            if self.entity.is_history:
                self._snapshot.append(record)
            else:
                self._take_rows(record, is_written=is_written)
        self._pages += 1
        self._report(Phase.READING)

    def _take_rows(self, record: Record, *, is_written: bool) -> None:
        is_listed = self.entity.reading is not Reading.SPAN
        if is_written and not is_listed:
            return
        for row in self.entity.rows(record, self._context):
            if is_listed:
                self._seen.add(key_text(row[0]))
            if not is_written:
                self._writer.add(row)

    def _is_written(self) -> bool:
        """Whether an earlier slice has written the page that has just come.

        A page that had to be asked for again may hold other records than then: from there on
        everything is written, and since stepping aside did not help, not done again.
        """
        if self._pages < self._skip and self.reader.tally.asked != self._asked:
            self._skip = 0
            self.watcher.hold()
        self._asked = self.reader.tally.asked
        return self._pages < self._skip

    def _write_some(self) -> None:
        if self._pages - self.reached.pages >= _PAGES_AT_ONCE and not self._writes_late:
            self._flush(None)
            self.noted(self.reached)

    def _end_part(self, part: Part) -> None:
        if not self._writes_late:
            # A later slice leaves out windows of a span only: all else it reads and counts anew.
            self._flush(part.until if self.entity.reading is Reading.SPAN else None)
            self.noted(self.reached)
        self._asked = self.reader.tally.asked

    def _flush(self, until: datetime | None) -> None:
        self._report(Phase.WRITING)
        self._writer.flush()
        self._remove_rejected()
        self.watcher.written(self.tab, until)
        self._note(until)

    def _note(self, until: datetime | None) -> None:
        """Move the checkpoint to where everything is written."""
        warnings = (*self.start.warnings, *self.reader.tally.warnings, *self._writer.warnings)
        self.reached = replace(
            self.reached,
            pages=self._pages,
            counts=self._counts(),
            warnings=tuple(dict.fromkeys(warnings)),
        )
        if until is not None:
            self._pages = self._skip = 0
            card = self.start.quality.plus(self._quality.card(self.reader.tally))
            self.reached = replace(
                self.reached,
                written_until=until,
                pages=0,
                quality=card,
                agents=self._quality.agents if self.roster is not None else (),
            )

    def _remove_rejected(self) -> None:
        """Remove rows of records that the filters let through earlier and do not any more.

        Snapshots stay: what they tell was so.
        """
        if not self._rejected or self.order.mode is not WriteMode.UPDATE:
            return
        stale = self._rejected.intersection(self._writer.keys())
        self._rejected.clear()
        if stale:
            self._writer.retire(stale, WhenGone.REMOVE, self.start.began_at)

    def _finish(self, until: datetime | None) -> None:
        """Do what needs everything to have been read; done again, it does no harm."""
        self.watcher.hold()
        if self.entity.is_history:
            self._add_intervals()
        self._report(Phase.WRITING)
        self._writer.flush()
        self._retire_gone()
        self._retire_rolled_out()
        self._writer.finish()
        until = until or self.start.began_at
        self.watcher.written(self.tab, until)
        if self.entity.name == "users" and self.reader.is_whole:
            self.watcher.roster_read(self._seen)
        self._note(until)
        self._warn_of_missing()

    def _add_intervals(self) -> None:
        table = self._writer.table(("status", "minutes"))
        for record in next_records(table, self._snapshot, self.order.gap):
            for row in self.entity.rows(record, self._context):
                self._writer.add(row)

    def _retire_gone(self) -> None:
        if not self.reader.is_whole or self._writes_late:
            return
        gone = set(self._writer.keys()) - self._seen
        if gone:
            self._writer.retire(gone, self.order.options.when_gone, self.start.began_at)

    def _retire_rolled_out(self) -> None:
        options, cursor = self.order.options, self.entity.cursor
        if options.rolling_days is None or options.when_rolled_out is not WhenGone.REMOVE:
            return
        if cursor is None or self._writes_late:
            return
        zone, now = self._context.zone, self.start.began_at
        first = parse_since(rolling_start(options.rolling_days, zone, now), zone, now)
        old = self._writer.keys_before(cursor.field, first)
        if old:
            self._writer.retire(old, WhenGone.REMOVE, now)

    def _warn_of_missing(self) -> None:
        card, label = self.reached.quality, self.entity.label.lower()
        found = list(self.reached.warnings)
        if card.without_id:
            found.append(f"{card.without_id} {label} came without an id and were passed over.")
        if card.missing:
            found.append(
                f"Aircall counts {card.missing} {label} more than it gave, after reading three "
                "times. Refresh later to see whether they arrive."
            )
        self.reached = replace(self.reached, warnings=tuple(dict.fromkeys(found)))

    @property
    def _received(self) -> int:
        return self.start.quality.received + self.reader.tally.received

    def _counts(self) -> Counts:
        before, writer = self.start.counts, self._writer
        return Counts(
            rows_received=self._received,
            rows_added=before.rows_added + writer.added,
            rows_updated=before.rows_updated + writer.updated,
            rows_unchanged=before.rows_unchanged + writer.unchanged,
            rows_removed=before.rows_removed + writer.retired,
        )

    def _report(self, phase: Phase) -> None:
        received = max(self._received, self.start.counts.rows_received)
        self.watcher.progressed(Progress(phase, received, max(self.expected, received)))


def rows_to_expect(order: Order, entity: Entity, records: int) -> int | None:
    """Return how many rows will come of so many records.

    None where nobody knows: of what filters let through, and of intervals.
    """
    return None if matcher(order.options.filters) or entity.is_history else records
