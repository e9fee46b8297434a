"""Requests about protected ranges."""

from __future__ import annotations

from sandbox.sheets.errors import PROTECTED, Json, Refusal
from sandbox.sheets.fields import of_update
from sandbox.sheets.fields import update as merged
from sandbox.sheets.requests.context import (
    Batch,
    Caller,
    chosen_id,
    exchange,
    may_edit,
    owner_of,
)
from sandbox.sheets.workbook import Tab

KIND = "protectedRanges"


def shown(entry: Json, caller: Caller, owner: str) -> Json:
    """Return a protected range as that caller sees it: editors only to editors."""
    allowed = may_edit(entry, caller, owner)
    answer = {k: v for k, v in entry.items() if k != "editors"}
    if allowed:
        answer["requestingUserCanEdit"] = True
    if allowed and not entry.get("warningOnly"):
        answer["editors"] = entry.get("editors", {})
    return answer


def _tab(batch: Batch, entry: Json) -> Tab:
    if "namedRangeId" in entry:
        for named in batch.book.named_ranges:
            if named["namedRangeId"] == entry["namedRangeId"]:
                return batch.book.grid_tab(named["range"].get("sheetId", 0))
        raise Refusal(f"No named range with ID: {entry['namedRangeId']}")
    if "tableId" in entry:
        return owner_of(batch, "tables", "tableId", entry["tableId"], "table")[0]
    return batch.place(entry.get("range", {}))[0]


def _checked(entry: Json) -> Json:
    if entry.get("warningOnly") and any(entry.get("editors", {}).values()):
        raise Refusal("ProtectedRange is warningOnly. Editors cannot be set on it.")
    return entry


def add(batch: Batch, body: Json) -> Json:
    """Protect a range; who protects may always edit."""
    given = _checked(dict(body.get("protectedRange", {})))
    given.pop("requestingUserCanEdit", None)
    tab = _tab(batch, given)
    made = chosen_id(batch, KIND, given, "protectedRangeId", "Protected range")
    entry = given | {"protectedRangeId": made}
    if not entry.get("warningOnly"):
        editors = entry.get("editors", {})
        users = dict.fromkeys([*editors.get("users", ()), batch.caller.email, batch.book.owner])
        entry["editors"] = {k: v for k, v in editors.items() if v} | {"users": list(users)}
    tab.add(KIND, entry)
    answer = shown(entry, batch.caller, batch.book.owner)
    if "editors" in answer:
        # The answer repeats what was asked; who else may edit shows when it is read.
        answer["editors"] = {k: v for k, v in given.get("editors", {}).items() if v}
    return {"protectedRange": answer}


def update(batch: Batch, body: Json) -> Json:
    """Change a protected range."""
    given: Json = body.get("protectedRange", {})
    tab, old = owner_of(
        batch, KIND, "protectedRangeId", given.get("protectedRangeId"), "protected range"
    )
    if not may_edit(old, batch.caller, batch.book.owner):
        raise Refusal(PROTECTED)
    mask = of_update(body.get("fields"), "ProtectedRange")
    new = merged(old, given, mask) | {"protectedRangeId": old["protectedRangeId"]}
    new.pop("requestingUserCanEdit", None)
    target = _tab(batch, _checked(new))
    exchange(tab, KIND, old, new if target is tab else None)
    if target is not tab:
        target.add(KIND, new)
    return {}


def delete(batch: Batch, body: Json) -> Json:
    """Unprotect a range."""
    wanted = body.get("protectedRangeId")
    tab, old = owner_of(batch, KIND, "protectedRangeId", wanted, "protected range")
    if not may_edit(old, batch.caller, batch.book.owner):
        raise Refusal(PROTECTED)
    exchange(tab, KIND, old, None)
    return {}
