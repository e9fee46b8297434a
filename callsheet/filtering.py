"""Which calls an import lets through: by direction, outcome, line, team, agent and tag; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from callsheet.call_columns import outcome
from callsheet.entity import Entity, ReadContext, Record
from callsheet.errors import InvalidRequest
from callsheet.options import Filters

DIRECTIONS = ("inbound", "outbound")
OUTCOMES = (
    "answered",
    "missed",
    "abandoned",
    "voicemail",
    "unanswered outbound",
    "in progress",
)

Matcher = Callable[[Record], bool]

_MOST_VALUES = 100
_LONGEST_VALUE = 200
_CONTEXT = ReadContext(ZoneInfo("Etc/UTC"))  # an outcome is the same in every zone


def check_filters(entity: Entity, filters: Filters) -> Filters:
    """Return the filters as they are kept: trimmed, each value once.

    Raises InvalidRequest when one cannot be, or the entity has none.
    """
    kept = replace(
        filters,
        direction=(filters.direction or "").strip().lower() or None,
        outcomes=tuple(value.lower() for value in _tidy(filters.outcomes, "outcomes")),
        lines=_tidy(filters.lines, "lines"),
        teams=_tidy(filters.teams, "teams"),
        agents=_tidy(filters.agents, "agents"),
        tags=_tidy(filters.tags, "tags"),
    )
    if kept != Filters() and entity.name != "calls":
        raise InvalidRequest(message=f"Only calls can be filtered, not {entity.label.lower()}.")
    if kept.direction not in (None, *DIRECTIONS):
        raise InvalidRequest(message="The direction has to be inbound or outbound, or left out.")
    for value in kept.outcomes:
        if value not in OUTCOMES:
            raise InvalidRequest(
                message=f"There is no outcome “{value[:40]}”. Choose from: {', '.join(OUTCOMES)}."
            )
    return kept


def matcher(filters: Filters) -> Matcher | None:
    """Return the function that says whether a call is let through; None lets all through."""
    checks = []
    if filters.direction is not None:
        checks.append(_direction(filters.direction))
    if filters.outcomes:
        checks.append(_outcome(filters.outcomes))
    for field, wanted in (("number", filters.lines), ("user", filters.agents)):
        if wanted:
            checks.append(_one(field, wanted))
    for field, wanted in (("teams", filters.teams), ("tags", filters.tags)):
        if wanted:
            checks.append(_any(field, wanted))
    if len(checks) <= 1:
        return checks[0] if checks else None
    return lambda record: all(check(record) for check in checks)


def _direction(wanted: str) -> Matcher:
    return lambda record: record.get("direction") == wanted


def _outcome(wanted: Iterable[str]) -> Matcher:
    names = frozenset(wanted)
    return lambda record: outcome(record, _CONTEXT) in names


def _one(field: str, wanted: Iterable[str]) -> Matcher:
    names = _folded(wanted)
    return lambda record: _is_named(record.get(field), names)


def _any(field: str, wanted: Iterable[str]) -> Matcher:
    names = _folded(wanted)

    def check(record: Record) -> bool:
        items = record.get(field)
        return isinstance(items, list) and any(_is_named(item, names) for item in items)

    return check


def _is_named(item: Any, names: frozenset[str]) -> bool:
    if not isinstance(item, dict):
        return False
    name = item.get("name")
    return str(item.get("id")) in names or (
        isinstance(name, str) and name.strip().casefold() in names
    )


def _folded(wanted: Iterable[str]) -> frozenset[str]:
    return frozenset(value.strip().casefold() for value in wanted)


def _tidy(values: tuple[str, ...], what: str) -> tuple[str, ...]:
    kept = tuple(dict.fromkeys(value.strip() for value in values if value.strip()))
    if len(kept) > _MOST_VALUES:
        raise InvalidRequest(message=f"These are too many {what}. Give at most {_MOST_VALUES}.")
    if any(len(value) > _LONGEST_VALUE for value in kept):
        raise InvalidRequest(
            message=f"One of the {what} is too long. A name has at most {_LONGEST_VALUE} "
            "characters."
        )
    return kept
