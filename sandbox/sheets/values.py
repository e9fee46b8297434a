"""Reads cells as the `values` methods answer them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.sheets.errors import Json, violations
from sandbox.sheets.grid import Cell, Formula, Row, trimmed
from sandbox.sheets.ranges import Place
from sandbox.sheets.render import MOMENTS, formatted, plain_number
from sandbox.sheets.runs import Runs
from sandbox.sheets.schema import PACKAGE
from sandbox.sheets.style import Style


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How values are wanted."""

    render: str = "FORMATTED_VALUE"
    moments: str = "SERIAL_NUMBER"
    major: str = "ROWS"


CHOICES = {
    "valueRenderOption": ("FORMATTED_VALUE", "UNFORMATTED_VALUE", "FORMULA"),
    "dateTimeRenderOption": ("SERIAL_NUMBER", "FORMATTED_STRING"),
    "majorDimension": ("ROWS", "COLUMNS"),
    "valueInputOption": ("RAW", "USER_ENTERED"),
    "insertDataOption": ("OVERWRITE", "INSERT_ROWS"),
}
UNSPECIFIED = {"DIMENSION_UNSPECIFIED", "INPUT_VALUE_OPTION_UNSPECIFIED"}


def choice(given: dict[str, Any], name: str, *, default: str = "") -> str:
    """Return one of an option's values, or raise Google's 400."""
    value = given.get(name)
    if value is None or value in UNSPECIFIED:
        return default
    known = CHOICES[name]
    if value not in known:
        words = "".join("_" + c.lower() if c.isupper() else c for c in name)
        type_name = {"majorDimension": "Dimension", "insertDataOption": "InsertDataOption"}
        shown = type_name.get(name, name[0].upper() + name[1:])
        text = f"Invalid value at '{words}' ({PACKAGE}{shown}), \"{value}\""
        raise violations([(words, text)])
    return str(value)


def read_options(given: dict[str, Any]) -> ReadOptions:
    """Return the read options of a query or a body."""
    return ReadOptions(
        choice(given, "valueRenderOption", default="FORMATTED_VALUE"),
        choice(given, "dateTimeRenderOption", default="SERIAL_NUMBER"),
        choice(given, "majorDimension", default="ROWS"),
    )


def _plain(value: Cell) -> Any:
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return plain_number(value)
    return formatted(value, None)


def _unformatted(value: Cell) -> Any:
    if isinstance(value, Formula):
        return value.text if value.value is None else value.value
    return "" if value is None else value


def _formula(value: Cell) -> Any:
    return value.text if isinstance(value, Formula) else "" if value is None else value


def shower(style: Style, options: ReadOptions) -> Callable[[Cell], Any]:
    """Return how cells of a style are shown."""
    number_format = style.number_format
    if options.render == "FORMATTED_VALUE":
        return _plain if number_format is None else lambda value: formatted(value, number_format)
    plain = _formula if options.render == "FORMULA" else _unformatted
    moment = number_format is not None and number_format.get("type") in MOMENTS
    if not moment or options.moments != "FORMATTED_STRING":
        return plain

    def as_text(value: Cell) -> Any:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return formatted(value, number_format) if number else plain(value)

    return as_text


def shown_rows(place: Place, options: ReadOptions) -> list[list[Any]]:
    """Return the rows of a place as shown, empty ends left out."""
    rect, grid = place.inner, place.tab.grid
    rows = grid.values(rect)
    while rows and not any(cell is not None for cell in rows[-1]):
        rows.pop()
    if options.render == "FORMATTED_VALUE" or options.moments == "FORMATTED_STRING":
        columns = range(rect.left, rect.right or 0)
        runs = [grid.style_runs(column) for column in columns]
        if any(style.number_format for each in runs for style in each.values):
            return _shown_by_style(rows, runs, rect.top, options)
    show = {"FORMATTED_VALUE": _plain, "UNFORMATTED_VALUE": _unformatted}.get(
        options.render, _formula
    )
    return [list(map(show, trimmed(row))) for row in rows]


def _shown_by_style(
    rows: list[Row], runs: list[Runs[Style]], top: int, options: ReadOptions
) -> list[list[Any]]:
    known: dict[Style, Callable[[Cell], Any]] = {}
    shows = []
    for column in runs:
        down: list[Callable[[Cell], Any]] = []
        for length, style in column.pieces(top, top + len(rows)):
            down.extend([known.setdefault(style, shower(style, options))] * length)
        shows.append(down)
    return [
        _cut([shows[at][index](cell) for at, cell in enumerate(cells)])
        for index, cells in enumerate(rows)
    ]


def _cut(cells: list[Any]) -> list[Any]:
    while cells and cells[-1] == "":
        cells.pop()
    return cells


def transposed(rows: list[list[Any]]) -> list[list[Any]]:
    """Return columns of rows of unequal length, empty ends left out."""
    width = max(map(len, rows), default=0)
    padded = [row + [""] * (width - len(row)) for row in rows]
    return [_cut(list(column)) for column in zip(*padded, strict=True)]


def value_range(place: Place, options: ReadOptions) -> Json:
    """Return the ValueRange of a place."""
    place.require_start_inside()
    answer: Json = {"range": place.shown(), "majorDimension": options.major}
    rows = shown_rows(place, options)
    if options.major == "COLUMNS":
        rows = transposed(rows)
    if rows:
        answer["values"] = rows
    return answer


def clear(place: Place) -> str:
    """Empty the values of a place and return its range."""
    place.require_start_inside()
    place.tab.grid.clear(place.inner)
    return place.shown()
