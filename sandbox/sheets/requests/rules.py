"""Requests about conditional format rules."""

from __future__ import annotations

from sandbox.sheets.errors import Json, Refusal
from sandbox.sheets.requests.context import Batch
from sandbox.sheets.style import paired_colors
from sandbox.sheets.workbook import Tab


def add_rule(batch: Batch, body: Json) -> Json:
    """Add a conditional format rule."""
    rule: Json = paired_colors(body.get("rule", {}))
    if not rule.get("ranges"):
        raise Refusal("ConditionalFormatRule.ranges must not be empty.")
    tabs = [batch.place(each)[0] for each in rule["ranges"]]
    rules = list(tabs[0].list("conditionalFormats"))
    rules.insert(body.get("index", 0), rule)
    tabs[0].set("conditionalFormats", tuple(rules))
    return {}


def _rules(batch: Batch, body: Json) -> tuple[Tab, list[Json], int]:
    tab = batch.book.grid_tab(body.get("sheetId", 0))
    rules, index = list(tab.list("conditionalFormats")), body.get("index", 0)
    if not 0 <= index < len(rules):
        raise Refusal(f"No conditional format on sheet: {tab.sheet_id} at index: {index}")
    return tab, rules, index


def delete_rule(batch: Batch, body: Json) -> Json:
    """Delete a conditional format rule."""
    tab, rules, index = _rules(batch, body)
    old = rules.pop(index)
    tab.set("conditionalFormats", tuple(rules))
    return {"rule": old}


def update_rule(batch: Batch, body: Json) -> Json:
    """Exchange a conditional format rule or move it to another index."""
    given: Json = paired_colors(body.get("rule", {}))
    lookup = dict(body)
    if given.get("ranges"):
        lookup.setdefault("sheetId", given["ranges"][0].get("sheetId", 0))
    tab, rules, index = _rules(batch, lookup)
    old = rules.pop(index)
    new, to = (given, index) if given else (old, body.get("newIndex", 0))
    rules.insert(to, new)
    tab.set("conditionalFormats", tuple(rules))
    answer: Json = {"newRule": new, "oldRule": old} if given else {"newRule": new}
    return answer | ({"oldIndex": index} if index else {}) | ({"newIndex": to} if to else {})
