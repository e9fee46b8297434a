"""What a person may choose about a data flow beyond entity, start date and cadence."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class WhenGone(StrEnum):
    """What happens to the row of a record that Aircall no longer has.

    MARK: the time is written into its "Removed at" column. REMOVE: the row is deleted. KEEP: it
    stays as it is.
    """

    MARK = "mark"
    REMOVE = "remove"
    KEEP = "keep"


class ArchiveBy(StrEnum):
    """Whether old rows go to a tab a month or a tab a year."""

    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Filters:
    """Which calls are imported; an empty field lets everything through.

    Several values of one field are joined by or, several fields by and. lines, teams, agents and
    tags hold names (upper and lower case are the same) or ids.
    """

    direction: str | None = None
    outcomes: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """One chosen column by its key; header: another one than the catalogue's, or None."""

    key: str
    header: str | None = None


@dataclass(frozen=True, slots=True)
class FlowOptions:
    """The choices of one data flow.

    columns: which, in which order; empty: all of the catalogue. The primary key always comes
    first. layout: the name of one of the entity's other layouts. privacy: mask numbers, leave out
    names, e-mail addresses, free text and recordings. rolling_days: the start date moves along,
    so many days before today; when_rolled_out: what happens to rows that fall out of it.
    look_back_hours: read again at every refresh; deep_look_back_days: once a day. newest_first: new
    rows go on top of the tab, not at its end. archive_months: so many whole months and the current
    one stay in the tab, older rows move to archive tabs; None: all stay.
    """

    filters: Filters = field(default_factory=Filters)
    columns: tuple[ColumnChoice, ...] = ()
    layout: str | None = None
    privacy: bool = False
    rolling_days: int | None = None
    when_rolled_out: WhenGone = WhenGone.KEEP
    when_gone: WhenGone = WhenGone.MARK
    look_back_hours: int = 24
    deep_look_back_days: int = 7
    newest_first: bool = False
    archive_months: int | None = None
    archive_by: ArchiveBy = ArchiveBy.MONTH
