"""`callsheet flows add`, `set` and `rename`: one data flow by its fields, as a file names them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click
from pydantic import ValidationError

from callsheet.cli.admin import (
    ServerStores,
    administrator,
    answering,
    flow_called,
    for_spreadsheet,
    open_stores,
    show_json,
)
from callsheet.cli.flow_file_command import step_as_json, step_lines
from callsheet.errors import InvalidRequest
from callsheet.flows.changing import tab_is_there
from callsheet.flows.context import connection_of, entity_named
from callsheet.flows.file import Entry, entry_of
from callsheet.flows.labels import free_name
from callsheet.flows.lined_yaml import read_yaml
from callsheet.flows.plan import Step, apply_plan, plan_flow
from callsheet.wrong_input import sentence

_FIELDS = (
    "FIELD=VALUE as in a file of flows, such as since=2026-11-01 or 'filters={teams: [Sales]}'"
)
_TITLES = ("label", "tab")  # people's own words, which may look like YAML
_fields = click.argument("fields", nargs=-1, metavar="[FIELD=VALUE]...")
_dry_run = click.option("--dry-run", is_flag=True, help="Only say what would happen.")


@click.command(epilog=_FIELDS)
@click.argument("entity")
@_fields
@click.option("--name", help="Short and stable; else the entity's, with a number if need be.")
@_dry_run
@click.option("--no-run", is_flag=True, help="Do not start its first run.")
@for_spreadsheet
def add(
    entity: str,
    fields: tuple[str, ...],
    spreadsheet_id: str,
    *,
    name: str | None,
    dry_run: bool,
    no_run: bool,
    as_json: bool,
) -> None:
    """Make one more data flow of ENTITY and start its first run."""
    with answering(as_json=as_json):
        stores = open_stores()
        taken = {flow.name for flow in stores.flows.of_spreadsheet(spreadsheet_id)}
        chosen = name or free_name(entity_named(stores, entity), taken)
        if chosen in taken:
            raise InvalidRequest(
                message=f"There is a flow “{chosen}” already. Change that with `callsheet flows "
                "set`, or choose another name."
            )
        given = {"entity": entity, **_values(fields)}
        _do(stores, spreadsheet_id, chosen, given, dry_run=dry_run, run=not no_run, json=as_json)


@click.command("set", epilog=f"{_FIELDS}; an empty VALUE is the default.")
@click.argument("flow")
@_fields
@_dry_run
@for_spreadsheet
def set_(
    flow: str, fields: tuple[str, ...], spreadsheet_id: str, *, dry_run: bool, as_json: bool
) -> None:
    """Change fields of FLOW; the others stay. The next run follows them."""
    with answering(as_json=as_json):
        stores = open_stores()
        found = flow_called(stores, spreadsheet_id, flow)
        wanted = _values(fields)
        if found.tab_id is not None and wanted.get("tab", found.tab_title) != found.tab_title:
            raise tab_is_there()
        given = {**entry_of(found, entity_named(stores, found.entity)), **wanted}
        _do(stores, spreadsheet_id, found.name, given, dry_run=dry_run, run=False, json=as_json)


@click.command()
@click.argument("flow")
@click.argument("label")
@for_spreadsheet
def rename(flow: str, label: str, spreadsheet_id: str, *, as_json: bool) -> None:
    """Give FLOW another LABEL; an empty one: named after its tab again. The tab keeps its title."""
    with answering(as_json=as_json):
        stores = open_stores()
        found = flow_called(stores, spreadsheet_id, flow)
        given = {**entry_of(found, entity_named(stores, found.entity)), "label": label or None}
        _do(stores, spreadsheet_id, found.name, given, dry_run=False, run=False, json=as_json)


def _values(fields: Iterable[str]) -> dict[str, Any]:
    """Return the fields with their values, which are YAML; None: the default."""
    found: dict[str, Any] = {}
    for field in fields:
        name, has_value, text = field.partition("=")
        if not has_value:
            raise InvalidRequest(message=f"“{field[:40]}” is no field. Write FIELD=VALUE.")
        key = name.strip().replace("-", "_")
        found[key] = (text.strip() or None) if key in _TITLES else read_yaml(text).value
    return found


def _do(
    stores: ServerStores,
    spreadsheet_id: str,
    name: str,
    given: dict[str, Any],
    *,
    dry_run: bool,
    run: bool,
    json: bool,
) -> None:
    asker = administrator(stores, spreadsheet_id)
    connection = connection_of(stores, spreadsheet_id)
    step = plan_flow(stores, asker, connection, name, _entry(given))
    if not dry_run:
        apply_plan(stores, asker, connection, [step], run=run)
    if json:
        show_json({"dry_run": dry_run, "flows": [step_as_json(step)]})
    else:
        click.echo("\n".join(_said(step, dry_run=dry_run)))


def _said(step: Step, *, dry_run: bool) -> list[str]:
    lines = step_lines(step, len(step.flow.name))
    return [*lines, "Dry run, nothing has been done."] if dry_run else lines


def _entry(given: dict[str, Any]) -> Entry:
    try:
        return Entry.model_validate(
            {name: value for name, value in given.items() if value is not None}
        )
    except ValidationError as error:
        raise sentence(error) from None
