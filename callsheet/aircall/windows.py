"""Cut a span of time into windows that Aircall can page fully; pure.

Aircall refuses any page with page × per_page above 10,000, so a window must match fewer records.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from math import ceil

from callsheet.aircall.page import PAGE_SIZE
from callsheet.span import Span

WALL = 10_000
"""Position that no page may pass (measured on calls, contacts and tags)."""

LAST_PAGE = WALL // PAGE_SIZE

ROOM = 9_500
"""Most records that we leave in one window: some may still move into it while we read."""


@dataclass(frozen=True, slots=True)
class Window:
    """One time slice: after < started_at <= until, UNIX seconds: Aircall's own bounds for calls."""

    after: int
    until: int

    @property
    def seconds(self) -> int:
        """How many different seconds the window holds."""
        return self.until - self.after

    @property
    def end(self) -> datetime:
        """The last second that belongs to the window."""
        return datetime.fromtimestamp(self.until, UTC)


@dataclass(frozen=True, slots=True)
class CountedWindow:
    """A window and how many records the source counted in it."""

    window: Window
    total: int


def window_of(span: Span) -> Window:
    """Return the window of the whole seconds of a span (start <= s < end), from 1970 on."""
    return Window(max(0, int(span.start.timestamp()) - 1), int(span.end.timestamp()) - 1)


def cut(window: Window, parts: int) -> list[Window]:
    """Cut a window into at most `parts` neighbours of equal length, without gap or overlap."""
    parts = max(1, min(parts, window.seconds))
    edges = [window.after + window.seconds * i // parts for i in range(parts + 1)]
    return [Window(a, b) for a, b in pairwise(edges)]


def plan_windows(
    counted: CountedWindow, count: Callable[[Window], int], *, room: int = ROOM
) -> Iterator[CountedWindow]:
    """Yield windows in time order, each with at most `room` records, that together are `counted`.

    count: asks the source for the number of records in a window; called only for parts of a
    window that was too full. A single second is never cut.
    """
    window, total = counted.window, counted.total
    if total <= room or window.seconds <= 1:
        yield counted
        return
    for part in cut(window, max(2, ceil(total / room) + 1)):
        yield from plan_windows(CountedWindow(part, count(part)), count, room=room)
