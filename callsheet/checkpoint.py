"""Checkpoint: from where a run goes on, and the signals that make it step aside."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from callsheet.quality import Quality
from callsheet.run import Counts
from callsheet.span import Span


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a later slice of a run needs to know of the earlier ones; small, plain JSON.

    began_at: the moment of the first slice: the run imports what there was then. span: fixed
    then, None for entities without dates. fetch: whose pages are used, see store/pages.py.
    written_until: all before it is in the tab. pages: of what is read after that, so many pages
    are in the tab too (or only read, where nothing is written before the end). quality, agents:
    the card up to written_until and the agents seen by then. counts: rows and requests of all
    slices so far.
    """

    began_at: datetime
    span: Span | None = None
    fetch: str = ""
    written_until: datetime | None = None
    pages: int = 0
    quality: Quality = field(default_factory=Quality)
    agents: tuple[str, ...] = ()
    counts: Counts = field(default_factory=Counts)
    warnings: tuple[str, ...] = ()


class StepAside(Exception):
    """Raised by a watcher that does not want to wait here. seconds: until there is a point."""

    def __init__(self, seconds: float = 0.0) -> None:
        super().__init__(f"for {seconds:.1f} s")
        self.seconds = seconds


class SteppedAside(StepAside):
    """The import has stopped at a point from which it can go on."""

    def __init__(self, checkpoint: Checkpoint, seconds: float) -> None:
        super().__init__(seconds)
        self.checkpoint = checkpoint
