"""What a schedule would mean, said before it is saved: when it is refreshed, and why then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from callsheet.cadence import moved, next_slot, planned
from callsheet.clock_change import clock_change_note
from callsheet.data_flow import DataFlow
from callsheet.flows.context import Stores, entity_named
from callsheet.flows.labels import label_of
from callsheet.neighbour import Neighbour, one_before
from callsheet.schedule import Schedule
from callsheet.schedule_text import placement
from callsheet.stagger import Claim, place
from callsheet.store.flows import seniority
from callsheet.store.placing import claim_of

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Preview:
    """A schedule as it would be placed now.

    next_runs: the first three refreshes (UTC); none while it is off. placement: when within its
    rhythm, and why then. note: what happens on the next day on which clocks change, if anything.
    """

    schedule: Schedule
    next_runs: tuple[datetime, ...]
    placement: str | None
    note: str | None


def preview(
    stores: Stores,
    spreadsheet_id: str,
    account: str,
    zone: ZoneInfo,
    schedule: Schedule,
    flow: DataFlow | None = None,
) -> Preview:
    """Return what the schedule would mean for a flow, or for a new one; nothing is saved.

    account: the Aircall account whose flows must not collide. zone: of the spreadsheet.
    """
    now = stores.clock.now()
    flows = [one for one in stores.flows.of_account(account) if flow is None or one.id != flow.id]
    mine = Claim(flow.id if flow else "", schedule, zone, flow.offset if flow else None)
    claims = [claim_of(one) for one in flows]
    older = [one for one in flows if flow is None or seniority(one) < seniority(flow)]
    claims.insert(len(older), mine)
    offsets = place(claims, account, now)
    offset = timedelta(seconds=offsets.get(mine.id, 0))
    slot = next_slot(schedule, zone, now, offset)
    others = [
        replace(one, offset=offsets[one.id])
        for one in claims
        if one.id != mine.id and one.id in offsets  # one switched off this moment has no place
    ]
    before = None if slot is None else one_before(others, slot)
    first = slot if flow is None or slot is None else _first_of(flow, mine, offset, now)
    return Preview(
        schedule=schedule,
        next_runs=_from(first, schedule, zone, offset),
        placement=placement(
            schedule,
            offsets.get(mine.id),
            len(claims),
            None if before is None else _after(stores, spreadsheet_id, before, flows),
        ),
        note=clock_change_note(schedule, zone, now, offset),
    )


def _first_of(flow: DataFlow, mine: Claim, offset: timedelta, now: datetime) -> datetime | None:
    """Return the next refresh of a flow that gets this schedule and this place."""
    if flow.schedule == mine.schedule and flow.next_run_at is not None:
        return flow.next_run_at
    awake = replace(
        flow, schedule=mine.schedule, zone=mine.zone.key, is_paused=False, paused_because=None
    )
    return moved(planned(awake, now), int(offset.total_seconds()), now).next_run_at


def _from(
    first: datetime | None, schedule: Schedule, zone: ZoneInfo, offset: timedelta
) -> tuple[datetime, ...]:
    found: list[datetime] = []
    slot = first
    while slot is not None and len(found) < _SHOWN:
        found.append(slot)
        slot = next_slot(schedule, zone, slot, offset)
    return tuple(found)


def _after(
    stores: Stores, spreadsheet_id: str, before: Neighbour, flows: Sequence[DataFlow]
) -> str | None:
    """Return “10 minutes after Aircall – Users”; flows of other spreadsheets have no name here."""
    minutes = int(before.gap.total_seconds()) // 60
    if not minutes:
        return None
    flow = next(one for one in flows if one.id == before.id)
    is_ours = flow.spreadsheet_id == spreadsheet_id
    whom = label_of(flow, entity_named(stores, flow.entity)) if is_ours else "one in another sheet"
    return f"{minutes} minute{'s' if minutes > 1 else ''} after {whom}"
