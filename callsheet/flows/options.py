"""The options of a data flow in the API and in files: taken, checked, shown."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from callsheet.entity import Entity
from callsheet.options import ArchiveBy, ColumnChoice, Filters, FlowOptions, WhenGone
from callsheet.shaping import check_options

_Name = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
_Names = Annotated[list[_Name], Field(max_length=100)]
_Key = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, from_attributes=True)


class FiltersModel(_Model):
    """Which calls are imported; what is empty lets everything through.

    Several values of one field are joined by or, several fields by and. Lines, teams, agents and
    tags are names (upper and lower case are the same) or ids.
    """

    direction: _Name | None = None
    outcomes: _Names = []
    lines: _Names = []
    teams: _Names = []
    agents: _Names = []
    tags: _Names = []


class ColumnModel(_Model):
    """One column by its key, with another header if one is given."""

    key: _Key
    header: Annotated[str, StringConstraints(max_length=200)] | None = None


class PlainOptions(_Model):
    """The choices of a data flow that are written alike in the API and in files: all but columns.

    layout: another table of the same entity. privacy: numbers masked, names, e-mail addresses,
    comments and recordings left out. rolling_days: the start date moves along, so many days before
    today. look_back_hours: read again at every refresh; deep_look_back_days: once a day.
    newest_first: new rows go on top, not at the end; rows that are there stay where they are.
    archive_months: so many whole months and the current one stay in the tab; older rows move to
    archive tabs, one a month or one a year.
    """

    filters: FiltersModel = FiltersModel()
    layout: _Name | None = None
    privacy: bool = False
    rolling_days: int | None = None
    when_rolled_out: WhenGone = WhenGone.KEEP
    when_gone: WhenGone = WhenGone.MARK
    look_back_hours: int = 24
    deep_look_back_days: int = 7
    newest_first: bool = False
    archive_months: int | None = None
    archive_by: ArchiveBy = ArchiveBy.MONTH


class OptionsModel(PlainOptions):
    """The choices of a data flow. Of those that are changed, what is left out stays.

    columns: which, in which order; empty: all.
    """

    columns: Annotated[list[ColumnModel], Field(max_length=200)] = []


def merged(entity: Entity, current: FlowOptions, given: OptionsModel | None) -> FlowOptions:
    """Return the options with what was given in the place of what there was.

    Raises InvalidRequest when one makes no sense for this entity.
    """
    if given is None:
        return current
    changes: dict[str, Any] = {name: getattr(given, name) for name in given.model_fields_set}
    if "filters" in changes:
        changes["filters"] = _filters(given.filters)
    if "columns" in changes:
        changes["columns"] = tuple(ColumnChoice(c.key, c.header) for c in given.columns)
    return check_options(entity, replace(current, **changes))


def reads_anew(before: FlowOptions, after: FlowOptions) -> bool:
    """Whether the tab has to be read again from the start date to be right."""
    return any(getattr(before, name) != getattr(after, name) for name in _SHAPING)


_SHAPING = ("filters", "columns", "layout", "privacy", "rolling_days")


def _filters(given: FiltersModel) -> Filters:
    return Filters(
        direction=given.direction,
        outcomes=tuple(given.outcomes),
        lines=tuple(given.lines),
        teams=tuple(given.teams),
        agents=tuple(given.agents),
        tags=tuple(given.tags),
    )
