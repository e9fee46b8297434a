"""Read the records of a span window by window, each record once, and count them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from callsheet.aircall.client import PAGE_SIZE, AircallClient, Page
from callsheet.aircall.windows import WALL, CountedWindow, Window, plan_windows, window_of
from callsheet.entity import Entity, Record
from callsheet.span import Span

_LAST_PAGE = WALL // PAGE_SIZE
_READINGS = 3
"""How often a window is read when the records and the source's total differ."""


@dataclass(slots=True)
class WindowReading:
    """The records of one window as they come, and how they compare with the source's total.

    moved: the total changed between two pages, so a record may have slipped past us.
    """

    window: Window
    total: int
    received: int = 0
    moved: bool = False
    without_id: int = 0
    ids: set[int | str] = field(default_factory=set)

    @property
    def is_complete(self) -> bool:
        """Whether as many records came as the source counts."""
        return not self.moved and self.received + self.without_id >= self.total


class CallsReader:
    """Reads a dated entity from `after` to `until` in ascending order with a fixed upper bound."""

    def __init__(self, client: AircallClient, entity: Entity, span: Span) -> None:
        self._client = client
        self._entity = entity
        self._whole = window_of(span)

    def count(self) -> CountedWindow:
        """Ask how many records the whole span has: one request."""
        return CountedWindow(self._whole, self._count(self._whole))

    def windows(self, counted: CountedWindow) -> Iterator[CountedWindow]:
        """Yield the windows to read, in time order."""
        return plan_windows(counted, self._count)

    def read(self, counted: CountedWindow) -> Iterator[tuple[list[Record], WindowReading]]:
        """Yield the window's records page by page, each id once, with the reading so far.

        When at the end fewer came than the source counts, the window is read again (at most
        three times in all) and what is new is yielded: records that moved while we paged.
        """
        reading = WindowReading(counted.window, counted.total)
        for _ in range(_READINGS):
            reading.moved, reading.without_id = False, 0
            for page in self._pages(counted.window):
                reading.moved = reading.moved or (page.number > 1 and page.total != reading.total)
                reading.total = page.total
                yield self._new_records(page, reading), reading
            if reading.is_complete:
                return

    def _pages(self, window: Window) -> Iterator[Page]:
        for number in range(1, _LAST_PAGE + 1):
            page = self._page(window, number, PAGE_SIZE)
            yield page
            if page.is_last:
                return

    def _new_records(self, page: Page, reading: WindowReading) -> list[Record]:
        fresh = []
        unnamed = 0
        for record in page.records:
            key = record.get("id") if isinstance(record, dict) else None
            if key is None:
                unnamed += 1
            elif key not in reading.ids:
                reading.ids.add(key)
                fresh.append(record)
        reading.received += len(fresh)
        reading.without_id += unnamed
        return fresh

    def _count(self, window: Window) -> int:
        return self._page(window, 1, 1).total

    def _page(self, window: Window, number: int, per_page: int) -> Page:
        parameters: dict[str, str | int] = {
            "order": "asc",
            "from": window.after,
            "to": window.until,
            **(self._entity.parameters or {}),
        }
        return self._client.page(
            self._entity.path,
            self._entity.records_key,
            parameters,
            number=number,
            per_page=per_page,
        )
