"""Requests about conditional format rules."""

from __future__ import annotations

from sandbox.sheets.errors import Json, Refusal
from sandbox.sheets.requests.context import Batch
from sandbox.sheets.style import paired_colors
from sandbox.sheets.workbook import Tab

# The only formats that a rule may apply (BooleanRule in the API's description).
FORMATS = {"backgroundColor", "backgroundColorStyle", "textFormat"}
TEXT_FORMATS = {"bold", "italic", "strikethrough", "foregroundColor", "foregroundColorStyle"}


def _checked(batch: Batch, body: Json) -> tuple[Tab, Json]:
    """Return the tab of a rule and the rule; the words of the refusals are our own."""
    rule: Json = paired_colors(body.get("rule", {}))
    if not rule.get("ranges"):
        raise Refusal("ConditionalFormatRule.ranges must not be empty.")
    tabs = [batch.place(each)[0] for each in rule["ranges"]]
    if any(tab is not tabs[0] for tab in tabs):
        raise Refusal("All ranges of a ConditionalFormatRule must be on the same grid.")
    if ("booleanRule" in rule) == ("gradientRule" in rule):
        raise Refusal("ConditionalFormatRule must have either a booleanRule or a gradientRule.")
    if "booleanRule" in rule:
        _check_boolean(rule["booleanRule"])
    return tabs[0], rule


def _check_boolean(rule: Json) -> None:
    shown = rule.get("format", {})
    beyond = (set(shown) - FORMATS) | (set(shown.get("textFormat", {})) - TEXT_FORMATS)
    if beyond:
        raise Refusal(f"A conditional format cannot set: {', '.join(sorted(beyond))}.")
    condition = rule.get("condition", {})
    if condition.get("type", "CONDITION_TYPE_UNSPECIFIED") == "CONDITION_TYPE_UNSPECIFIED":
        raise Refusal("BooleanRule.condition must have a type.")
    if condition["type"] == "CUSTOM_FORMULA":
        values = condition.get("values", [])
        if len(values) != 1 or not values[0].get("userEnteredValue", "").startswith(("=", "+")):
            raise Refusal("CUSTOM_FORMULA requires a single ConditionValue with a formula.")


def add_rule(batch: Batch, body: Json) -> Json:
    """Add a conditional format rule."""
    tab, rule = _checked(batch, body)
    rules, index = list(tab.list("conditionalFormats")), body.get("index", 0)
    if not 0 <= index <= len(rules):
        raise _nothing_at(tab, index)
    rules.insert(index, rule)
    tab.set("conditionalFormats", tuple(rules))
    return {}


def _nothing_at(tab: Tab, index: int) -> Refusal:
    return Refusal(f"No conditional format on sheet: {tab.sheet_id} at index: {index}")


def _taken_out(tab: Tab, index: int) -> tuple[list[Json], Json]:
    rules = list(tab.list("conditionalFormats"))
    if not 0 <= index < len(rules):
        raise _nothing_at(tab, index)
    return rules, rules.pop(index)


def delete_rule(batch: Batch, body: Json) -> Json:
    """Delete a conditional format rule."""
    tab = batch.book.grid_tab(body.get("sheetId", 0))
    rules, old = _taken_out(tab, body.get("index", 0))
    tab.set("conditionalFormats", tuple(rules))
    return {"rule": old}


def update_rule(batch: Batch, body: Json) -> Json:
    """Exchange a conditional format rule or move it to another index."""
    index = body.get("index", 0)
    if "rule" in body:
        tab, new = _checked(batch, body)
        rules, old = _taken_out(tab, index)
        to, answer = index, {"newRule": new, "oldRule": old}
    else:
        tab, to = batch.book.grid_tab(body.get("sheetId", 0)), body.get("newIndex", 0)
        rules, new = _taken_out(tab, index)
        if not 0 <= to <= len(rules):
            raise _nothing_at(tab, to)
        answer = {"newRule": new} | ({"oldIndex": index} if index else {})
    rules.insert(to, new)
    tab.set("conditionalFormats", tuple(rules))
    return answer | ({"newIndex": to} if to else {})
