"""`callsheet flows export` and `apply`: data flows kept in a YAML file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from callsheet.cli.admin import administrator, answering, for_spreadsheet, open_stores, show_json
from callsheet.errors import InvalidRequest
from callsheet.flows.context import connection_of
from callsheet.flows.file import read_flows, write_flows
from callsheet.flows.plan import Action, Step, apply_plan, plan_file

_REASONS = {
    Action.KEEP: "is like that already",
    Action.REMOVE: "is not in the file; its tab stays",
    Action.LEAVE: "is not in the file; --prune removes it",
}


@click.command()
@for_spreadsheet
def export(spreadsheet_id: str, *, as_json: bool) -> None:
    """Print the data flows as YAML, for a file that `apply` takes. No secret is in it."""
    with answering(as_json=as_json):
        stores = open_stores()
        text = write_flows(stores.flows.of_spreadsheet(spreadsheet_id), stores.catalogue)
        if as_json:
            show_json({"yaml": text})
        else:
            click.echo(text, nl=False)


@click.command()
@click.argument("file", type=click.File(encoding="utf-8"))
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
@click.option("--prune", is_flag=True, help="Remove flows that are not in the file; tabs stay.")
@click.option("--no-run", is_flag=True, help="Do not start the first runs of new flows.")
@for_spreadsheet
def apply(
    file: Any, spreadsheet_id: str, *, dry_run: bool, prune: bool, no_run: bool, as_json: bool
) -> None:
    """Make and change data flows as FILE says (- for standard input). Twice changes nothing."""
    with answering(as_json=as_json):
        text = _read(file)
        stores = open_stores()
        asker = administrator(stores, spreadsheet_id)
        connection = connection_of(stores, spreadsheet_id)
        steps = plan_file(stores, asker, connection, read_flows(text), prune=prune)
        if not dry_run:
            apply_plan(stores, asker, connection, steps, run=not no_run)
        if as_json:
            show_json({"dry_run": dry_run, "flows": [step_as_json(step) for step in steps]})
        else:
            width = max((len(step.flow.name) for step in steps), default=0)
            for step in steps:
                click.echo("\n".join(step_lines(step, width)))
            click.echo(_total(steps, dry_run=dry_run))


def _read(file: Any) -> str:
    try:
        return str(file.read())
    except UnicodeDecodeError:
        name = Path(file.name).name
        raise InvalidRequest(message=f"{name} is not text in UTF-8. Save it so.") from None


def step_lines(step: Step, width: int) -> list[str]:
    """Return a step in words: its flow, what changes, and notes. width: of the longest name."""
    flow = step.flow
    lines = [
        f"{step.action.value:<6}  {flow.name:<{width}}  {_REASONS.get(step.action, flow.entity)}"
    ]
    lines += [
        f"          {name}: {_shown(before)} → {_shown(after)}"
        for name, (before, after) in step.changes.items()
    ]
    return [*lines, *(f"          Note: {note}" for note in step.notes)]


def _shown(value: Any) -> str:
    if value is None:
        return "(default)"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _total(steps: list[Step], *, dry_run: bool) -> str:
    done = {action: sum(step.action is action for step in steps) for action in Action}
    counts = (
        f"{done[Action.MAKE]} made, {done[Action.CHANGE]} changed, {done[Action.REMOVE]} removed, "
        f"{done[Action.KEEP] + done[Action.LEAVE]} as they were"
    )
    return f"Dry run, nothing has been done: {counts}." if dry_run else f"{counts}."


def step_as_json(step: Step) -> dict[str, Any]:
    """Return a step as the API shows it."""
    changes = {
        name: {"before": before, "after": after} for name, (before, after) in step.changes.items()
    }
    return {
        "name": step.flow.name,
        "entity": step.flow.entity,
        "action": step.action.value,
        "changes": changes,
        "notes": list(step.notes),
    }
