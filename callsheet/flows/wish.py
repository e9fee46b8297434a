"""What a person wants of a data flow, checked against its entity."""

from __future__ import annotations

from dataclasses import dataclass, replace

from callsheet.data_flow import DataFlow, WriteMode
from callsheet.entity import Entity
from callsheet.errors import InvalidRequest
from callsheet.flows.context import Asker, Stores
from callsheet.flows.options import reads_anew
from callsheet.options import FlowOptions
from callsheet.schedule import Schedule
from callsheet.span import parse_since, rolling_start, warnings_about


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants of a data flow; None: as it is, or the default.

    label: an empty one: labelled by itself again. tab_title: of a tab that is not made yet.
    """

    since: str | None = None
    schedule: Schedule | None = None
    options: FlowOptions | None = None
    write_mode: WriteMode | None = None
    label: str | None = None
    tab_title: str | None = None
    is_paused: bool | None = None


def checked_since(
    stores: Stores, asker: Asker, entity: Entity, since: str | None, options: FlowOptions
) -> tuple[str | None, list[str]]:
    """Return the start date to keep for this entity, and what to know about it.

    With a rolling window it is the window's first day now. Raises InvalidRequest when it is
    needed and missing, no date, or in the future.
    """
    if not entity.has_start_date:
        return None, []
    now = stores.clock.now()
    if options.rolling_days is not None:
        since = rolling_start(options.rolling_days, asker.zone, now)
    if since is None:
        raise InvalidRequest(message="Choose a start date, for example 2026-11-01.")
    return since, warnings_about(parse_since(since, asker.zone, now), entity, now)


def fulfilled(flow: DataFlow, wish: Wish) -> DataFlow:
    """Return the flow with what is wished in the place of what there was; pure.

    Where rows that are in the tab would no longer be right, the next run reads from the start
    date again, not from where the last one ended.
    """
    options = wish.options or flow.options
    mode = wish.write_mode or flow.write_mode
    since = flow.since if wish.since is None else wish.since
    rolls_on = options.rolling_days is not None and (
        options.rolling_days == flow.options.rolling_days
    )
    anew = (
        (since != flow.since and not rolls_on)
        or reads_anew(flow.options, options)
        or mode is not flow.write_mode
    )
    if options.layout != flow.options.layout:  # another table, another tab
        flow = replace(flow, tab_id=None, tab_title=None)
    return replace(
        flow,
        since=flow.since if rolls_on else since,
        schedule=wish.schedule or flow.schedule,
        options=options,
        write_mode=mode,
        label=flow.label if wish.label is None else wish.label or None,
        tab_title=flow.tab_title if wish.tab_title is None else wish.tab_title,
        bookmark=None if anew else flow.bookmark,
        is_paused=flow.is_paused if wish.is_paused is None else wish.is_paused,
    )
