"""Read an entity window by window: counted, paged, compared, read again where it differs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from callsheet.aircall.client import AircallClient
from callsheet.aircall.page import Page
from callsheet.aircall.sieve import Sieve
from callsheet.aircall.windows import CountedWindow, Window, plan_windows
from callsheet.entity import Entity, Record

READINGS = 3
"""How often a window is read when the records and the source's total differ."""

_BEFORE_OLDEST = 3_600
"""Seconds that a span keeps before its oldest record: lists need not be in the exact order of
their times, since Aircall may move the start of a call by a second."""

Bounds = Callable[[Window], Mapping[str, str | int]]
"""From a window to the parameters that ask for exactly its records, oldest first."""


class WindowedReading:
    """The windows of one span, each read until it is complete, at most three times.

    field: the one whose time the windows are about. is_settled: whether no window moved even in
    its last reading.
    """

    def __init__(
        self,
        client: AircallClient,
        entity: Entity,
        sieve: Sieve,
        field: str,
        bounds: Bounds,
    ) -> None:
        self._client = client
        self._entity = entity
        self._tally = sieve.tally
        self._sieve = sieve
        self._field = field
        self._bounds = bounds
        self.is_settled = True

    def begin(self, window: Window) -> CountedWindow:
        """Ask how many records a span has, and for the oldest of them: one request.

        The window that is returned begins shortly before it: else years in which there is nothing
        would be searched window by window.
        """
        page = self._count(window)
        oldest = page.records[0] if page.records else None
        began = oldest.get(self._field) if isinstance(oldest, dict) else None
        if isinstance(began, int):
            after = min(max(window.after, began - _BEFORE_OLDEST), window.until - 1)
            window = Window(after, window.until)
        return CountedWindow(window, page.total)

    def count(self, window: Window) -> int:
        """Ask how many records a window has: one request."""
        return self._count(window).total

    def windows(self, counted: CountedWindow) -> Iterator[CountedWindow]:
        """Yield the windows to read, in time order."""
        return plan_windows(counted, self.count)

    def read(self, counted: CountedWindow) -> Iterator[list[Record]]:
        """Yield the window's records page by page, each once.

        The window is read again when its total moved while we paged or fewer came than it counts;
        then only what is new is yielded. What stays missing is added to the tally.
        """
        sieve, total = self._sieve, counted.total
        sieve.begin_window()
        for again in range(READINGS):
            sieve.begin_reading()
            moved = False
            page = None
            for page in self._pages(counted.window, again):
                moved = moved or (page.number > 1 and page.total != total)
                total = page.total
                yield sieve.passed(page.records)
            at_the_wall = page is not None and not page.is_last
            if not moved and (sieve.received >= total or at_the_wall):
                break
        self._settle(moved)
        self._tally.total += total - counted.total
        sieve.end_window(missing=max(0, total - sieve.received))

    def _settle(self, moved: bool) -> None:
        """Warn once when a window moved in its last reading too: one record may have slipped by."""
        if moved and self.is_settled:
            self.is_settled = False
            self._tally.warnings.append(
                f"{self._entity.label} kept coming and going while they were read. "
                "Refresh again to be sure that none is missing."
            )

    def _count(self, window: Window) -> Page:
        page = self._client.page(
            self._entity.path, self._entity.records_key, self._query(window), per_page=1
        )
        self._tally.asked += not page.is_remembered
        return page

    def _pages(self, window: Window, again: int) -> Iterator[Page]:
        path, key = self._entity.path, self._entity.records_key
        for page in self._client.pages(path, key, self._query(window), again=again):
            self._tally.asked += not page.is_remembered
            yield page

    def _query(self, window: Window) -> Mapping[str, str | int]:
        return {**self._bounds(window), **(self._entity.parameters or {})}
