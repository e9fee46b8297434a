"""Pages asked for ahead: in order, a few at a time, also when one fails or the list moves."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callsheet.aircall.ahead import MOST_AHEAD, PagesAhead
from callsheet.aircall.page import Page
from callsheet.errors import SourceUnavailable

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


class Source:
    """A list of so many records. free: how many requests may be sent before one has to wait."""

    def __init__(
        self,
        total: Callable[[int], int],
        wait: Callable[[int], float] = lambda _: 0.0,
        *,
        known: frozenset[int] = frozenset(),
        free: int = 10**6,
    ) -> None:
        self.total, self.wait, self.known, self.free = total, wait, known, free
        self.asked: list[int] = []
        self.looked_up: list[int] = []
        self.waited_with: list[int] = []
        self.under_way = self.most = 0
        self.lock = threading.Lock()

    def page(self, number: int) -> Page:
        return Page([{"id": number}], number, 50, self.total(number), NOW)

    def recalled(self, number: int) -> Page | None:
        self.looked_up.append(number)
        return self.page(number) if number in self.known else None

    def ticket(self, *, may_wait: bool) -> str | None:
        if self.free <= 0:
            if not may_wait:
                return None
            with self.lock:
                self.waited_with.append(self.under_way)
            self.free += 3
        self.free -= 1
        return "ticket"

    def fetched(self, number: int, ticket: str) -> Page:
        assert ticket == "ticket"
        with self.lock:
            self.asked.append(number)
            self.under_way += 1
            self.most = max(self.most, self.under_way)
        time.sleep(self.wait(number))
        with self.lock:
            self.under_way -= 1
        return self.page(number)


@contextmanager
def reading(source: Source, last: int = 200) -> Iterator[Iterator[Page]]:
    ahead = PagesAhead()
    try:
        yield ahead.pages(source, last)
    finally:
        ahead.rest()


def numbers(source: Source) -> list[int]:
    with reading(source) as pages:
        return [page.number for page in pages]


@given(
    total=st.integers(0, 900),
    waits=st.lists(st.sampled_from([0, 0.001, 0.003]), min_size=19, max_size=19),
    known=st.frozensets(st.integers(1, 18)),
    free=st.integers(0, 20),
)
def test_pages_come_in_order_each_looked_up_and_asked_for_once(
    total: int, waits: list[float], known: frozenset[int], free: int
) -> None:
    source = Source(lambda _: total, lambda number: waits[number], known=known, free=free)
    wanted = list(range(1, max(1, -(-total // 50)) + 1))

    assert numbers(source) == wanted
    assert source.looked_up == wanted
    assert sorted(source.asked) == [number for number in wanted if number not in known]
    assert set(source.waited_with) <= {0}, "nobody waits before all that is under way is given out"


def test_the_first_page_comes_alone_and_then_a_few_at_a_time() -> None:
    source = Source(lambda _: 2_000, lambda _: 0.01)

    with reading(source) as pages:
        next(pages)
        assert source.asked == [1]
        assert len(list(pages)) == 39

    assert source.most == MOST_AHEAD


def test_no_page_is_asked_for_behind_the_wall() -> None:
    source = Source(lambda _: 20_000)

    assert numbers(source)[-1] == max(source.asked) == 200


def test_a_list_that_grows_is_read_to_its_new_end() -> None:
    source = Source(lambda number: 240 if number < 3 else 420)

    assert numbers(source) == list(range(1, 10))


def test_a_list_that_shrinks_ends_early() -> None:
    source = Source(lambda number: 500 if number < 4 else 220)

    assert numbers(source) == [1, 2, 3, 4, 5]
    assert max(source.asked) <= 5 + MOST_AHEAD


def test_a_page_that_fails_fails_in_its_place() -> None:
    class Failing(Source):
        def fetched(self, number: int, ticket: str) -> Page:
            if number == 6:
                raise SourceUnavailable("page 6")
            return super().fetched(number, ticket)

    with reading(Failing(lambda _: 1_000)) as pages:
        assert [next(pages).number for _ in range(5)] == [1, 2, 3, 4, 5]
        with pytest.raises(SourceUnavailable, match="page 6"):
            next(pages)


def test_a_reader_that_leaves_leaves_nothing_behind() -> None:
    source = Source(lambda _: 5_000, lambda _: 0.005)

    with reading(source) as pages:
        assert [next(pages).number for _ in range(3)] == [1, 2, 3]

    assert source.under_way == 0
    assert len(source.asked) <= 3 + MOST_AHEAD
    assert not [one for one in threading.enumerate() if one.name.startswith("pages")]
