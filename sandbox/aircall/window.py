"""The calls of one window: counted and cut into pages without listing them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from sandbox.aircall.inventor import Inventor
from sandbox.aircall.overlay import Overlay
from sandbox.aircall.timetable import TimeTable


@dataclass(frozen=True, slots=True)
class CallRef:
    """Where a call is found: among the invented ones by index, or among the added ones by id."""

    index: int
    added_id: int | None = None


class Window:
    """All calls with `after < started_at <= upto` at one moment, in order of creation.

    The invented calls of a window are a range of indexes, but for its two edges: finalisation
    moves the start of some calls by a second, which brings the shifted ones of the last second
    before the window in (`_early`) and takes the shifted ones of its last second out (`_holes`).
    """

    def __init__(
        self,
        after: int,
        upto: int,
        now: int,
        *,
        table: TimeTable,
        inventor: Inventor,
        overlay: Overlay,
    ) -> None:
        self._table = table
        self._first = table.count_upto(after)
        self._end = max(self._first, table.count_upto(upto))
        self._early: list[int] = []
        self._holes: list[int] = []
        self._added: list[tuple[int, int]] = []
        if after < upto:
            self._early = [
                index
                for index in range(table.count_upto(after - 1), self._first)
                if inventor.shifted(index, now) and not overlay.is_gone(index)
            ]
            shifted_out = {
                index
                for index in range(table.count_upto(upto - 1), self._end)
                if inventor.shifted(index, now)
            }
            self._holes = sorted(shifted_out.union(overlay.gone_between(self._first, self._end)))
            self._added = overlay.added_between(after, upto)
        self._invented = len(self._early) + self._end - self._first - len(self._holes)
        self.total = self._invented + len(self._added)

    def refs(self, start: int, stop: int, *, descending: bool = False) -> list[CallRef]:
        """Return the calls at some positions, clipped to the window."""
        stop = min(stop, self.total)
        positions = range(start, max(start, stop))
        if descending:
            positions = range(self.total - 1 - start, self.total - 1 - max(start, stop), -1)
        return [self._ref(position) for position in positions]

    def _ref(self, position: int) -> CallRef:
        if not self._added:
            return CallRef(self._index(position))
        place = bisect_left(range(len(self._added)), position, key=self._position_of_added)
        if place < len(self._added) and self._position_of_added(place) == position:
            return CallRef(-1, self._added[place][1])
        return CallRef(self._index(position - place))

    def _index(self, rank: int) -> int:
        """Return the index of the invented call with a rank in the window."""
        if rank < len(self._early):
            return self._early[rank]
        rank -= len(self._early)
        if not self._holes:
            return self._first + rank
        holes = bisect_right(
            range(len(self._holes)), rank, key=lambda hole: self._holes[hole] - self._first - hole
        )
        return self._first + rank + holes

    def _position_of_added(self, place: int) -> int:
        """Return the position of an added call: after the invented ones of its second."""
        reached = self._table.count_upto(self._added[place][0])
        reached = min(max(reached, self._first), self._end)
        before = reached - self._first - bisect_left(self._holes, reached)
        return place + len(self._early) + before
