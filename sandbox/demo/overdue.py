"""Evaluates the one kind of conditional format that the page shows: from some moment on."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.demo.appearance import style_of

Json = dict[str, Any]

# The minutes of the file's clock since day 0, plus N of a text, which is 0, against a number.
SHAPE = re.compile(r'=NOW\(\)\*1440\+N\("[^"]*"\)>(\d+)')
DAY_0 = datetime(1899, 12, 30)  # noqa: DTZ001 - the file's own clock
FAR = 2**31


def moments_of(rules: list[Json], time_zone: str) -> list[Json]:
    """From when on each rule holds, in milliseconds since 1970, where, and with which style.

    Rules of any other shape are left out: the page does not evaluate formulas.
    """
    found = []
    for rule in rules:
        condition = rule.get("booleanRule", {}).get("condition", {})
        values = condition.get("values", [{}])
        shape = SHAPE.fullmatch(values[0].get("userEnteredValue", ""))
        if condition.get("type") == "CUSTOM_FORMULA" and shape:
            wall = DAY_0 + timedelta(minutes=int(shape[1]))
            since = wall.replace(tzinfo=ZoneInfo(time_zone)).timestamp() * 1000
            css = style_of(rule["booleanRule"].get("format", {})).get("css", "")
            areas = [_corners(area) for area in rule["ranges"]]
            found.append({"from": since, "areas": areas, "css": css})
    return found


def _corners(area: Json) -> list[int]:
    return [
        area.get("startRowIndex", 0),
        area.get("startColumnIndex", 0),
        area.get("endRowIndex", FAR),
        area.get("endColumnIndex", FAR),
    ]
