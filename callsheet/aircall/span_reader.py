"""Read a dated entity (Calls) over a span, in ascending order with a fixed upper bound."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from callsheet.aircall.client import AircallClient
from callsheet.aircall.reading import Part, Tally
from callsheet.aircall.sieve import Sieve
from callsheet.aircall.windowed import WindowedReading
from callsheet.aircall.windows import CountedWindow, Window, window_of
from callsheet.entity import Entity
from callsheet.span import Span


class SpanReader:
    """Reads what lies in a span; each of its windows is one part.

    skip_until: windows that end by then are left out, planned as before but neither read nor
    counted in the tally.
    """

    def __init__(
        self,
        client: AircallClient,
        entity: Entity,
        span: Span,
        *,
        skip_until: datetime | None = None,
    ) -> None:
        self.tally = Tally()
        self.is_whole = False
        self._skip_until = skip_until
        self._whole = window_of(span)
        sieve = Sieve(entity, self.tally)
        self._reading = WindowedReading(client, entity, self.tally, sieve, _bounds_of_calls)
        self._counted: CountedWindow | None = None

    def expect(self) -> int:
        """Ask how many records the span has: one request, the first time."""
        if self._counted is None:
            self._counted = CountedWindow(self._whole, self._reading.count(self._whole))
            self.tally.total = self._counted.total
        return self._counted.total

    def parts(self) -> Iterator[Part]:
        """Yield the windows in time order. Raises SourceError, then or while pages are read."""
        counted = CountedWindow(self._whole, self.expect())
        self.tally.total = 0
        for window in self._reading.windows(counted):
            if self._skip_until is not None and window.window.end <= self._skip_until:
                continue
            self.tally.total += window.total
            yield Part(self._reading.read(window), window.window.end)


def _bounds_of_calls(window: Window) -> Mapping[str, str | int]:
    """Aircall answers calls with from < started_at <= to (measured), as our windows are."""
    return {"order": "asc", "from": window.after, "to": window.until}
