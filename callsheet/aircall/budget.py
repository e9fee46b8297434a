"""The request budget: what one Aircall account may be asked in any rolling minute."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Protocol

from callsheet.clock import Clock
from callsheet.retry import FLIGHT_SHARE, MINUTE, QUIET_PERIODS, LearnedRate


class Budget(Protocol):
    """Says when the next request may be sent.

    A ticket is a text that the caller makes up for one try of one request.
    """

    def take(self, ticket: str = "") -> float:
        """Return 0 when the request may be sent now (and count it), else the seconds to wait.

        After the wait, ask again with the same ticket: it keeps the place in the line. A request
        without a ticket counts from now on; with one it counts from `settle`.
        """
        ...

    def settle(self, ticket: str) -> None:
        """Say that the request has reached Aircall, or never will; also gives up a wait."""
        ...

    def close(self, seconds: float) -> None:
        """Let nobody send for so many seconds: Aircall has told us to wait."""
        ...


class LocalBudget:
    """A budget for one process: never more than `per_minute` requests in any rolling minute.

    elapsed: seconds on a scale that never jumps, such as `time.monotonic`; without it the clock
    is read, of which a jump backwards does no harm. period: what a minute is, in seconds.
    """

    def __init__(
        self,
        per_minute: int,
        clock: Clock,
        *,
        elapsed: Callable[[], float] | None = None,
        period: float = MINUTE,
    ) -> None:
        self._limit = per_minute
        self._period = period
        self._elapsed = elapsed or (lambda: clock.now().timestamp())
        self._lock = threading.Lock()
        self._free_again: deque[float] = deque()  # when each slot comes free
        self._in_flight: dict[str, float] = {}
        self._closed_until = 0.0
        self._learned = LearnedRate()
        self._last = self._elapsed()
        self._behind = 0.0

    def take(self, ticket: str = "") -> float:
        """Return 0 when a request may be sent now (and count it), else the seconds to wait."""
        with self._lock:
            now = self._now()
            if now < self._closed_until:
                return self._closed_until - now
            self._forget(now)
            limit = self._learned.at(now, self._limit, QUIET_PERIODS * self._period)
            over = len(self._free_again) + len(self._in_flight) - limit
            if over >= 0:
                is_known = over < len(self._free_again)
                return (self._free_again[over] if is_known else now + self._period) - now
            if ticket:
                self._in_flight[ticket] = now
            else:
                self._free_again.append(now + self._period)
            return 0.0

    def settle(self, ticket: str) -> None:
        """Say that the request has reached Aircall, or never will: it counts from now on."""
        with self._lock:
            if self._in_flight.pop(ticket, None) is not None:
                self._free_again.append(self._now() + self._period)

    def close(self, seconds: float) -> None:
        """Let nobody send for so many seconds; 429s that come meanwhile are no new lesson."""
        with self._lock:
            now = self._now()
            if now >= self._closed_until:
                self._learned.strike(now, self._limit, QUIET_PERIODS * self._period)
            self._closed_until = max(self._closed_until, now + seconds)

    def _now(self) -> float:
        """Return the time on a scale that never goes backwards."""
        read = self._elapsed()
        if read < self._last:
            self._behind += self._last - read
        self._last = read
        return read + self._behind

    def _forget(self, now: float) -> None:
        # The same sums as in the waits: rounded otherwise, a wait of 0 would go uncounted.
        while self._free_again and self._free_again[0] <= now:
            self._free_again.popleft()
        lost = now - self._period * (1 + FLIGHT_SHARE)
        for ticket in [t for t, granted in self._in_flight.items() if granted <= lost]:
            del self._in_flight[ticket]
