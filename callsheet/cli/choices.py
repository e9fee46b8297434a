"""The options of a data flow as options of a command, the same wherever they are taken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from callsheet.entity import Entity
from callsheet.errors import InvalidRequest
from callsheet.filtering import DIRECTIONS, OUTCOMES
from callsheet.options import ArchiveBy, ColumnChoice, Filters, FlowOptions, WhenGone
from callsheet.shaping import check_options, presets

Command = TypeVar("Command", bound=Callable[..., Any])

_NAMES = "By name or id; may be repeated."
_WHEN = [choice.value for choice in WhenGone]
_OPTIONS = (
    click.option("--direction", type=click.Choice(DIRECTIONS), help="Only calls of it."),
    click.option(
        "--outcome",
        "outcomes",
        multiple=True,
        type=click.Choice(OUTCOMES),
        help="Only calls that ended so; may be repeated.",
    ),
    click.option("--line", "lines", multiple=True, help=f"Only calls of the line. {_NAMES}"),
    click.option("--team", "teams", multiple=True, help=f"Only calls of the team. {_NAMES}"),
    click.option("--agent", "agents", multiple=True, help=f"Only calls of the agent. {_NAMES}"),
    click.option("--tag", "tags", multiple=True, help=f"Only calls with the tag. {_NAMES}"),
    click.option(
        "--columns",
        help="Which columns, in which order: a preset (all, essential, private) or keys with "
        "commas, each with a header if you like: id,started_at=Began.",
    ),
    click.option("--layout", help="Another table of the same entity (see `callsheet entities`)."),
    click.option(
        "--private",
        "privacy",
        is_flag=True,
        help="Mask numbers; leave out names, e-mail addresses, comments and recordings.",
    ),
    click.option("--rolling-days", type=int, help="Instead of --since: so many days before today."),
    click.option(
        "--when-gone",
        type=click.Choice(_WHEN),
        default=WhenGone.MARK.value,
        show_default=True,
        help="What happens to rows that Aircall no longer has.",
    ),
    click.option("--newest-first", is_flag=True, help="New rows go on top, not at the end."),
    click.option(
        "--archive-months",
        type=int,
        help="Rows older than so many whole months move to archive tabs.",
    ),
    click.option(
        "--archive-by",
        type=click.Choice([choice.value for choice in ArchiveBy]),
        default=ArchiveBy.MONTH.value,
        show_default=True,
        help="One archive tab a month or a year.",
    ),
)
NAMES = (
    "direction",
    "outcomes",
    "lines",
    "teams",
    "agents",
    "tags",
    "columns",
    "layout",
    "privacy",
    "rolling_days",
    "when_gone",
    "newest_first",
    "archive_months",
    "archive_by",
)
"""The parameters that `flow_options` adds to a command."""


def flow_options(command: Command) -> Command:
    """Add the options to a command, which takes them as keyword arguments named `NAMES`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def chosen_options(entity: Entity, given: dict[str, Any]) -> FlowOptions:
    """Return the options that were given. Raises InvalidRequest when one makes no sense."""
    filters = Filters(
        direction=given["direction"],
        outcomes=given["outcomes"],
        lines=given["lines"],
        teams=given["teams"],
        agents=given["agents"],
        tags=given["tags"],
    )
    options = FlowOptions(
        filters=filters,
        columns=_columns(entity, given["columns"], given["layout"]),
        layout=given["layout"],
        privacy=given["privacy"],
        rolling_days=given["rolling_days"],
        when_gone=WhenGone(given["when_gone"]),
        newest_first=given["newest_first"],
        archive_months=given["archive_months"],
        archive_by=ArchiveBy(given["archive_by"]),
    )
    return check_options(entity, options)


def flow_key(entity: Entity, layout: str | None, tab_title: str | None) -> str:
    """Return what marks a tab as that of an import from the command line."""
    table = f"{entity.name}/{layout}" if layout else entity.name
    return ":".join(["cli", table, *([tab_title] if tab_title else [])])


def _columns(entity: Entity, text: str | None, layout: str | None) -> tuple[ColumnChoice, ...]:
    if text is None or text.strip() == "all":
        return ()
    shaped = (entity.layouts or {}).get(layout or "", entity)
    ready = presets(shaped)
    if text.strip() in ready:
        return tuple(ColumnChoice(key) for key in ready[text.strip()])
    found = []
    for part in text.split(","):
        key, has_header, header = part.partition("=")
        if not key.strip():
            raise InvalidRequest(message="A column in --columns has no key. Remove the comma.")
        found.append(ColumnChoice(key.strip(), header.strip() if has_header else None))
    return tuple(found)
