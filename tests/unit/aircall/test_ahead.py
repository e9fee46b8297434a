"""Pages asked for ahead: in order, a few at a time, also when one fails or the list moves."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callsheet.aircall.ahead import MOST_AHEAD, PagesAhead
from callsheet.aircall.page import Page
from callsheet.errors import SourceUnavailable

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def a_page(number: int, total: int) -> Page:
    return Page([{"id": number}], number, 50, total, NOW)


class Source:
    """Answers pages; remembers which were asked for and how many at the same time."""

    def __init__(self, total: Callable[[int], int], wait: Callable[[int], float]) -> None:
        self.total, self.wait = total, wait
        self.asked: list[int] = []
        self.under_way = self.most = 0
        self.lock = threading.Lock()

    def __call__(self, number: int) -> Page:
        with self.lock:
            self.asked.append(number)
            self.under_way += 1
            self.most = max(self.most, self.under_way)
        time.sleep(self.wait(number))
        with self.lock:
            self.under_way -= 1
        return a_page(number, self.total(number))


def numbers(source: Callable[[int], Page], last: int = 200) -> list[int]:
    ahead = PagesAhead()
    try:
        return [page.number for page in ahead.pages(source, last)]
    finally:
        ahead.rest()


@given(st.integers(0, 900), st.lists(st.sampled_from([0, 0.001, 0.003]), min_size=19, max_size=19))
def test_pages_come_in_order_each_asked_for_once(total: int, waits: list[float]) -> None:
    source = Source(lambda _: total, lambda number: waits[number])

    assert numbers(source) == list(range(1, max(1, -(-total // 50)) + 1))
    assert sorted(source.asked) == numbers(source)


def test_the_first_page_comes_alone_and_then_a_few_at_a_time() -> None:
    source = Source(lambda _: 2_000, lambda _: 0.01)
    under_way_with_first: list[int] = []

    def ask(number: int) -> Page:
        page = source(number)
        if number == 1:
            under_way_with_first.append(source.most)
        return page

    assert len(numbers(ask)) == 40
    assert under_way_with_first == [1]
    assert source.most == MOST_AHEAD


def test_no_page_is_asked_for_behind_the_wall() -> None:
    source = Source(lambda _: 20_000, lambda _: 0)

    assert numbers(source, last=200)[-1] == 200
    assert max(source.asked) == 200


def test_a_list_that_grows_is_read_to_its_new_end() -> None:
    source = Source(lambda number: 240 if number < 3 else 420, lambda _: 0)

    assert numbers(source) == list(range(1, 10))


def test_a_list_that_shrinks_ends_early() -> None:
    source = Source(lambda number: 500 if number < 4 else 220, lambda _: 0)

    assert numbers(source) == [1, 2, 3, 4, 5]
    assert max(source.asked) <= 5 + MOST_AHEAD


def test_a_page_that_fails_fails_in_its_place() -> None:
    def ask(number: int) -> Page:
        if number == 6:
            raise SourceUnavailable("page 6")
        return a_page(number, 1_000)

    ahead = PagesAhead()
    pages = ahead.pages(ask, 200)
    got = [next(pages).number for _ in range(5)]
    with pytest.raises(SourceUnavailable, match="page 6"):
        next(pages)
    ahead.rest()

    assert got == [1, 2, 3, 4, 5]


def test_a_reader_that_leaves_leaves_nothing_behind() -> None:
    source = Source(lambda _: 5_000, lambda _: 0.005)
    ahead = PagesAhead()
    pages = ahead.pages(source, 200)
    assert [next(pages).number for _ in range(3)] == [1, 2, 3]

    ahead.rest()
    asked = len(source.asked)

    assert source.under_way == 0
    assert asked <= 3 + MOST_AHEAD
    assert not [one for one in threading.enumerate() if one.name.startswith("pages")]
