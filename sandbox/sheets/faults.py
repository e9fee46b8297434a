"""Lets requests fail on demand: refused, broken, slow, cut off, or done but unanswered."""

from __future__ import annotations

import itertools
import random
import re
import threading
from dataclasses import dataclass

from sandbox.sheets.errors import ApiError, Json
from sandbox.sheets.quota import exceeded

# What each kind does; the words are the documentation of the admin endpoint.
KINDS = {
    "429_user": "429 for this user's requests per minute",
    "429_project": "429 for the whole project's requests per minute",
    "500": "500 INTERNAL as JSON",
    "503": "503 UNAVAILABLE as JSON",
    "502_html": "502 as an HTML page",
    "503_html": "503 as an HTML page",
    "slow": "the answer comes after `delay` seconds",
    "timeout": "nothing is done; after `delay` seconds the connection closes",
    "drop": "the connection closes before anything is done",
    "lost": "everything is done, then the connection closes without an answer",
    "truncate": "everything is done, then the answer stops half-way",
}


@dataclass(slots=True)
class Fault:
    """A fault waiting for requests to strike."""

    id: int
    kind: str
    times: int | None = 1
    fraction: float = 1.0
    method: str = ""
    path: str = ""
    delay: float = 0.0

    def strikes(self, method: str, path: str) -> bool:
        """Tell whether the fault is meant for that request."""
        if self.times is not None and self.times <= 0:
            return False
        fits = re.search(self.method, method) and re.search(self.path, path)
        return bool(fits) and (self.fraction >= 1 or random.random() < self.fraction)


class Faults:
    """The faults to come, in the order they were asked for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ids = itertools.count(1)
        self._waiting: list[Fault] = []

    def add(self, given: Json) -> Fault:
        """Add a fault; raise ValueError for one that makes no sense."""
        if given.get("kind") not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}")
        known = set(Fault.__dataclass_fields__) - {"id"}
        if not set(given) <= known:
            raise ValueError(f"known fields: {', '.join(sorted(known))}")
        re.compile(given.get("method", "")), re.compile(given.get("path", ""))
        fault = Fault(next(self._ids), **given)
        with self._lock:
            self._waiting.append(fault)
        return fault

    def clear(self) -> None:
        """Take all faults away."""
        with self._lock:
            self._waiting.clear()

    def waiting(self) -> list[Fault]:
        """Return the faults that may still strike."""
        with self._lock:
            return list(self._waiting)

    def next(self, method: str, path: str) -> Fault | None:
        """Return the fault that strikes this request, if any, and count it."""
        with self._lock:
            for fault in self._waiting:
                if fault.strikes(method, path):
                    if fault.times is not None:
                        fault.times -= 1
                        if fault.times <= 0:
                            self._waiting.remove(fault)
                    return fault
        return None


def refusal(kind: str, *, write: bool) -> ApiError | None:
    """Return the JSON refusal of a fault, None when it is of another sort."""
    if kind.startswith("429"):
        project = kind == "429_project"
        return exceeded("write" if write else "read", 300 if project else 60, project=project)
    if kind == "500":
        return ApiError(500, "Internal error encountered.")
    if kind == "503":
        return ApiError(503, "The service is currently unavailable.")
    return None


def page(code: int) -> str:
    """Return an error page like those of Google's front end."""
    text = {502: "The server encountered a temporary error", 503: "The service is unavailable"}
    return (
        "<!DOCTYPE html>\n<html lang=en>\n<meta charset=utf-8>\n"
        f"<title>Error {code} (Server Error)!!1</title>\n<p><b>{code}.</b> "
        f"<ins>That’s an error.</ins>\n<p>{text[code]} and could not complete your request."
        "<p>Please try again in 30 seconds. <ins>That’s all we know.</ins>\n"
    )
