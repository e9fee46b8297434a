"""Which call starts when: index to second and back, without listing the calls."""

from __future__ import annotations

from bisect import bisect_right

from sandbox.aircall.draws import Dice

NEVER = 1e30
"""The spacing of a stretch in which nothing happens."""


class TimeTable:
    """Stretches of time, each with its first call index and the seconds between two calls.

    Inside a stretch call `j` starts at `(j + jitter) * spacing`, jitter below one: starts never
    go back, and both directions are a bisection and a division. A stretch of one second holds a
    burst. The last stretch is open: its calls go on for ever.
    """

    def __init__(self, dice: Dice) -> None:
        self._dice = dice
        self._starts: list[int] = []
        self._firsts: list[int] = []
        self._spacings: list[float] = []
        self._next_index = 0

    def add_stretch(self, start: int, width: float, count: int) -> None:
        """Append a closed stretch that holds `count` calls."""
        self._append(start, self._next_index, width / count if count else NEVER)
        self._next_index += count

    def open_stretch(self, start: int, per_minute: float) -> None:
        """Append the open stretch: calls arrive at this rate from `start` on."""
        first = self.count_upto(start - 1) if self._starts else 0
        self._append(start, max(first, self._next_index), _spacing(per_minute))

    def start_of(self, index: int) -> int:
        """Return the second in which call `index` starts."""
        stretch = bisect_right(self._firsts, index) - 1
        return self._start_in(stretch, index)

    def count_upto(self, moment: int) -> int:
        """Return how many calls start at or before a moment: also the first index after it."""
        stretch = bisect_right(self._starts, moment) - 1
        if stretch < 0:
            return 0
        first = self._firsts[stretch]
        limit = self._firsts[stretch + 1] if stretch + 1 < len(self._firsts) else None
        spread = int((moment + 1 - self._starts[stretch]) / self._spacings[stretch])
        index = first + max(0, spread - 1)
        if limit is not None and index >= limit:
            return limit
        while (limit is None or index < limit) and self._start_in(stretch, index) <= moment:
            index += 1
        return index

    def stretch_at(self, moment: int) -> int:
        """Return the number of the stretch a moment lies in."""
        return bisect_right(self._starts, moment) - 1

    def _start_in(self, stretch: int, index: int) -> int:
        place = index - self._firsts[stretch] + self._dice.unit(index)
        return self._starts[stretch] + int(place * self._spacings[stretch])

    def _append(self, start: int, first: int, spacing: float) -> None:
        self._starts.append(start)
        self._firsts.append(first)
        self._spacings.append(spacing)


def _spacing(per_minute: float) -> float:
    return 60.0 / per_minute if per_minute > 0 else NEVER
