"""`callsheet flows`: the data flows of a spreadsheet, listed and changed as the sidebar does."""

from __future__ import annotations

from typing import Any

import click

from callsheet.cli.admin import (
    ServerStores,
    administrator,
    answering,
    flow_called,
    for_spreadsheet,
    next_refresh,
    open_stores,
    show_json,
    show_table,
)
from callsheet.cli.flow_fields_command import add, rename, set_
from callsheet.cli.flow_file_command import apply, export
from callsheet.cli.flow_outside_command import events, key, outside, webhook
from callsheet.data_flow import DataFlow
from callsheet.flows.changing import pause as pause_flow
from callsheet.flows.changing import remove
from callsheet.flows.changing import resume as resume_flow
from callsheet.flows.context import connection_of, entity_named
from callsheet.flows.file import entry_of
from callsheet.flows.labels import label_of
from callsheet.flows.making import copy
from callsheet.flows.making import one_of_each as make_one_of_each
from callsheet.flows.starting import start_run, start_undo
from callsheet.schedule_text import sentence

_HEADERS = ("NAME", "ENTITY", "LABEL", "REFRESHED", "NEXT REFRESH", "LAST RUN")
_NONE = "No data flows in this spreadsheet. `callsheet flows one-of-each` makes one of each entity."


@click.group()
def flows() -> None:
    """List and change the data flows of a spreadsheet, as its sidebar does."""


@flows.command("list")
@for_spreadsheet
def list_(spreadsheet_id: str, *, as_json: bool) -> None:
    """List the spreadsheet's data flows."""
    with answering(as_json=as_json):
        stores = open_stores()
        found = stores.flows.of_spreadsheet(spreadsheet_id)
        _show(stores, found, as_json=as_json)


@flows.command()
@click.argument("flow")
@for_spreadsheet
def show(flow: str, spreadsheet_id: str, *, as_json: bool) -> None:
    """Show all that is known of FLOW, by its name."""
    with answering(as_json=as_json):
        stores = open_stores()
        shown = flow_summary(stores, flow_called(stores, spreadsheet_id, flow))
        if as_json:
            show_json(shown)
            return
        for name, value in shown.items():
            click.echo(f"{name.replace('_', ' ')}: {_plain(value)}")


@flows.command()
@click.argument("flow")
@for_spreadsheet
def pause(flow: str, spreadsheet_id: str, *, as_json: bool) -> None:
    """Let the schedule of FLOW rest until it is resumed."""
    with answering(as_json=as_json):
        stores = open_stores()
        found = flow_called(stores, spreadsheet_id, flow)
        _show(stores, [pause_flow(stores, spreadsheet_id, found.id)], as_json=as_json)


@flows.command()
@click.argument("flow")
@for_spreadsheet
def resume(flow: str, spreadsheet_id: str, *, as_json: bool) -> None:
    """Let the schedule of FLOW go on, whoever or whatever has paused it."""
    with answering(as_json=as_json):
        stores = open_stores()
        found = flow_called(stores, spreadsheet_id, flow)
        _show(stores, [resume_flow(stores, spreadsheet_id, found.id)], as_json=as_json)


@flows.command()
@click.argument("flow")
@for_spreadsheet
def duplicate(flow: str, spreadsheet_id: str, *, as_json: bool) -> None:
    """Make a paused copy of FLOW with a tab of its own, to be changed and resumed."""
    with answering(as_json=as_json):
        stores = open_stores()
        found = flow_called(stores, spreadsheet_id, flow)
        made = copy(stores, administrator(stores, spreadsheet_id), found.id)
        _show(stores, [made], as_json=as_json)


