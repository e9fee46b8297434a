"""The window plan: complete, without overlap, within reach of the wall."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from callsheet.aircall.windows import CountedWindow, Window, cut, plan_windows, window_of
from callsheet.span import Span


class Source:
    """Call times in order; counts like Aircall: after < started_at <= until."""

    def __init__(self, times: list[int]) -> None:
        self.times = sorted(times)
        self.asked = 0

    def count(self, window: Window) -> int:
        self.asked += 1
        return bisect_right(self.times, window.until) - bisect_right(self.times, window.after)


def plan(times: list[int], whole: Window, room: int) -> tuple[list[CountedWindow], Source]:
    source = Source(times)
    counted = CountedWindow(whole, source.count(whole))
    return list(plan_windows(counted, source.count, room=room)), source


WHOLE = Window(0, 1000)


@given(
    times=st.lists(st.integers(1, 1000), max_size=300)
    | st.lists(st.sampled_from([500, 501, 999]), max_size=300),
    room=st.integers(1, 60),
)
def test_windows_cover_the_span_exactly_and_fit(times: list[int], room: int) -> None:
    windows, source = plan(times, WHOLE, room)

    assert windows[0].window.after == WHOLE.after
    assert windows[-1].window.until == WHOLE.until
    for left, right in pairwise(windows):
        assert left.window.until == right.window.after
    assert sum(w.total for w in windows) == len(times)
    for w in windows:
        assert w.total <= room or w.window.seconds == 1
    assert source.asked <= 4 * len(windows) + 1


def test_a_span_that_fits_costs_one_count() -> None:
    windows, source = plan([1, 2, 3], WHOLE, 10)

    assert windows == [CountedWindow(WHOLE, 3)]
    assert source.asked == 1


def test_a_total_that_the_source_caps_still_leads_to_windows_that_fit() -> None:
    source = Source(list(range(1, 1001)))

    def capped(window: Window) -> int:
        return min(100, source.count(window))

    windows = list(plan_windows(CountedWindow(WHOLE, 100), capped, room=99))

    assert sum(w.total for w in windows) == 1000


def test_the_window_of_a_span_holds_its_first_second_and_not_its_end() -> None:
    start = datetime(2026, 11, 1, tzinfo=UTC)
    window = window_of(Span(start, start.replace(hour=1)))

    assert window.after == int(start.timestamp()) - 1
    assert window.until == int(start.timestamp()) + 3599
    assert window.seconds == 3600


def test_a_span_from_long_ago_asks_for_no_time_before_1970() -> None:
    span = Span(datetime(1, 1, 2, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC))

    assert window_of(span).after == 0


@given(st.integers(0, 10), st.integers(1, 5000), st.integers(1, 50))
def test_cutting_leaves_no_gap(after: int, length: int, parts: int) -> None:
    pieces = cut(Window(after, after + length), parts)

    assert pieces[0].after == after
    assert pieces[-1].until == after + length
    assert all(a.until == b.after for a, b in pairwise(pieces))
    assert all(piece.seconds >= 1 for piece in pieces)
