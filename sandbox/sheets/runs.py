"""A sequence without end in which long stretches share one value: formats, sizes."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Runs(Generic[T]):
    """An immutable run-length sequence; the last run goes on for ever."""

    __slots__ = ("starts", "values")

    def __init__(self, starts: tuple[int, ...], values: tuple[T, ...]) -> None:
        self.starts = starts
        self.values = values

    @classmethod
    def of(cls, value: T) -> Runs[T]:
        """Return the sequence that is that value everywhere."""
        return cls((0,), (value,))

    @classmethod
    def join(cls, pieces: Iterable[tuple[int, T]], last: T) -> Runs[T]:
        """Return the sequence of (length, value) pieces followed by ``last`` for ever."""
        starts: list[int] = []
        values: list[T] = []
        at = 0
        for length, value in pieces:
            if length > 0 and not (values and values[-1] is value):
                starts.append(at)
                values.append(value)
            at += max(length, 0)
        if not (values and values[-1] is last):
            starts.append(at)
            values.append(last)
        return cls(tuple(starts), tuple(values))

    def __getitem__(self, index: int) -> T:
        return self.values[bisect_right(self.starts, index) - 1]

    @property
    def last(self) -> T:
        """Return the value that goes on for ever."""
        return self.values[-1]

    @property
    def uniform(self) -> bool:
        """Tell whether there is only one value."""
        return len(self.values) == 1

    def pieces(self, start: int, end: int) -> Iterator[tuple[int, T]]:
        """Yield (length, value) over a stretch."""
        at = start
        run = bisect_right(self.starts, start) - 1
        while at < end:
            stop = self.starts[run + 1] if run + 1 < len(self.starts) else end
            stop = min(stop, end)
            yield stop - at, self.values[run]
            at, run = stop, run + 1

    def _tail(self, start: int) -> list[tuple[int, T]]:
        return list(self.pieces(start, max(start, self.starts[-1])))

    def replace(self, start: int, end: int, pieces: Iterable[tuple[int, T]]) -> Runs[T]:
        """Return the sequence with the stretch exchanged for pieces, of any total length."""
        return Runs.join([*self.pieces(0, start), *pieces, *self._tail(end)], self.last)

    def change(self, start: int, end: int, change: Callable[[T], T]) -> Runs[T]:
        """Return the sequence with every value of the stretch changed."""
        return self.replace(start, end, [(n, change(v)) for n, v in self.pieces(start, end)])

    def move(self, start: int, end: int, to: int) -> Runs[T]:
        """Return the sequence with the stretch taken out and put before ``to``."""
        block = list(self.pieces(start, end))
        if to <= start:
            order = [*self.pieces(0, to), *block, *self.pieces(to, start), *self._tail(end)]
        else:
            order = [*self.pieces(0, start), *self.pieces(end, to), *block, *self._tail(to)]
        return Runs.join(order, self.last)

    def expand(self, start: int, end: int) -> list[T]:
        """Return the values of a stretch one by one."""
        return [value for length, value in self.pieces(start, end) for _ in range(length)]
