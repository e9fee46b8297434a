"""Counts requests by kind, with their bytes, and keeps the last few."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass

from sandbox.sheets.errors import Json

REMEMBERED = 500


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its outcome."""

    at: float
    kind: str
    method: str
    path: str
    status: int
    bytes_in: int
    bytes_out: int
    milliseconds: float
    fault: str | None = None


class Traffic:
    """The log of requests."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self._lock = threading.Lock()
        self._recent: deque[Exchange] = deque(maxlen=REMEMBERED)
        self._counts: dict[str, Json] = {}

    def add(self, exchange: Exchange) -> None:
        """Count one exchange."""
        with self._lock:
            self._recent.append(exchange)
            count = self._counts.setdefault(
                exchange.kind, {"requests": 0, "errors": 0, "bytesIn": 0, "bytesOut": 0}
            )
            count["requests"] += 1
            count["errors"] += exchange.status >= 400
            count["bytesIn"] += exchange.bytes_in
            count["bytesOut"] += exchange.bytes_out

    def reset(self) -> None:
        """Forget everything."""
        with self._lock:
            self._recent.clear()
            self._counts.clear()

    def report(self, last: int = 50) -> Json:
        """Return the counters by kind and the latest exchanges."""
        with self._lock:
            recent = list(self._recent)[-last:] if last else []
            counts = {kind: dict(count) for kind, count in sorted(self._counts.items())}
        return {"counters": counts, "recent": [asdict(exchange) for exchange in recent]}
