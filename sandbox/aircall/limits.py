"""The request budget of a company: one counter over all its keys, in a rolling minute."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

WINDOW_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class LimitSettings:
    """How the limit shows itself; the details are unknown in the real API, hence switches."""

    per_minute: int | None = 120
    reset_unit: str = "seconds"
    send_headers: bool = True
    send_retry_after: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """A request over the limit, with the headers that tell of it."""

    headers: dict[str, str]


class RateLimiter:
    """Count accepted requests and refuse those above the limit."""

    def __init__(self, settings: LimitSettings) -> None:
        self.settings = settings
        self._accepted: deque[float] = deque()

    def admit(self, now: float) -> Refusal | None:
        """Count one request, or refuse it."""
        limit = self.settings.per_minute
        if limit is None:
            return None
        while self._accepted and not 0 <= now - self._accepted[0] < WINDOW_SECONDS:
            self._accepted.popleft()
        if len(self._accepted) < limit:
            self._accepted.append(now)
            return None
        return self.refusal(now)

    def refusal(self, now: float) -> Refusal:
        """Return the headers of a refusal: when the oldest request leaves the minute."""
        reset = (self._accepted[0] if self._accepted else now) + WINDOW_SECONDS
        headers = {}
        if self.settings.send_headers:
            scale = 1000 if self.settings.reset_unit == "milliseconds" else 1
            headers = {
                "X-AircallApi-Limit": str(self.settings.per_minute or 0),
                "X-AircallApi-Remaining": "0",
                "X-AircallApi-Reset": str(int(reset * scale) + 1),
            }
        if self.settings.send_retry_after:
            headers["Retry-After"] = str(int(reset - now) + 1)
        return Refusal(headers)

    def forget(self) -> None:
        """Start with a fresh minute."""
        self._accepted.clear()