@flows.command()
@click.argument("flow")
@click.option("--with-tab", is_flag=True, help="Also delete its tab, with all that stands in it.")
@click.option("--yes", is_flag=True, help="Do not ask before a tab is deleted.")
@for_spreadsheet
def delete(flow: str, spreadsheet_id: str, *, with_tab: bool, yes: bool, as_json: bool) -> None:
    """Forget FLOW and its schedule. Its tab stays, unless --with-tab is given."""
    with answering(as_json=as_json):
        stores = open_stores()
        found = flow_called(stores, spreadsheet_id, flow)
        if with_tab and not yes:
            title = found.tab_title or "of the import"
            click.confirm(f"Delete the tab “{title}” and everything in it?", abort=True, err=True)
        remove(stores, spreadsheet_id, found.id, with_tab=with_tab)
        if as_json:
            show_json({"removed": found.name, "with_tab": with_tab})
        else:
            tab = "A worker deletes its tab now." if with_tab else "Its tab stays."
            click.echo(f"Removed {found.name}. {tab}")


@flows.command()
@click.argument("flow")
@for_spreadsheet
def refresh(flow: str, spreadsheet_id: str, *, as_json: bool) -> None:
    """Refresh FLOW now; answers the run that is active already, if there is one."""
    with answering(as_json=as_json):
        stores = open_stores()
        run, is_new = start_run(stores, flow_called(stores, spreadsheet_id, flow))
        if as_json:
            show_json({"run": run.id, "state": run.state.value, "is_new": is_new})
        else:
            click.echo(f"Run {run.id} {'is queued' if is_new else 'was active already'}.")


@flows.command()
@click.argument("flow")
@for_spreadsheet
def undo(flow: str, spreadsheet_id: str, *, as_json: bool) -> None:
    """Take the last replacing refresh of FLOW back, as a run; then its schedule rests."""
    with answering(as_json=as_json):
        stores = open_stores()
        run = start_undo(stores, flow_called(stores, spreadsheet_id, flow))
        if as_json:
            show_json({"run": run.id, "state": run.state.value})
        else:
            click.echo(f"Run {run.id} puts the former rows back: `callsheet runs watch {run.id}`.")


@flows.command("one-of-each")
@click.option("--since", help="Start date of those that have one. Default: 30 days ago.")
@for_spreadsheet
def one_of_each(spreadsheet_id: str, since: str | None, *, as_json: bool) -> None:
    """Make a data flow for every entity that has none, and start their first runs."""
    with answering(as_json=as_json):
        stores = open_stores()
        asker = administrator(stores, spreadsheet_id)
        connection = connection_of(stores, spreadsheet_id)
        made, there = make_one_of_each(stores, asker, connection, since)
        for flow in made:
            start_run(stores, flow)
        if as_json:
            show_json({"made": [f.name for f in made], "kept": [f.name for f in there]})
        else:
            _show(stores, made, as_json=False, empty="Every entity has its data flow already.")


def flow_summary(stores: ServerStores, flow: DataFlow) -> dict[str, Any]:
    """Return all that is known of a flow, as JSON."""
    entity = entity_named(stores, flow.entity)
    last = next(iter(stores.runs.of_flow(flow.id, limit=1)), None)
    return {
        "name": flow.name,
        "id": flow.id,
        "label": label_of(flow, entity),
        **entry_of(flow, entity),
        "refreshed": sentence(flow.schedule),
        "time_zone": flow.zone,
        "next_run_at": None if flow.next_run_at is None else flow.next_run_at.isoformat(),
        "is_paused": flow.is_paused,
        "paused_because": flow.paused_because,
        "last_run": None if last is None else {"id": last.id, "state": last.state.value},
    }


def _show(
    stores: ServerStores, found: list[DataFlow], *, as_json: bool, empty: str = _NONE
) -> None:
    if as_json:
        show_json({"flows": [flow_summary(stores, flow) for flow in found]})
        return
    show_table(_HEADERS, [_row(stores, flow) for flow in found], empty)


def _row(stores: ServerStores, flow: DataFlow) -> tuple[str, ...]:
    last = next(iter(stores.runs.of_flow(flow.id, limit=1)), None)
    return (
        flow.name,
        flow.entity,
        label_of(flow, entity_named(stores, flow.entity)),
        sentence(flow.schedule),
        next_refresh(flow),
        "–" if last is None else last.state.value,
    )


def _plain(value: object) -> str:
    return "–" if value is None else str(value)


for command in (add, set_, rename, export, apply, outside, key, events, webhook):
    flows.add_command(command)
