"""What can be imported, as the API shows it: entities with their tables, columns and presets."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from pydantic import BaseModel, ConfigDict

from callsheet.entity import Entity, Private, Reading
from callsheet.flows.schedules import ScheduleOut
from callsheet.shaping import presets

DEFAULT_DAYS = 30
_PRESET_LABELS = {
    "all": "All columns",
    "essential": "The essential columns",
    "private": "Without columns about people outside",
}


class _Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class EntityColumnOut(_Out):
    """One column that can be chosen. private: what the privacy option does to it."""

    key: str
    header: str
    note: str
    private: Private


class PresetOut(_Out):
    """A ready choice of columns, by their keys."""

    name: str
    label: str
    columns: list[str]


class TableOut(_Out):
    """What can be chosen about one table.

    has_private: whether privacy changes anything. can_lose_records: whether records can disappear
    at the source and be noticed.
    """

    label: str
    help: str
    default_schedule: ScheduleOut
    columns: list[EntityColumnOut]
    presets: list[PresetOut]
    has_private: bool
    can_lose_records: bool


class LayoutOut(TableOut):
    """One of the tables that an entity can be; the name is null for the usual one."""

    name: str | None


class EntityOut(TableOut):
    """One kind of Aircall data. Dates are days in the spreadsheet's time zone.

    What stands here of a table is about the usual one. layouts: all tables, where there are
    several.
    """

    name: str
    has_start_date: bool
    default_since: date | None
    earliest_since: date | None
    layouts: list[LayoutOut]
    can_filter: bool


def entity_out(entity: Entity, now: datetime) -> EntityOut:
    """Return how the API shows the entity. now: in the spreadsheet's time zone."""
    dated = entity.has_start_date
    kept = entity.retention
    return EntityOut(
        name=entity.name,
        has_start_date=dated,
        default_since=(now - timedelta(days=DEFAULT_DAYS)).date() if dated else None,
        # The first whole day that the source still answers.
        earliest_since=(now - kept).date() + timedelta(days=1) if dated and kept else None,
        layouts=_layouts(entity),
        can_filter=entity.name == "calls",
        **dict(_table(entity)),
    )


def _table(table: Entity) -> TableOut:
    return TableOut(
        label=table.label,
        help=table.help,
        default_schedule=ScheduleOut.of(table.default_schedule),
        columns=[EntityColumnOut.model_validate(column) for column in table.columns],
        presets=[
            PresetOut(name=name, label=_PRESET_LABELS[name], columns=list(keys))
            for name, keys in presets(table).items()
        ],
        has_private=any(column.private is not Private.NO for column in table.columns),
        can_lose_records=table.reading in (Reading.LIST, Reading.WALK),
    )


def _layouts(entity: Entity) -> list[LayoutOut]:
    if not entity.layouts:
        return []
    tables = [(None, entity), *entity.layouts.items()]
    return [LayoutOut(name=name, **dict(_table(one))) for name, one in tables]
