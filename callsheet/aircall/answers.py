"""What an answer of Aircall means: status to error, headers to a wait, body to JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from callsheet.errors import (
    CredentialsRejected,
    SourceError,
    SourceNotFound,
    SourceRateLimited,
    SourceRequestRefused,
    SourceUnavailable,
)

_WAIT_WITHOUT_HEADERS = 60.0
"""Going over the limit blocks for 60 seconds (best practices guide)."""

_LONGEST_WAIT = 120.0
_MILLISECONDS_ABOVE = 1e11
_RELATIVE_BELOW = 1e6
_CLOCKS_DIFFER = 2.0

_BY_STATUS: dict[int, type[SourceError]] = {
    # Aircall answers 403 for a wrong key and 401 for none (measured); keys have no scopes.
    401: CredentialsRejected,
    403: CredentialsRejected,
    404: SourceNotFound,
    408: SourceUnavailable,
    410: SourceNotFound,
    429: SourceRateLimited,
}


def classify(status: int, path: str) -> SourceError | None:
    """Return the error that a status means, or None for success."""
    if status == 200:
        return None
    if status in _BY_STATUS:
        return _BY_STATUS[status](f"status {status} at {path}")
    if status >= 500:
        return SourceUnavailable(f"status {status} at {path}")
    return SourceRequestRefused(f"status {status} at {path}")


def seconds_to_wait(headers: Mapping[str, str], now: datetime) -> float:
    """Return how long a 429 asks us to wait, between 1 and 120 seconds.

    X-AircallApi-Reset is a UNIX time, in seconds or (above 1e11) milliseconds, or a small number
    of seconds from now; Retry-After is seconds; with neither, or with a reset that lies well in
    the past (clocks disagree), it is a minute.
    """
    reset = _number(headers.get("x-aircallapi-reset"))
    wait = _number(headers.get("retry-after")) if reset is None else _until(reset, now)
    if wait is None or wait < -_CLOCKS_DIFFER:
        return _WAIT_WITHOUT_HEADERS
    return min(max(wait, 1.0), _LONGEST_WAIT)


def _until(reset: float, now: datetime) -> float:
    if reset > _MILLISECONDS_ABOVE:
        reset /= 1000.0
    return reset if abs(reset) < _RELATIVE_BELOW else reset - now.timestamp()


def decode(body: bytes, path: str) -> dict[str, Any]:
    """Return the JSON object. Raises SourceUnavailable: a cut answer is worth another try."""
    try:
        value = orjson.loads(body)
    except ValueError:
        value = _decode_patiently(body, path)
    if not isinstance(value, dict):
        raise SourceUnavailable(f"answer at {path} is not an object")
    return value


def _decode_patiently(body: bytes, path: str) -> Any:
    """Decode what the strict decoder refuses: half a surrogate pair in a text is no reason to."""
    try:
        return json.loads(body)
    except ValueError:
        raise SourceUnavailable(f"undecodable answer at {path}") from None


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) else None
