"""Counts requests per user and per project in a sliding minute, and words the 429."""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.sheets.errors import ApiError, Json

WINDOW = 60.0
PROJECT_NUMBER = "410000000042"


@dataclass(frozen=True, slots=True)
class Limits:
    """How many requests a minute may hold."""

    enabled: bool = True
    read_per_user: int = 60
    write_per_user: int = 60
    read_per_project: int = 300
    write_per_project: int = 300


def exceeded(kind: str, limit: int, *, project: bool) -> ApiError:
    """Return Google's 429 for reads or writes, of the user or of the whole project."""
    word = "Read" if kind == "read" else "Write"
    scope = "PerProject" if project else "PerUser"
    name = f"{word} requests per minute" + ("" if project else " per user")
    message = (
        f"Quota exceeded for quota metric '{word} requests' and limit '{name}' of service"
        f" 'sheets.googleapis.com' for consumer 'project_number:{PROJECT_NUMBER}'."
    )
    info: Json = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "RATE_LIMIT_EXCEEDED",
        "domain": "googleapis.com",
        "metadata": {
            "quota_limit_value": str(limit),
            "service": "sheets.googleapis.com",
            "consumer": f"projects/{PROJECT_NUMBER}",
            "quota_unit": "1/min/{project}" if project else "1/min/{project}/{user}",
            "quota_location": "global",
            "quota_metric": f"sheets.googleapis.com/{kind}_requests",
            "quota_limit": f"{word}RequestsPerMinute{scope}",
        },
    }
    link = {
        "description": "Request a higher quota limit.",
        "url": "https://cloud.google.com/docs/quotas/help/request_increase",
    }
    helping = {"@type": "type.googleapis.com/google.rpc.Help", "links": [link]}
    return ApiError(429, message, [info, helping])


class Quota:
    """The requests of the last minute."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.limits = Limits()
        self._clock = clock
        self._lock = threading.Lock()
        self._times: defaultdict[tuple[str, str], deque[float]] = defaultdict(deque)

    def reset(self) -> None:
        """Forget the last minute."""
        with self._lock:
            self._times.clear()

    def take(self, kind: str, email: str, project: str) -> None:
        """Count one request, or refuse it; refused ones are not counted."""
        limits = self.limits
        if not limits.enabled:
            return
        per_user = limits.read_per_user if kind == "read" else limits.write_per_user
        per_project = limits.read_per_project if kind == "read" else limits.write_per_project
        with self._lock:
            user = self._recent((kind, "user:" + email))
            whole = self._recent((kind, "project:" + project))
            if len(user) >= per_user:
                raise exceeded(kind, per_user, project=False)
            if len(whole) >= per_project:
                raise exceeded(kind, per_project, project=True)
            now = self._clock()
            user.append(now)
            whole.append(now)

    def _recent(self, key: tuple[str, str]) -> deque[float]:
        times = self._times[key]
        since = self._clock() - WINDOW
        while times and times[0] <= since:
            times.popleft()
        return times
