"""The words of the catalogue: Entity, Column, Cursor, and what a cell may hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from callsheet.schedule import Cadence, Schedule

Record = Mapping[str, Any]
"""One JSON object of the source."""

Value = str | int | float | bool | datetime | date | None
"""What a reader gives for one cell; datetimes are aware. None is an empty cell."""


@dataclass(frozen=True, slots=True)
class ReadContext:
    """What a reader may need beside the record.

    zone: the spreadsheet's time zone, for local dates and hours.
    """

    zone: ZoneInfo


Reader = Callable[[Record, ReadContext], Value]


class Kind(StrEnum):
    """How a column's cells are written and shown."""

    TEXT = "text"  # plain text: ids and phone numbers stay as they are
    PARAGRAPH = "paragraph"  # long text, clipped on screen
    LINK = "link"  # an address, as text
    INTEGER = "integer"
    DECIMAL = "decimal"
    CENTS = "cents"  # money in US cents
    SECONDS = "seconds"  # a duration as a plain number of seconds
    BOOLEAN = "boolean"
    DATE = "date"
    DATE_TIME = "date_time"


class Private(StrEnum):
    """What the privacy preset does with a column."""

    NO = "no"
    MASK = "mask"  # a number: only its last digits are shown
    LEAVE_OUT = "leave_out"  # names, e-mail addresses, free text, recordings


class Reading(StrEnum):
    """How an entity is read."""

    SPAN = "span"  # by time windows; from/to filter on the cursor
    WALK = "walk"  # newest change first, down to the bookmark; now and then whole
    LIST = "list"  # whole, every time: what is missing has gone at the source
    SNAPSHOT = "snapshot"  # a list of the moment: names and the time of the reading are added
    OBJECT = "object"  # one object, not a list


@dataclass(frozen=True, slots=True)
class Column:
    """One managed column.

    key: stable name, kept in the tab's metadata; never changes once released.
    header: what row 1 shows. read: record → value. note: what the column means, for its header.
    width: pixels.
    """

    key: str
    header: str
    read: Reader
    kind: Kind = Kind.TEXT
    note: str = ""
    width: int = 120
    private: Private = Private.NO


@dataclass(frozen=True, slots=True)
class Cursor:
    """The field that says how far we have read, and how far back each refresh reads again."""

    field: str
    look_back: timedelta


_DAILY = Schedule(Cadence.DAILY)


def words(text: str) -> frozenset[str]:
    """Return the words of a text, as the names of fields."""
    return frozenset(text.split())


@dataclass(frozen=True, slots=True)
class Entity:
    """One kind of Aircall data as a table that we can import.

    columns: in the order of the tab; the first one is the primary key.
    cursor: None for lists without dates, which are read whole.
    parameters: sent with every page. fallback_path: asked when `path` is not there (404, 410).
    retention: how far back the source answers at all; None where it keeps everything.
    expand: one record of the source to those of our rows (a team to its memberships).
    layouts: other tables of the same entity that a person may choose instead, by name.
    id_field: what tells records of the source apart. known_fields: those that Aircall documents or
    sends; another one is passed over and reported. known_values: by field of the record, the
    values that Aircall documents; another one is kept and reported. withheld: fields that are
    taken out of every record as soon as it arrives. is_history: the rows are not records but
    intervals that grow from one snapshot to the next. essential: keys of columns that are always
    there, whatever a person chooses.
    """

    name: str
    label: str
    help: str
    path: str
    records_key: str
    columns: tuple[Column, ...]
    cursor: Cursor | None = None
    parameters: Mapping[str, str] | None = None
    retention: timedelta | None = None
    default_schedule: Schedule = _DAILY
    reading: Reading = Reading.SPAN
    fallback_path: str | None = None
    expand: Callable[[Record], Iterable[Record]] | None = None
    layouts: Mapping[str, Entity] | None = None
    id_field: str = "id"
    known_fields: frozenset[str] = frozenset()
    known_values: Mapping[str, frozenset[str]] | None = None
    withheld: tuple[str, ...] = ()
    is_history: bool = False
    essential: tuple[str, ...] = ()
    _readers: tuple[Reader, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_readers", tuple(column.read for column in self.columns))

    @property
    def primary_key(self) -> Column:
        """The column that identifies a record."""
        return self.columns[0]

    @property
    def has_start_date(self) -> bool:
        """Whether a person chooses from when on; all else is read whole, however old."""
        return self.reading is Reading.SPAN

    def suggested_schedule(self, layout: str | None) -> Schedule:
        """Return the default schedule of this layout; of the usual one, where it is unknown."""
        return (self.layouts or {}).get(layout or "", self).default_schedule

    @property
    def default_tab_title(self) -> str:
        """The title of a new tab, if it is free."""
        return f"Aircall – {self.label}"

    def row(self, record: Record, context: ReadContext) -> list[Value]:
        """Turn a record into the values of its row, in the order of the columns."""
        return [read(record, context) for read in self._readers]

    def rows(self, record: Record, context: ReadContext) -> Iterator[list[Value]]:
        """Turn a record into all of its rows: one, or as many as `expand` makes of it."""
        for part in (record,) if self.expand is None else self.expand(record):
            yield self.row(part, context)
