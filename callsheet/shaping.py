"""What the options of a data flow make of an entity: layout, columns, headers, privacy; pure."""

from __future__ import annotations

import re
from dataclasses import replace

from callsheet.entity import Column, Entity, Kind, ReadContext, Reader, Record, Value
from callsheet.entity import Private as Privacy
from callsheet.errors import InvalidRequest
from callsheet.filtering import check_filters
from callsheet.options import ColumnChoice, FlowOptions, WhenGone

_LONGEST_HEADER = 100
_LONGEST_ROLLING_DAYS = 3_650
_LONGEST_LOOK_BACK_DAYS = 60
_LONGEST_ARCHIVE_MONTHS = 120
_MASK = "•••"
_SHOWN = 4  # last digits of a masked number
_SHORTEST_NUMBER = 7  # digits; of shorter ones nothing is shown, else it would be most of it
_BETWEEN_NUMBERS = re.compile(r"([,;\n]\s*)")
_NO_NUMBER = frozenset({"", "anonymous"})

CALLS_ESSENTIAL = (
    "id",
    "started_at",
    "direction",
    "outcome",
    "agent",
    "line",
    "caller_number",
    "waiting_s",
    "talking_s",
    "teams",
    "tags",
)
"""Columns of Calls that most reports are made of."""

READ_AT = "read_at"
"""Key of the column that says when a snapshot was read."""


def _filled_later(_record: Record, _context: ReadContext) -> Value:
    return None


_READ_AT = Column(
    READ_AT,
    "Read at",
    _filled_later,
    Kind.DATE_TIME,
    "When Callsheet read the record as this row shows it. A row is added when it has changed.",
    width=150,
)

_PRESETS = {"calls": {"essential": CALLS_ESSENTIAL}}


def presets(entity: Entity) -> dict[str, tuple[str, ...]]:
    """Return the entity's ready choices of columns by name: keys in the order of the tab.

    all: everything. essential: what most reports need (some entities). private: nothing that
    tells who called, if there is such a column.
    """
    keys = tuple(column.key for column in entity.columns)
    found = {"all": keys}
    essential = _PRESETS.get(entity.name, {}).get("essential", ())
    if essential:
        found["essential"] = tuple(key for key in essential if key in keys)
    plain = (entity.primary_key, *(c for c in entity.columns[1:] if c.private is Privacy.NO))
    if len(plain) < len(keys):
        found["private"] = tuple(column.key for column in plain)
    return found


def check_options(entity: Entity, options: FlowOptions) -> FlowOptions:
    """Return the options as they are kept. Raises InvalidRequest when one makes no sense."""
    kept = replace(options, filters=check_filters(entity, options.filters))
    shape(entity, kept)
    if kept.rolling_days is not None:
        if not entity.has_start_date:
            raise InvalidRequest(
                message=f"{entity.label} have no start date, so there is no rolling window. Leave "
                "it out."
            )
        _between("rolling window", kept.rolling_days, 1, _LONGEST_ROLLING_DAYS, "days")
        if kept.when_rolled_out is WhenGone.REMOVE:
            _need_dates(entity, kept, "remove older")
    if kept.archive_months is not None:
        _check_archive(entity, kept, kept.archive_months)
    _between("look-back", kept.look_back_hours, 1, 24 * _LONGEST_LOOK_BACK_DAYS, "hours")
    _between("daily look-back", kept.deep_look_back_days, 1, _LONGEST_LOOK_BACK_DAYS, "days")
    return kept


def _check_archive(entity: Entity, options: FlowOptions, months: int) -> None:
    if not entity.has_start_date:
        raise InvalidRequest(
            message=f"{entity.label} have no start date, so none of them grow old. Leave the "
            "archive out."
        )
    if options.rolling_days is not None:
        raise InvalidRequest(
            message="A rolling window and an archive do not go together. Choose one of them."
        )
    _between("archive", months, 1, _LONGEST_ARCHIVE_MONTHS, "months")
    _need_dates(entity, options, "archive older")


def _need_dates(entity: Entity, options: FlowOptions, purpose: str) -> None:
    """Raise InvalidRequest when older rows could not be told from later ones."""
    cursor = entity.cursor
    dated = {column.key: column.header for column in entity.columns}
    if cursor and cursor.field not in {column.key for column in shape(entity, options).columns}:
        raise InvalidRequest(
            message=f"To {purpose} {entity.label.lower()} Callsheet needs the column "
            f"“{dated[cursor.field]}” in the tab. Choose it too, or keep the older ones."
        )


