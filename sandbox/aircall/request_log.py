"""The log of requests: what was asked, when, and how it was answered."""

from __future__ import annotations

import time
from collections import Counter, deque
from dataclasses import dataclass

from sandbox.aircall.records import Record

KEEP = 200_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One request: arrival by the real clock and by the world's, question and answer."""

    at: float
    world_at: float
    company: str
    method: str
    path: str
    query: str
    status: int
    fault: str | None

    def as_record(self) -> Record:
        """Return the entry as JSON."""
        return {key: getattr(self, key) for key in self.__slots__}


class RequestLog:
    """Remember the requests, the newest two hundred thousand of them."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=KEEP)

    def add(self, entry: Entry) -> None:
        """Remember one request."""
        self._entries.append(entry)

    def clear(self) -> None:
        """Forget all requests."""
        self._entries.clear()

    def entries(self) -> list[Entry]:
        """Return the requests in order of their arrival."""
        return sorted(self._entries, key=lambda entry: entry.at)

    def summary(self) -> Record:
        """Return counts by path and status, and the fullest rolling minute."""
        entries = self.entries()
        return {
            "total": len(entries),
            "by_path": dict(Counter(entry.path for entry in entries)),
            "by_status": dict(Counter(str(entry.status) for entry in entries)),
            "by_company": dict(Counter(entry.company for entry in entries)),
            "fullest_minute": fullest_minute([entry.at for entry in entries]),
            "fullest_world_minute": fullest_minute(sorted(e.world_at for e in entries)),
        }


def fullest_minute(moments: list[float]) -> int:
    """Return the largest number of moments within any sixty seconds."""
    most = first = 0
    for last, moment in enumerate(moments):
        while moment - moments[first] >= 60:
            first += 1
        most = max(most, last - first + 1)
    return most


def real_now() -> float:
    """Return the real time of arrival."""
    return time.time()
