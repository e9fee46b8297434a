"""The request budget: what one Aircall account may be asked a minute."""

from __future__ import annotations

from collections import deque
from typing import Protocol

from callsheet.clock import Clock

MINUTE = 60.0


class Budget(Protocol):
    """Says when the next request may be sent."""

    def take(self) -> float:
        """Return 0 when a request may be sent now (and count it), else the seconds to wait."""
        ...

    def close(self, seconds: float) -> None:
        """Let nobody send for so many seconds: Aircall has told us to wait."""
        ...


class LocalBudget:
    """A budget for one process: never more than `per_minute` requests in any rolling minute."""

    def __init__(self, per_minute: int, clock: Clock) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._sent: deque[float] = deque()
        self._closed_until = 0.0

    def take(self) -> float:
        """Return 0 when a request may be sent now (and count it), else the seconds to wait."""
        now = self._clock.now().timestamp()
        if now < self._closed_until:
            return self._closed_until - now
        while self._sent and self._sent[0] <= now - MINUTE:
            self._sent.popleft()
        if len(self._sent) >= self._per_minute:
            return self._sent[0] + MINUTE - now
        self._sent.append(now)
        return 0.0

    def close(self, seconds: float) -> None:
        """Let nobody send for so many seconds."""
        self._closed_until = max(self._closed_until, self._clock.now().timestamp() + seconds)
