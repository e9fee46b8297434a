"""Requests about named ranges."""

from __future__ import annotations

import re

from sandbox.sheets.a1 import parse_cells
from sandbox.sheets.errors import Json, Refusal
from sandbox.sheets.fields import of_update, update
from sandbox.sheets.requests.context import Batch
from sandbox.sheets.workbook import grid_range


def _range_name(batch: Batch, name: str, old: Json | None = None) -> str:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,249}", name) or parse_cells(name):
        raise Refusal(f"The name '{name}' is not a valid name for a range.")
    for entry in batch.book.named_ranges:
        if entry is not old and entry["name"].casefold() == name.casefold():
            raise Refusal(f"Cannot have multiple named ranges with the same name: {name}")
    return name


def add_named_range(batch: Batch, body: Json) -> Json:
    """Give a range a name."""
    given: Json = body.get("namedRange", {})
    name = _range_name(batch, given.get("name", ""))
    if "range" not in given:
        raise Refusal("A named range must have a range.")
    tab, rect = batch.place(given["range"])
    taken = {entry["namedRangeId"] for entry in batch.book.named_ranges}
    made = given.get("namedRangeId") or str(batch.book.fresh_id(set()))
    if made in taken:
        raise Refusal(f"Named range with id {made} already exists.")
    shown = given["range"] if "endRowIndex" in given["range"] else grid_range(tab.sheet_id, rect)
    entry = {"namedRangeId": made, "name": name, "range": shown}
    batch.book.named_ranges = (*batch.book.named_ranges, entry)
    return {"namedRange": entry}


def _named(batch: Batch, wanted: object) -> Json:
    for entry in batch.book.named_ranges:
        if entry["namedRangeId"] == wanted:
            return entry
    raise Refusal(f"No named range with ID: {wanted}")


def update_named_range(batch: Batch, body: Json) -> Json:
    """Rename or move a named range."""
    given: Json = body.get("namedRange", {})
    old = _named(batch, given.get("namedRangeId"))
    new = update(old, given, of_update(body.get("fields"), "NamedRange"))
    new["namedRangeId"] = old["namedRangeId"]
    _range_name(batch, new.get("name", ""), old)
    batch.place(new.get("range", {}))
    entries = batch.book.named_ranges
    batch.book.named_ranges = tuple(new if entry is old else entry for entry in entries)
    return {}


def delete_named_range(batch: Batch, body: Json) -> Json:
    """Take a name away."""
    old = _named(batch, body.get("namedRangeId"))
    batch.book.named_ranges = tuple(e for e in batch.book.named_ranges if e is not old)
    return {}
