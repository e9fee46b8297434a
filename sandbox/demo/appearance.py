"""How a cell looks, from the formats of the Sheets API to styles of the page."""

from __future__ import annotations

import json
from typing import Any

Json = dict[str, Any]

ALIGNMENTS = {"LEFT": "left", "RIGHT": "right", "CENTER": "center"}
VERTICALS = {"TOP": "top", "MIDDLE": "middle"}
WRAPS = {"WRAP": "wrap", "CLIP": "clip", "LEGACY_WRAP": "wrap"}
USUAL_POINTS = 10


def colour(rgb: Json | None) -> str | None:
    """A colour of the API, whose parts are 0 when left out, as CSS."""
    if rgb is None:
        return None
    parts = (round(255 * float(rgb.get(name, 0))) for name in ("red", "green", "blue"))
    return "#" + "".join(f"{part:02x}" for part in parts)


class Styles:
    """The distinct styles of one block of rows."""

    def __init__(self) -> None:
        self.listed: list[Json] = []
        self._places: dict[str, int] = {}

    def place(self, cell_format: Json | None) -> int | None:
        """Where the style of a format is in the list; None for a cell without one."""
        style = style_of(cell_format or {})
        if not style:
            return None
        key = json.dumps(style, sort_keys=True)
        if key not in self._places:
            self._places[key] = len(self.listed)
            self.listed.append(style)
        return self._places[key]


def style_of(cell_format: Json) -> Json:
    """What the page needs of a format; what is as usual is left out."""
    style = {
        "align": ALIGNMENTS.get(cell_format.get("horizontalAlignment", "")),
        "vertical": VERTICALS.get(cell_format.get("verticalAlignment", "")),
        "wrap": WRAPS.get(cell_format.get("wrapStrategy", "")),
        "css": _css(cell_format),
    }
    return {name: value for name, value in style.items() if value}


def _css(cell_format: Json) -> str:
    text = cell_format.get("textFormat", {})
    background = colour(_of_style(cell_format, "backgroundColor"))
    ink = colour(_of_style(text, "foregroundColor"))
    lines = [name for name in ("underline", "strikethrough") if text.get(name)]
    rules = {
        "background": background if background != "#ffffff" else None,
        "color": ink if ink != "#000000" else None,
        "font-weight": "bold" if text.get("bold") else None,
        "font-style": "italic" if text.get("italic") else None,
        "text-decoration": " ".join(lines).replace("strikethrough", "line-through") or None,
        "font-size": _size(text.get("fontSize")),
    }
    return "".join(f"{name}:{value};" for name, value in rules.items() if value)


def _of_style(where: Json, name: str) -> Json | None:
    style = where.get(name + "Style")
    if isinstance(style, dict) and "rgbColor" in style:
        found: Json = style["rgbColor"]
        return found
    return where.get(name)


def _size(points: object) -> str | None:
    if not isinstance(points, int | float) or points == USUAL_POINTS:
        return None
    return f"{points * 4 / 3:.0f}px"