def shape(entity: Entity, options: FlowOptions) -> Entity:
    """Return the entity as the options want its tab.

    The primary key always comes first; what the entity cannot do without is there. With privacy,
    what tells who called is left out or masked, also where it was chosen. Raises InvalidRequest
    for a layout or column that there is not, and for two columns of one header.
    """
    shaped = _in_layout(entity, options.layout)
    columns = _chosen(shaped, options.columns)
    if options.privacy:
        columns = _private(columns)
    if columns == shaped.columns:
        return shaped
    return replace(shaped, columns=columns)


def snapshots_of(entity: Entity) -> Entity:
    """Return the entity as snapshots of its records: with the time at which each row was read.

    One record then has a row for each state in which it was found. The writer fills the column.
    """
    if any(column.key == READ_AT for column in entity.columns):
        return entity
    return replace(entity, columns=(*entity.columns, _READ_AT))


def mask(text: str) -> str:
    """Return each number of a text with its last four digits only: ••• 0143."""
    parts = _BETWEEN_NUMBERS.split(text)
    return "".join(part if i % 2 else _masked(part) for i, part in enumerate(parts))


def _masked(part: str) -> str:
    if part.strip().lower() in _NO_NUMBER:
        return part
    digits = [c for c in part if c.isdigit()]
    if len(digits) < _SHORTEST_NUMBER:
        return _MASK
    return f"{_MASK} {''.join(digits[-_SHOWN:])}"


def _in_layout(entity: Entity, name: str | None) -> Entity:
    if name is None:
        return entity
    layouts = entity.layouts or {}
    if name not in layouts:
        known = f"Choose one of: {', '.join(layouts)}." if layouts else "Leave it out."
        raise InvalidRequest(message=f"{entity.label} have no layout “{name[:40]}”. {known}")
    return layouts[name]


def _chosen(entity: Entity, choices: tuple[ColumnChoice, ...]) -> tuple[Column, ...]:
    if not choices:
        return entity.columns
    by_key = {column.key: column for column in entity.columns}
    chosen: dict[str, Column] = {}
    for choice in choices:
        column = by_key.get(choice.key)
        if column is None:
            raise InvalidRequest(
                message=f"{entity.label} have no column “{choice.key[:40]}”. Choose from: "
                f"{', '.join(by_key)}."
            )
        if choice.key in chosen:
            raise InvalidRequest(message=f"The column “{choice.key}” is chosen twice.")
        chosen[choice.key] = _renamed(column, choice.header)
    first = chosen.pop(entity.primary_key.key, entity.primary_key)
    needed = [by_key[key] for key in entity.essential if key not in chosen]
    columns = (first, *chosen.values(), *needed)
    _check_headers(columns)
    return columns


def _renamed(column: Column, header: str | None) -> Column:
    if header is None:
        return column
    wanted = " ".join(header.split())
    if not 0 < len(wanted) <= _LONGEST_HEADER:
        raise InvalidRequest(
            message=f"The header of “{column.header}” needs 1 to {_LONGEST_HEADER} characters."
        )
    return replace(column, header=wanted)


def _check_headers(columns: tuple[Column, ...]) -> None:
    seen: set[str] = set()
    for column in columns:
        if column.header.casefold() in seen:
            raise InvalidRequest(
                message=f"Two columns would be called “{column.header}”. Give each its own name."
            )
        seen.add(column.header.casefold())


def _private(columns: tuple[Column, ...]) -> tuple[Column, ...]:
    first, *others = columns
    kept = [column for column in others if column.private is not Privacy.LEAVE_OUT]
    return (first, *(_hidden(c) if c.private is Privacy.MASK else c for c in kept))


def _hidden(column: Column) -> Column:
    note = f"{column.note} Privacy: only the last four digits.".strip()
    return replace(column, read=_masking(column.read), note=note)


def _masking(read: Reader) -> Reader:
    def masked(record: Record, context: ReadContext) -> Value:
        value = read(record, context)
        return mask(str(value)) if isinstance(value, str | int | float) else value

    return masked


def _between(what: str, value: int, least: int, most: int, unit: str) -> None:
    if not least <= value <= most:
        raise InvalidRequest(message=f"The {what} has to be {least} to {most:,} {unit}.")
