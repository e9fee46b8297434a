"""What the page draws: the book's tabs, and blocks of rows as a reader sees them."""

from __future__ import annotations

import re
from contextlib import suppress
from itertools import groupby
from typing import Any

import httpx

from sandbox.appsscript.runtime import ScriptError
from sandbox.demo.appearance import Styles, colour
from sandbox.demo.overdue import moments_of

Json = dict[str, Any]

# Development servers end a connection after each answer, not all of them say so.
ONE_REQUEST_EACH = httpx.Limits(max_keepalive_connections=0)
USUAL_WIDTH = 100
# The stand-in's snapshot tells texts, not types: what looks like a number is aligned like one.
NUMBER = re.compile(r"-?(0|[1-9]\d{0,2}(,\d{3})+|[1-9]\d{0,14})([.,]\d+)?%?")
NUMERIC_FORMATS = {"NUMBER", "PERCENT", "CURRENCY", "DATE", "TIME", "DATE_TIME", "SCIENTIFIC"}


class WorkbookView:
    """Reads one spreadsheet of the Google stand-in for the page, over its admin endpoints.

    Google's own page costs no API quota either.
    """

    def __init__(self, sheets_url: str, spreadsheet_id: str) -> None:
        self._address = f"{sheets_url}/_admin/spreadsheets/{spreadsheet_id}"
        self._client = httpx.Client(timeout=30, trust_env=False, limits=ONE_REQUEST_EACH)

    def revision(self) -> int:
        """A number that grows with every change."""
        return int(self._get("/revision")["revision"])

    def book(self) -> Json:
        """The spreadsheet without its cells; a tab that is deleted meanwhile is left out."""
        outline = self._get("")
        tabs = []
        for properties in outline["tabs"]:
            with suppress(ScriptError):  # staging tabs come and go
                tabs.append(self._tab(properties, outline["timeZone"]))
        return {"revision": outline["revision"], "title": outline["title"], "tabs": tabs}

    def rows(self, tab: int, first: int, count: int) -> Json:
        """A block of rows: only what is filled, with each distinct style once."""
        snapshot = self._get(f"/tabs/{tab}", start=first, rows=count)
        styles = Styles()
        looks = [(look, styles.place(look)) for look in snapshot["looks"]]
        rows = [
            _row(texts, [looks[number] for number in numbers], looks[0])
            for texts, numbers in zip(snapshot["texts"], snapshot["lookNumbers"], strict=True)
        ]
        return {"revision": snapshot["revision"], "rows": rows, "styles": styles.listed}

    def _tab(self, properties: Json, time_zone: str) -> Json:
        tab_id = properties.get("sheetId", 0)
        grid = properties["gridProperties"]
        snapshot = self._get(f"/tabs/{tab_id}", start=0, rows=0)
        columns = snapshot["columns"]
        return {
            "id": tab_id,
            "title": properties["title"],
            "hidden": properties.get("hidden", False),
            "color": colour(properties.get("tabColor")),
            "rows": grid["rowCount"],
            "columns": grid["columnCount"],
            "frozenRows": grid.get("frozenRowCount", 0),
            "frozenColumns": grid.get("frozenColumnCount", 0),
            "columnSizes": _runs([0 if one["hidden"] else one["width"] for one in columns]),
            "rowSizes": [],
            "used": properties["lastRow"],
            "rules": moments_of(snapshot.get("conditionalFormats", []), time_zone),
        }

    def _get(self, path: str, **params: int) -> Json:
        answer = self._client.get(self._address + path, params=params)
        if not answer.is_success:
            raise ScriptError("That spreadsheet or tab is no longer there.")
        found: Json = answer.json()
        return found


def _runs(sizes: list[int]) -> list[list[int]]:
    runs, at = [], 0
    for size, same in groupby(sizes):
        end = at + len(list(same))
        if size != USUAL_WIDTH:
            runs.append([at, end, size])
        at = end
    return runs


Look = tuple[Json, int | None]


def _row(texts: list[str], looks: list[Look], plain: Look) -> list[Json | str | None]:
    width = max(len(texts), len(looks))
    texts = texts + [""] * (width - len(texts))
    looks = looks + [plain] * (width - len(looks))
    return [_cell(text, look) for text, look in zip(texts, looks, strict=True)]


def _cell(text: str, look: Look) -> Json | str | None:
    cell_format, style = look
    details = {
        "s": style,
        "n": cell_format.get("note"),
        "a": "right" if text and _is_numeric(text, cell_format) else None,
    }
    told = {name: value for name, value in details.items() if value is not None}
    if told:
        return {"t": text, **told}
    return text or None


def _is_numeric(text: str, cell_format: Json) -> bool:
    kind = cell_format.get("numberFormat", {}).get("type")
    if kind in NUMERIC_FORMATS:
        # Words under a number format, such as a header, stay at the left.
        return text.lstrip("-")[:1].isdigit() or text[-1].isdigit() or text[-1] in "%)"
    return kind != "TEXT" and bool(NUMBER.fullmatch(text))
