"""Everything a cell has besides its value, shared between the cells that have the same."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from weakref import WeakValueDictionary

from sandbox.sheets.errors import Json

REMEMBERED = 5000
THEME: dict[str, Json] = {
    "TEXT": {},
    "BACKGROUND": {"red": 1, "green": 1, "blue": 1},
    "ACCENT1": {"red": 0.25882354, "green": 0.52156866, "blue": 0.95686275},
    "ACCENT2": {"red": 0.91764706, "green": 0.2627451, "blue": 0.20784314},
    "ACCENT3": {"red": 0.9843137, "green": 0.7372549, "blue": 0.015686275},
    "ACCENT4": {"red": 0.20392157, "green": 0.65882355, "blue": 0.3254902},
    "ACCENT5": {"red": 1, "green": 0.42745098, "blue": 0.003921569},
    "ACCENT6": {"red": 0.27450982, "green": 0.7411765, "blue": 0.7764706},
    "LINK": {"red": 0.06666667, "green": 0.33333334, "blue": 0.8},
}
DEFAULT_FORMAT: Json = {
    "backgroundColor": {"red": 1, "green": 1, "blue": 1},
    "padding": {"top": 2, "right": 3, "bottom": 2, "left": 3},
    "verticalAlignment": "BOTTOM",
    "wrapStrategy": "OVERFLOW_CELL",
    "textFormat": {
        "foregroundColor": {},
        "fontFamily": "arial,sans,sans-serif",
        "fontSize": 10,
        "bold": False,
        "italic": False,
        "strikethrough": False,
        "underline": False,
        "foregroundColorStyle": {"rgbColor": {}},
    },
    "backgroundColorStyle": {"rgbColor": {"red": 1, "green": 1, "blue": 1}},
}


class Style:
    """One set of cell attributes; equal sets are the same object."""

    __slots__ = ("__weakref__", "attributes", "memo")

    def __init__(self, attributes: Json) -> None:
        self.attributes = attributes
        # What this style becomes under a change, by the change's own key.
        self.memo: dict[Any, Style] = {}

    def becoming(self, key: Any, make: Callable[[], Json]) -> Style:
        """Return what this style becomes under a change; ``make`` is asked once for each key."""
        found = self.memo.get(key)
        if found is None:
            if len(self.memo) >= REMEMBERED:
                self.memo.clear()
            found = self.memo[key] = style(make())
        return found

    @property
    def format(self) -> Json:
        """Return the user-entered format."""
        found: Json = self.attributes.get("userEnteredFormat", {})
        return found

    @property
    def number_format(self) -> Json | None:
        """Return the number format, when there is one."""
        return self.format.get("numberFormat")


_KNOWN: WeakValueDictionary[str, Style] = WeakValueDictionary()


def style(attributes: Json) -> Style:
    """Return the one style with these attributes."""
    key = json.dumps(attributes, sort_keys=True)
    found = _KNOWN.get(key)
    if found is None:
        found = _KNOWN[key] = Style(attributes)
    return found


PLAIN = style({})


def with_number_format(old: Style, number_format: Json) -> Style:
    """Return the style with another number format."""
    changed = {**old.format, "numberFormat": number_format}
    return old.becoming(
        ("numberFormat", number_format["type"], number_format["pattern"]),
        lambda: {**old.attributes, "userEnteredFormat": changed},
    )


def paired_colors(value: Any) -> Any:
    """Give every colour its style and every style its colour, as answers hold both."""
    if isinstance(value, list):
        return [paired_colors(item) for item in value]
    if not isinstance(value, dict):
        return value
    result = {key: paired_colors(item) for key, item in value.items()}
    for key in list(result):
        if key.endswith("ColorStyle"):
            shown = result[key]
            rgb = shown["rgbColor"] if "rgbColor" in shown else THEME.get(shown.get("themeColor"))
            if rgb is not None:
                result[key.removesuffix("Style")] = rgb
        elif key.endswith("Color") and key not in {"rgbColor", "themeColor"}:
            result.setdefault(key + "Style", {"rgbColor": result[key]})
    return result
