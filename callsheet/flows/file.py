"""Data flows as a YAML file: what stands in it, taken and written.

    version: 1
    flows:
      calls-support:
        entity: calls
        since: 2026-11-01
        schedule: hourly
        filters:
          teams: [Support]

A flow's name is the key. What is left out is the default. There is no secret in it and nothing of
one spreadsheet, so that a set-up can be kept in git and carried to another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
)

from callsheet.data_flow import DataFlow, WriteMode
from callsheet.entity import Entity
from callsheet.errors import InvalidRequest
from callsheet.flows.lined_yaml import Lined, Path, read_yaml
from callsheet.flows.options import OptionsModel, PlainOptions
from callsheet.flows.schedules import ScheduleModel, ScheduleOut
from callsheet.options import FlowOptions
from callsheet.wrong_input import problem_in_words

_HEADING = "# Data flows of Callsheet: `callsheet flows apply FILE --spreadsheet ID` makes them.\n"
_MOST_FLOWS = 200
_MOST_PROBLEMS = 20
_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
_OPTIONS = list(dict.fromkeys(["filters", "columns", *PlainOptions.model_fields]))
"""In the order in which a file has them."""


class Entry(PlainOptions):
    """One flow of the file. tab: the title to give its tab when that is made."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    entity: _Text
    label: _Text | None = None
    since: _Text | None = None
    schedule: ScheduleModel | None = None
    paused: bool = False
    tab: _Text | None = None
    write_mode: WriteMode = WriteMode.UPDATE
    columns: list[_Text | dict[str, _Text]] = Field(default_factory=list, max_length=200)

    @field_validator("schedule", mode="before")
    @classmethod
    def _rhythm_alone(cls, given: object) -> object:
        return {"cadence": given} if isinstance(given, str) else given

    def options(self) -> OptionsModel:
        """Return the options in the form of the API. Raises InvalidRequest for a wrong column."""
        given = self.model_dump(include=set(PlainOptions.model_fields))
        return OptionsModel.model_validate(
            {**given, "columns": [_column(one) for one in self.columns]}
        )


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    version: int = 1
    flows: Annotated[dict[str, Entry], Field(max_length=_MOST_FLOWS)]

    @field_validator("version")
    @classmethod
    def _known(cls, version: int) -> int:
        if version != 1:
            raise ValueError("This version of Callsheet reads “version: 1”. Update Callsheet.")
        return version


class FlowFile:
    """The flows of a file by name, and the lines on which they stand."""

    def __init__(self, entries: Mapping[str, Entry], source: Lined) -> None:
        self.entries = entries
        self._source = source

    def at(self, name: str, field: str = "") -> str:
        """Return the beginning of a sentence about this flow: its line and its name."""
        line = self._source.line_of(("flows", name, field))
        return f"Line {line}, flow “{name}”"


def read_flows(text: str) -> FlowFile:
    """Return the flows of a file.

    Raises InvalidRequest with every problem of its form, each with its line and what to do.
    """
    source = read_yaml(text)
    if not isinstance(source.value, dict):
        raise InvalidRequest(
            message="Line 1: the file has to begin with “flows:”. `callsheet flows export` shows "
            "the form."
        )
    try:
        return FlowFile(_File.model_validate(source.value).flows, source)
    except ValidationError as error:
        problems: dict[int, str] = {}  # one a line: a value of two kinds is wrong for both
        for problem in error.errors(include_url=False, include_input=False):
            problems.setdefault(source.line_of(tuple(problem["loc"])), _in_words(problem, source))
        raise all_wrong([problems[line] for line in sorted(problems)]) from None


def all_wrong(lines: list[str]) -> InvalidRequest:
    """Return many problems as one refusal, one a line."""
    more = len(lines) - _MOST_PROBLEMS
    if more > 0:
        lines = [*lines[:_MOST_PROBLEMS], f"… and {more} more."]
    return InvalidRequest(f"{len(lines)} problems in a file of flows", message="\n".join(lines))


def write_flows(flows: Iterable[DataFlow], catalogue: Mapping[str, Entity]) -> str:
    """Return the flows as a file: by entity in the order of the catalogue, then by name."""
    order = list(catalogue)
    chosen = sorted(flows, key=lambda flow: (order.index(flow.entity), flow.name))
    entries = {flow.name: entry_of(flow, catalogue[flow.entity]) for flow in chosen}
    content = {"version": 1, "flows": entries}
    text: str = yaml.dump(
        content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, default_flow_style=False
    )
    return _HEADING + text


def entry_of(flow: DataFlow, entity: Entity) -> dict[str, Any]:
    """Return what the file says of a flow: what differs from the defaults, and the schedule."""
    options = OptionsModel.model_validate(flow.options).model_dump(
        mode="json", exclude_defaults=True, exclude={"columns"}
    )
    entry: dict[str, Any] = {"entity": flow.entity}
    if flow.label is not None:
        entry["label"] = flow.label
    if entity.has_start_date and flow.options.rolling_days is None:
        entry["since"] = flow.since
    entry["schedule"] = _schedule(flow)
    if flow.is_paused:
        entry["paused"] = True
    if flow.tab_title is not None:
        entry["tab"] = flow.tab_title
    if flow.write_mode is not WriteMode.UPDATE:
        entry["write_mode"] = flow.write_mode.value
    if flow.options.columns:
        options["columns"] = _columns(flow.options)
    return {**entry, **{name: options[name] for name in _OPTIONS if name in options}}


def _schedule(flow: DataFlow) -> Any:
    shown = ScheduleOut.of(flow.schedule).model_dump(
        mode="json", exclude_defaults=True, exclude={"sentence"}
    )
    return shown["cadence"] if set(shown) == {"cadence"} else shown


def _columns(options: FlowOptions) -> list[Any]:
    return [one.key if one.header is None else {one.key: one.header} for one in options.columns]


def _column(given: str | dict[str, str]) -> dict[str, str | None]:
    if isinstance(given, str):
        return {"key": given}
    if len(given) != 1:
        raise InvalidRequest(message="A column is its key, or “key: header”, one to a line.")
    ((key, header),) = given.items()
    return {"key": key, "header": header}


def _in_words(problem: Mapping[str, Any], source: Lined) -> str:
    place: Path = tuple(problem["loc"])
    line = source.line_of(place)
    if place[:1] != ("flows",):
        return f"Line {line}: {problem_in_words(problem)}"
    if len(place) < 3:
        told = "needs a mapping of its fields, with “entity:” first."
        return (
            f"Line {line}: the flow “{place[-1]}” {told}"
            if len(place) == 2
            else (f"Line {line}: “flows:” has to hold flows by name, at most {_MOST_FLOWS}.")
        )
    inner = {**problem, "loc": place[2:]}
    return f"Line {line}, flow “{place[1]}”: {problem_in_words(inner)}"


class _Dumper(yaml.SafeDumper):  # type: ignore[misc]  # PyYAML has no types
    """Writes a day as a day, without quotes: the reader takes it as text."""


_Dumper.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.SafeDumper.yaml_implicit_resolvers.items()
}
