"""Compares an answer of the stand-in with a recorded one, ids and times masked."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from sandbox.sheets.errors import Json

# Made up by the server, so ours differ from the recorded ones.
ID_KEYS = {"id", "spreadsheetId", "sheetId", "namedRangeId", "protectedRangeId", "metadataId"}
ID_KEYS |= {"chartId", "bandedRangeId", "filterViewId", "tableId", "slicerId"}
TIME_KEYS = {"createdTime", "modifiedTime"}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
MASKED_KEYS = {"editors"}


def translated(value: Any, back: dict[str, str]) -> Any:
    """Return our answer with recorded ids."""
    if isinstance(value, list):
        return [translated(item, back) for item in value]
    if not isinstance(value, dict):
        return value
    result = {}
    for key, item in value.items():
        if key in ID_KEYS and isinstance(item, str | int) and str(item) in back:
            result[key] = type(item)(back[str(item)])
        elif key == "spreadsheetUrl":
            parts = str(item).split("/")
            result[key] = "/".join(back.get(part, part) for part in parts)
        else:
            result[key] = translated(item, back)
    return result


def difference(wanted: Any, found: Any, path: str) -> str | None:
    """Return where two answers part, None when they agree."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        if wanted.keys() != found.keys():
            return f"{path or '/'} has {sorted(found)} for {sorted(wanted)}"
        for key, value in wanted.items():
            where = f"{path}/{key}"
            if key in MASKED_KEYS:
                continue
            parted = (
                _time_difference(found[key], where)
                if key in TIME_KEYS
                else difference(value, found[key], where)
            )
            if parted:
                return parted
        return _order_difference(found, path)
    if isinstance(wanted, list) and isinstance(found, list):
        if len(wanted) != len(found):
            return f"{path} has {len(found)} entries for {len(wanted)}"
        pairs = (difference(a, b, f"{path}/{at}") for at, (a, b) in enumerate(zip(wanted, found)))  # noqa: B905
        return next((parted for parted in pairs if parted), None)
    same = wanted == found and isinstance(wanted, bool) == isinstance(found, bool)
    return None if same else f"{path} is {found!r} for {wanted!r}"


def _time_difference(value: Any, path: str) -> str | None:
    return None if TIME.fullmatch(str(value)) else f"{path} is no time: {value!r}"


def _order_difference(found: Json, path: str) -> str | None:
    if not found.keys() >= TIME_KEYS:
        return None
    created, modified = (datetime.fromisoformat(found[key]) for key in sorted(TIME_KEYS))
    return None if created <= modified else f"{path} was modified before it was created"
