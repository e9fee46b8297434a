"""Read Contacts: newest change first down to the bookmark, or whole in windows of creation."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from datetime import datetime
from typing import Any

from callsheet.aircall.client import AircallClient
from callsheet.aircall.page import Page
from callsheet.aircall.reading import Part, Tally
from callsheet.aircall.sieve import Sieve
from callsheet.aircall.windowed import WindowedReading
from callsheet.aircall.windows import LAST_PAGE, CountedWindow, Window
from callsheet.entity import Entity, Record

_WALKS = 5
"""How often a walk is started when contacts come or go meanwhile."""


class WalkReader:
    """Reads what changed since the bookmark; everything without one, or when `deep`.

    An edit of a contact's phone numbers or e-mails does not move its `updated_at` (Estuary's
    connector), and a deletion leaves no trace, so that now and then it has to be read whole.
    """

    def __init__(
        self,
        client: AircallClient,
        entity: Entity,
        *,
        bookmark: datetime | None,
        deep: bool,
        now: datetime,
    ) -> None:
        self.tally = Tally()
        self._client = client
        self._entity = entity
        self._now = now
        self._since = None if deep or bookmark is None else _with_look_back(bookmark, entity)
        self.is_whole = self._since is None
        self._sieve = Sieve(entity, self.tally)
        self._reading = WindowedReading(
            client, entity, self._sieve, "created_at", _bounds_of_contacts
        )
        self._first: Page | None = None
        self._counted: CountedWindow | None = None
        self._met_wall = False

    def expect(self) -> int:
        """Ask how many records there will be: one request, the first time.

        Of a walk that is more than one page long it is the most that there can be.
        """
        if self._since is None:
            return self._count_whole().total
        if self._first is None:
            self._first = self._walk_page(1)
        changed = self._changed(self._first)
        return len(changed) if self._ends_at(self._first, changed) else self._first.total

    def parts(self) -> Iterator[Part]:
        """Yield what there is; only the last, empty part tells how far the bookmark may move."""
        if self._since is not None:
            yield Part(self._walk())
        if self._since is None or self._met_wall:
            yield from self._whole_parts()
        yield Part(iter(()), self._now)

    def _whole_parts(self) -> Iterator[Part]:
        counted = self._count_whole()
        self.tally.total = 0
        for window in self._reading.windows(counted):
            self.tally.total += window.total
            if window.total:
                yield Part(self._reading.read(window))
        odd = self.tally.missing or self.tally.without_id or not self._reading.is_settled
        self.is_whole = not odd

    def _count_whole(self) -> CountedWindow:
        if self._counted is None:
            self._counted = self._reading.begin(Window(-1, int(self._now.timestamp())))
            self.tally.total = self._counted.total
        return self._counted

    def _walk(self) -> Iterator[list[Record]]:
        self._sieve.begin_window()
        for again in range(_WALKS):
            self._sieve.begin_reading()
            moved = yield from self._walk_once(again)
            if not moved:
                break
        else:
            self.tally.warnings.append(
                "Contacts kept coming and going while they were read; what was passed over "
                "arrives when all contacts are read again, once a day."
            )
        self._sieve.end_window(missing=0)
        self.tally.total = self.tally.received

    def _walk_once(self, again: int) -> Generator[list[Record], None, bool]:
        """Walk down to the bookmark; return whether the list moved, which ends the walk."""
        total = None
        for number in range(1, LAST_PAGE + 1):
            page = (self._first if number == 1 else None) or self._walk_page(number, again)
            self._first = None
            if total is not None and page.total != total:
                return True
            total = page.total
            changed = self._changed(page)
            yield self._sieve.passed(changed)
            if self._ends_at(page, changed):
                return False
        self._met_wall = True
        return False

    def _changed(self, page: Page) -> list[Any]:
        """The records of a page that changed since the bookmark, or do not tell when."""
        since = self._since or 0
        return [record for record in page.records if not _older(record, since)]

    @staticmethod
    def _ends_at(page: Page, changed: list[Any]) -> bool:
        return page.is_last or len(changed) < len(page.records)

    def _walk_page(self, number: int, again: int = 0) -> Page:
        newest_first = {"order": "desc", "order_by": "updated_at"}
        parameters = {**newest_first, **(self._entity.parameters or {})}
        page = self._client.page(
            self._entity.path, self._entity.records_key, parameters, number=number, again=again
        )
        self.tally.asked += not page.is_remembered
        return page


def _older(record: Any, since: int) -> bool:
    changed_at = record.get("updated_at") if isinstance(record, dict) else None
    return isinstance(changed_at, int | float) and changed_at < since


def _with_look_back(bookmark: datetime, entity: Entity) -> int:
    """The bookmark minus a little, in UNIX seconds: Aircall's clock need not be ours."""
    moment = bookmark - entity.cursor.look_back if entity.cursor else bookmark
    return int(moment.timestamp())


def _bounds_of_contacts(window: Window) -> Mapping[str, str | int]:
    """Aircall answers contacts with from <= created_at <= to, both included (measured)."""
    return {
        "order": "asc",
        "order_by": "created_at",
        "from": window.after + 1,
        "to": window.until,
    }
