"""The words between an import and those who ask for it: Order, Watcher, Outcome."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from callsheet.checkpoint import Checkpoint
from callsheet.data_flow import WriteMode
from callsheet.entity import Entity
from callsheet.options import FlowOptions
from callsheet.quality import Quality
from callsheet.run import Counts, Progress
from callsheet.sheets.tab import Tab
from callsheet.span import Span


@dataclass(frozen=True, slots=True)
class Order:
    """What to import, and where to.

    entity: as the catalogue has it; the options give it its shape. flow_key: marks the tab as
    this flow's. since, until: as a person types them (span.py), for entities with a start date.
    bookmark: up to where earlier runs have read; the look-back is taken off here. deep: look back
    further, or read changed records whole, as is due once a day. may_create_tab: whether a
    missing tab is made (again). gap: of a history, snapshots further apart than this tell nothing
    of the time between. next_refresh: when the refresh after this one is due, for the freshness
    line; None without a schedule.
    """

    entity: Entity
    spreadsheet_id: str
    flow_key: str
    tab_title: str
    since: str | None = None
    until: str | None = None
    mode: WriteMode = WriteMode.UPDATE
    options: FlowOptions = field(default_factory=FlowOptions)
    bookmark: datetime | None = None
    deep: bool = False
    may_create_tab: bool = True
    gap: timedelta = timedelta(hours=1)
    next_refresh: datetime | None = None


class Watcher(Protocol):
    """Who follows the import: shows progress, keeps the bookmark, and may stop or park it."""

    def progressed(self, progress: Progress) -> None:
        """Hear how far the import is."""
        ...

    def opened(self, zone: str) -> None:
        """Hear the spreadsheet's time zone as it is now (an IANA name)."""
        ...

    def begins(self, checkpoint: Checkpoint) -> Checkpoint:
        """Hear where the first slice begins, and return where it is to begin.

        That may be an earlier moment and a wider span, whose pages others have fetched.
        """
        ...

    def written(self, tab: Tab, until: datetime | None) -> None:
        """Hear that all that was read so far is in the tab: everything up to `until`, if given."""
        ...

    def noted(self, checkpoint: Checkpoint) -> None:
        """Hear from where the import could go on if this process ended here."""
        ...

    def guard(self) -> None:
        """Raise to stop the import before its next write."""
        ...

    def pause(self) -> None:
        """Raise StepAside between two pages when it is time to let others work."""
        ...

    def hold(self) -> None:
        """Hear that from here on nobody may step aside: it would have to begin anew."""
        ...

    def roster(self) -> frozenset[str] | None:
        """Return the ids of the account's users, if they are known from a short while ago."""
        ...

    def roster_read(self, users: Iterable[str]) -> None:
        """Hear the ids of all users that the account has now."""
        ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an import did. span: None for entities without dates. began_at: what was there then.

    is_deep: whether it looked back further, or read whole, as is due once a day.
    """

    tab_id: int
    tab_title: str
    span: Span | None
    counts: Counts
    warnings: tuple[str, ...]
    quality: Quality
    began_at: datetime
    is_deep: bool
