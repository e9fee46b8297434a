"""Pages asked for before they are needed: a few at a time, given out in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from math import ceil
from typing import Protocol

from callsheet.aircall.page import Page

MOST_AHEAD = 8
"""Pages under way at the same time: a request takes most of its time on its way and at Aircall."""


class PageSource(Protocol):
    """One list, page by page. Only `fetched` is called in other threads."""

    def recalled(self, number: int) -> Page | None:
        """Return the page if it is remembered; None: it has to be fetched."""
        ...

    def ticket(self, *, may_wait: bool) -> str | None:
        """Return what allows one request; None only where that means waiting and may not."""
        ...

    def fetched(self, number: int, ticket: str) -> Page:
        """Return the page from the source."""
        ...


class PagesAhead:
    """Asks for the pages of one list after the other, the requests in threads of its own."""

    def __init__(self, most: int = MOST_AHEAD) -> None:
        self._most = most
        self._threads: ThreadPoolExecutor | None = None

    def pages(self, source: PageSource, last: int) -> Iterator[Page]:
        """Yield the pages from 1 on until one says that it is the last; never more than `last`.

        The first page is asked for alone: it tells how many there are. Tickets are taken in the
        order of the pages; where there is none at once, all that is under way is given out before
        anybody waits. What a request raises is raised in the place of its page.
        """
        ahead = _Ahead(source, self._later)
        page = ahead.next(1, 1)
        yield page
        end = min(last, ceil(page.total / page.per_page))
        for _ in range(2, last + 1):
            if page.is_last:
                return
            page = ahead.next(end, self._most)
            yield page

    def rest(self) -> None:
        """Wait for what is under way."""
        if self._threads is not None:
            self._threads.shutdown()
            self._threads = None

    def _later(self, fetch: Callable[[int, str], Page], number: int, ticket: str) -> _Finish:
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self._most, "pages")
        return self._threads.submit(copy_context().run, fetch, number, ticket).result


_Finish = Callable[[], Page]
"""Returns a page that is under way, when it has come."""


class _Ahead:
    """What of one list is under way."""

    def __init__(
        self,
        source: PageSource,
        later: Callable[[Callable[[int, str], Page], int, str], _Finish],
    ) -> None:
        self._source = source
        self._later = later
        self._under_way: deque[_Finish] = deque()
        self._begun = 0
        self._is_unknown = False  # the next page has been looked up in vain

    def next(self, end: int, most: int) -> Page:
        """Return the next page, having begun more up to page `end`, `most` at a time."""
        while len(self._under_way) < most and (self._begun < end or not self._under_way):
            if not self._begin(may_wait=not self._under_way):
                break
        return self._under_way.popleft()()

    def _begin(self, *, may_wait: bool) -> bool:
        """Begin one more page; return whether the budget let us."""
        number = self._begun + 1
        page = None if self._is_unknown else self._source.recalled(number)
        if page is None:
            ticket = self._source.ticket(may_wait=may_wait)
            self._is_unknown = ticket is None
            if ticket is None:
                return False
            self._under_way.append(self._later(self._source.fetched, number, ticket))
        else:
            self._under_way.append(partial(_same, page))
        self._begun = number
        return True


def _same(page: Page) -> Page:
    return page
