"""Pages asked for before they are needed: a few at a time, given out in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from math import ceil

from callsheet.aircall.page import Page

MOST_AHEAD = 8
"""Pages under way at the same time: a request takes most of its time on its way and at Aircall."""


class PagesAhead:
    """Asks for the pages of one list after the other, in threads of its own."""

    def __init__(self, most: int = MOST_AHEAD) -> None:
        self._most = most
        self._threads: ThreadPoolExecutor | None = None

    def pages(self, ask: Callable[[int], Page], last: int) -> Iterator[Page]:
        """Yield the pages from 1 on until one says that it is the last; never more than `last`.

        ask: returns the page of a number, in any thread. What it raises is raised here, in the
        place of its page. The first page is asked for alone: it tells how many there are.
        """
        page = ask(1)
        yield page
        end = min(last, ceil(page.total / page.per_page))
        under_way, asked = deque[Future[Page]](), 1
        try:
            for number in range(2, last + 1):
                if page.is_last:
                    return
                while asked < end and len(under_way) < self._most:
                    asked += 1
                    under_way.append(self._later(ask, asked))
                page = under_way.popleft().result() if under_way else ask(number)
                yield page
        finally:
            for future in under_way:
                future.cancel()

    def rest(self) -> None:
        """Wait for what is under way; nothing more of the list is asked for."""
        if self._threads is not None:
            self._threads.shutdown(cancel_futures=True)
            self._threads = None

    def _later(self, ask: Callable[[int], Page], number: int) -> Future[Page]:
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self._most, "pages")
        return self._threads.submit(copy_context().run, ask, number)
