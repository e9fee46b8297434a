"""Google's quotas: so many reads and so many writes a minute, counted apart."""

from __future__ import annotations

from collections import deque
from typing import Literal, Protocol

from callsheet.clock import Clock
from callsheet.retry import MINUTE, RetryPolicy, wait_before

Way = Literal["read", "write"]

LONGEST_REFUSAL = 61.0
"""Seconds after a 429 in which every quota has filled up again: they are per minute, and the 429
names no time (Sheets API, usage limits)."""

_NOTHING = 0.001  # seconds: clocks are not finer

_POLICY = RetryPolicy()


class Quota(Protocol):
    """Says when one signed-in client may send its next request, which it does one at a time."""

    def take(self, way: Way) -> float:
        """Return 0 when the request may be sent now (and count it), else the seconds to wait.

        After the wait, ask again: the place in the line is kept.
        """
        ...

    def settle(self, way: Way) -> None:
        """Say that the request has been answered, or never will be; also gives up a wait."""
        ...

    def refused(self, way: Way, limit: str, told: float | None) -> float:
        """Hear of a 429; return the seconds for which it closes the quota.

        limit: Google's name of the quota that is used up. told: seconds of a Retry-After.
        """
        ...


class LocalQuota:
    """The quota of one process: what it has sent itself is all that it knows.

    per_minute: reads, and as many writes; None: only refusals are waited out.
    """

    def __init__(self, clock: Clock, per_minute: int | None = None) -> None:
        self._clock = clock
        self._per_minute = per_minute
        self._answered: dict[Way, deque[float]] = {"read": deque(), "write": deque()}
        self._closed_until: dict[Way, float] = {"read": 0.0, "write": 0.0}

    def take(self, way: Way) -> float:
        """Return 0 when the request may be sent now, else the seconds to wait."""
        now, answered = self._now(), self._recent(way)
        free_at = self._closed_until[way]
        if self._per_minute is not None and len(answered) >= self._per_minute:
            free_at = max(free_at, answered[-self._per_minute] + MINUTE)
        wait = free_at - now
        return wait if wait > _NOTHING else 0.0

    def settle(self, way: Way) -> None:
        """Count the request from now on, which is later than Google does."""
        self._answered[way].append(self._now())

    def refused(self, way: Way, limit: str, told: float | None) -> float:  # noqa: ARG002 - protocol
        """Close until the minute that our own oldest request of this kind began is over.

        That is enough when we used the quota up, and the whole minute when others did.
        """
        now = self._now()
        if told is None:
            told = max(1.0, self._recent(way)[0] + LONGEST_REFUSAL - now)
        seconds = wait_before(1, _POLICY, asked=told)
        self._closed_until[way] = now + seconds
        return seconds

    def _recent(self, way: Way) -> deque[float]:
        answered, since = self._answered[way], self._now() - LONGEST_REFUSAL
        while answered and answered[0] <= since:
            answered.popleft()
        return answered

    def _now(self) -> float:
        return self._clock.now().timestamp()
