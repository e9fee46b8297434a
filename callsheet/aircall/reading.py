"""What every reader of an entity gives: records in pages, in parts that may be called written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from callsheet.entity import Record


@dataclass(slots=True)
class Tally:
    """What was received, against what the source counts.

    received: different records. duplicates: records that came again. without_id: passed over.
    missing: records that the source counts and did not give, after reading again. total: what the
    source counts. asked: counts and pages that came from the source, not from a memory.
    """

    received: int = 0
    duplicates: int = 0
    without_id: int = 0
    missing: int = 0
    total: int = 0
    asked: int = 0
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the reading. until: when its records are written, the bookmark may move there."""

    pages: Iterator[list[Record]]
    until: datetime | None = None


class Reader(Protocol):
    """Reads one entity once. tally: valid so far, final after the last part.

    is_whole: whether everything that the source has is read, so that what else stands in the tab
    is gone at the source.
    """

    tally: Tally
    is_whole: bool

    def expect(self) -> int:
        """Ask the source how many records there will be: one request at the most."""
        ...

    def parts(self) -> Iterator[Part]:
        """Yield the parts in order; a part's pages must be used up before the next is asked for."""
        ...
