"""What a client may remember of the source's answers: a run goes on, or others read the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from urllib.parse import urlencode


@dataclass(frozen=True, slots=True)
class Answer:
    """The body of one answer, and when it was read."""

    body: bytes
    read_at: datetime


class PageMemory(Protocol):
    """Keeps answers for a while; it may forget any of them at any time."""

    def recall(self, question: str) -> Answer | None:
        """Return what was kept for the question, or None."""
        ...

    def keep(self, question: str, answer: Answer) -> None:
        """Keep an answer, if there is room."""
        ...


def question_of(path: str, query: Mapping[str, str | int], again: int) -> str:
    """Return the text by which an answer is found: path, parameters, and how often asked before."""
    return f"{again} {path}?{urlencode(sorted(query.items()))}"
