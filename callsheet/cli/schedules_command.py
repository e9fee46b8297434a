"""`callsheet schedules`: when the data flows of a spreadsheet are refreshed."""

from __future__ import annotations

from typing import Any

import click
from pydantic import ValidationError

from callsheet.cli.admin import (
    ServerStores,
    answering,
    flow_called,
    for_spreadsheet,
    next_refresh,
    open_stores,
    show_json,
    show_table,
)
from callsheet.data_flow import DataFlow
from callsheet.errors import InvalidRequest
from callsheet.flows.changing import change
from callsheet.flows.preview import preview
from callsheet.flows.schedules import Day, ScheduleModel, ScheduleOut
from callsheet.flows.wish import Wish
from callsheet.schedule import Cadence, Schedule, zone_named
from callsheet.schedule_text import sentence as in_words
from callsheet.wrong_input import sentence

_HEADERS = ("NAME", "REFRESHED", "TIME ZONE", "NEXT REFRESH")
_SHORTEST_DAY = 2  # letters that tell one day from another


@click.group()
def schedules() -> None:
    """List and set when data flows are refreshed."""


@schedules.command("list")
@for_spreadsheet
def list_(spreadsheet_id: str, *, as_json: bool) -> None:
    """List the schedules of the spreadsheet's data flows."""
    with answering(as_json=as_json):
        stores = open_stores()
        _show(stores.flows.of_spreadsheet(spreadsheet_id), as_json=as_json)


@schedules.command("set")
@click.argument("flow")
@click.argument("cadence", type=click.Choice([cadence.value for cadence in Cadence]))
@click.option("--at", metavar="HH:MM", help="Time of day of a daily or weekly refresh.")
@click.option("--days", help="On which days, with commas: mon,tue,fri. Default: all of them.")
@click.option("--hours", metavar="HH:MM-HH:MM", help="Only within these working hours.")
@click.option("--dry-run", is_flag=True, help="Only say what it would mean.")
@for_spreadsheet
def set_(
    flow: str,
    cadence: str,
    spreadsheet_id: str,
    *,
    dry_run: bool,
    as_json: bool,
    **times: str | None,
) -> None:
    """Refresh FLOW by this CADENCE, by the clock of the spreadsheet."""
    with answering(as_json=as_json):
        stores = open_stores()
        schedule = _schedule(cadence, **times)
        found = flow_called(stores, spreadsheet_id, flow)
        if dry_run:
            _foretell(stores, found, schedule, as_json=as_json)
        else:
            _show([_set(stores, found, schedule)], as_json=as_json)


def _set(stores: ServerStores, flow: DataFlow, schedule: Schedule) -> DataFlow:
    return change(stores, flow.spreadsheet_id, flow.id, Wish(schedule=schedule))


def _foretell(stores: ServerStores, flow: DataFlow, schedule: Schedule, *, as_json: bool) -> None:
    zone = zone_named(flow.zone)
    found = preview(stores, flow.spreadsheet_id, flow.account, zone, schedule, flow)
    if as_json:
        show_json(
            {
                "name": flow.name,
                "schedule": ScheduleOut.of(schedule).model_dump(mode="json"),
                "time_zone": flow.zone,
                "next_runs": [slot.isoformat() for slot in found.next_runs],
                "placement": found.placement,
                "note": found.note,
            }
        )
        return
    times = ", ".join(f"{slot.astimezone(zone):%Y-%m-%d %H:%M}" for slot in found.next_runs)
    lines = [
        f"Dry run, nothing has been done: {flow.name} would be refreshed {in_words(schedule)}.",
        times and f"Next: {times} ({flow.zone}).",
        found.placement and f"It comes {found.placement}.",
        found.note,
    ]
    click.echo("\n".join(line for line in lines if line))


def _schedule(cadence: str, at: str | None, days: str | None, hours: str | None) -> Schedule:
    given: dict[str, Any] = {"cadence": cadence, "at": at, "days": _days(days)}
    if hours is not None:
        start, _, end = hours.replace("–", "-").partition("-")
        given["hours"] = {"start": start, "end": end}
    try:
        return ScheduleModel.model_validate(given).value()
    except ValidationError as error:
        raise sentence(error) from None


def _days(text: str | None) -> list[Day]:
    found = []
    for part in (text or "").split(","):
        word = part.strip().lower()
        if not word:
            continue
        day = next((day for day in Day if day.value.startswith(word)), None)
        if day is None or len(word) < _SHORTEST_DAY:
            raise InvalidRequest(
                message=f"“{part.strip()[:20]}” is not a day of the week. Write --days mon,tue,fri."
            )
        found.append(day)
    return found


def _show(flows: list[DataFlow], *, as_json: bool) -> None:
    if as_json:
        show_json({"schedules": [_as_json(flow) for flow in flows]})
        return
    rows = [(flow.name, in_words(flow.schedule), flow.zone, next_refresh(flow)) for flow in flows]
    show_table(_HEADERS, rows, "No data flows in this spreadsheet.")


def _as_json(flow: DataFlow) -> dict[str, Any]:
    return {
        "name": flow.name,
        "schedule": ScheduleOut.of(flow.schedule).model_dump(mode="json"),
        "time_zone": flow.zone,
        "next_run_at": None if flow.next_run_at is None else flow.next_run_at.isoformat(),
        "is_paused": flow.is_paused,
        "paused_because": flow.paused_because,
    }
