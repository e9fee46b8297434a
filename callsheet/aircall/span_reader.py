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

_DAY = 86_400


class SpanReader:
    """Reads what lies in a span; each of its windows is one part.

    skip_until: windows that end by then are left out, planned as before but neither read nor
    counted in the tally. now: the moment of the reading.
    """

    def __init__(
        self,
        client: AircallClient,
        entity: Entity,
        span: Span,
        *,
        skip_until: datetime | None = None,
        now: datetime,
    ) -> None:
        self.tally = Tally()
        self.is_whole = False
        self._skip_until = skip_until
        self._whole = window_of(span)
        field = entity.cursor.field if entity.cursor else ""
        sieve = Sieve(entity, self.tally)
        self._reading = WindowedReading(client, entity, sieve, field, _bounds_of_calls)
        kept_since = now - entity.retention if entity.retention else None
        self._goes_beyond = kept_since is not None and span.start < kept_since
        self._counted: CountedWindow | None = None

    def expect(self) -> int:
        """Ask how many records the span has: one request, the first time."""
        if self._counted is None:
            self._counted = self._reading.begin(self._whole)
            self.tally.total = self._counted.total
        return self._counted.total

    def parts(self) -> Iterator[Part]:
        """Yield the windows in time order. Raises SourceError, then or while pages are read."""
        self.expect()
        self.tally.total = 0
        for stretch in self._stretches():
            for window in self._reading.windows(stretch):
                if self._skip_until is not None and window.window.end <= self._skip_until:
                    continue
                self.tally.total += window.total
                yield Part(self._reading.read(window), window.window.end)

    def _stretches(self) -> Iterator[CountedWindow]:
        """Yield the span; in two if it goes beyond what Aircall keeps.

        There the oldest calls go while we read, and each one that goes shifts all later pages of
        its window: that is to be a small one, the first day of what there is.
        """
        counted = self._counted
        if counted is None:
            return
        window, total = counted.window, counted.total
        edge = window.after + _DAY
        if not self._goes_beyond or not total or edge >= window.until:
            yield counted
            return
        first, rest = Window(window.after, edge), Window(edge, window.until)
        there = self._reading.count(first)
        yield CountedWindow(first, there)
        yield CountedWindow(rest, max(0, total - there))


def _bounds_of_calls(window: Window) -> Mapping[str, str | int]:
    """Aircall answers calls with from < started_at <= to (measured), as our windows are."""
    return {"order": "asc", "from": window.after, "to": window.until}
