"""`callsheet entities`: what can be imported, and its columns."""

from __future__ import annotations

import json

import click

from callsheet.catalogue import ENTITIES
from callsheet.entity import Entity


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON list.")
def entities(as_json: bool) -> None:
    """List the entities that can be imported, with their columns."""
    if as_json:
        click.echo(json.dumps([_described(entity) for entity in ENTITIES.values()]))
        return
    for entity in ENTITIES.values():
        click.echo(f"{entity.name}: {entity.label}. {entity.help}")
        for column in entity.columns:
            click.echo(f"  {column.header:<24} {column.note}")


def _described(entity: Entity) -> dict[str, object]:
    return {
        "name": entity.name,
        "label": entity.label,
        "help": entity.help,
        "has_start_date": entity.cursor is not None,
        "default_cadence": entity.default_cadence,
        "columns": [
            {"key": c.key, "header": c.header, "kind": c.kind, "note": c.note}
            for c in entity.columns
        ],
    }
