"""`callsheet entities`: what can be imported, and its columns."""

from __future__ import annotations

import json

import click

from callsheet.catalogue import ENTITIES
from callsheet.entity import Entity, Private, Reading
from callsheet.schedule_text import sentence

_INTRODUCTION = """# Entities

What Callsheet imports, made from `callsheet/catalogue/` by `callsheet entities --markdown`.
The first column identifies a row. *Privacy* is what the privacy preset does: it masks numbers of
people outside and leaves out their names, all e-mail addresses, free text and recordings.
"""

_READINGS = {
    Reading.SPAN: "by time windows from the start date on",
    Reading.WALK: "what changed since the last refresh, and whole once a day",
    Reading.LIST: "whole at each refresh",
    Reading.SNAPSHOT: "whole at each refresh, with names from the list of users",
    Reading.OBJECT: "one object",
}

_PRIVATE = {Private.NO: "", Private.MASK: "masked", Private.LEAVE_OUT: "left out"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON list.")
@click.option("--markdown", is_flag=True, help="Print docs/entities.md.")
def entities(as_json: bool, markdown: bool) -> None:
    """List the entities that can be imported, with their columns."""
    if markdown:
        click.echo(as_markdown(), nl=False)
        return
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
        "has_start_date": entity.has_start_date,
        "default_schedule": sentence(entity.default_schedule),
        "columns": [
            {"key": c.key, "header": c.header, "kind": c.kind, "note": c.note}
            for c in entity.columns
        ],
        "layouts": [
            {"name": name, "label": layout.label, "help": layout.help}
            for name, layout in (entity.layouts or {}).items()
        ],
    }


def as_markdown() -> str:
    """Return docs/entities.md: every entity and layout with its columns."""
    parts = [_INTRODUCTION]
    for entity in ENTITIES.values():
        parts.append(_section(entity, f"## {entity.label}", entity.name))
        for name, layout in (entity.layouts or {}).items():
            option = f"{entity.name} with the layout {name}"
            parts.append(_section(layout, f"### {layout.label}", option))
    return "\n".join(parts)


def _section(entity: Entity, title: str, name: str) -> str:
    facts = [
        f"Name: {name}. Read from `{entity.path}`"
        + (f", or `{entity.fallback_path}` where that is gone" if entity.fallback_path else "")
        + f": {_READINGS[entity.reading]}.",
        f"Start date: {'yes' if entity.has_start_date else 'no, everything is read'}.",
        f"Suggested schedule: {sentence(entity.default_schedule)}.",
    ]
    rows = [
        f"| {c.header} | {c.kind.replace('_', '-')} | {_PRIVATE[c.private]} | {c.note} |"
        for c in entity.columns
    ]
    table = ["| column | kind | privacy | meaning |", "|---|---|---|---|", *rows]
    return "\n".join([title, "", entity.help, "", *facts, "", *table, ""])
