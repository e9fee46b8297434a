"""Pure: the requests that make a tab, its columns and its room; one list is one batchUpdate."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from callsheet.entity import Column, Entity, Kind
from callsheet.sheets.facts import (
    COLUMN_KEY,
    SCHEMA,
    TAB_KEY,
    TabTag,
    to_value,
)

Json = dict[str, Any]

FIRST_ROWS = 200  # rows of a new tab: few empty ones, they count towards 10 million cells

_HEADER = {"red": 0.85, "green": 0.92, "blue": 0.89}
_BAND = {"red": 0.96, "green": 0.98, "blue": 0.97}
_WHITE = {"red": 1.0, "green": 1.0, "blue": 1.0}
_TAB_COLOUR = {"red": 0.0, "green": 0.55, "blue": 0.45}
_LETTER = 7  # pixels of a bold letter of a header, about
_HEADER_FRAME = 34  # pixels around it: padding and the filter's button
_WIDEST = 400  # pixels that a long header alone may ask for
_TEXT = {"numberFormat": {"type": "TEXT", "pattern": "@"}}
# Without a pattern Google takes its locale's default (Sheets API, NumberFormat).
_FORMATS: dict[Kind, Json] = {
    Kind.TEXT: _TEXT,
    Kind.LINK: _TEXT | {"wrapStrategy": "CLIP"},
    Kind.PARAGRAPH: _TEXT | {"wrapStrategy": "CLIP"},
    Kind.INTEGER: {"numberFormat": {"type": "NUMBER", "pattern": "0"}},
    Kind.DECIMAL: {"numberFormat": {"type": "NUMBER", "pattern": "#,##0.00##"}},
    # Days are what [h]:mm:ss counts, and no pattern divides by 60: the unit stands in the cell.
    Kind.SECONDS: {"numberFormat": {"type": "NUMBER", "pattern": '#,##0" s"'}},
    Kind.CENTS: {"numberFormat": {"type": "CURRENCY", "pattern": '#,##0.0##" ¢"'}},
    Kind.BOOLEAN: {},
    Kind.DATE: {"numberFormat": {"type": "DATE"}},
    Kind.DATE_TIME: {"numberFormat": {"type": "DATE_TIME"}},
}


def new_id() -> int:
    """Return a random positive id for a tab or a piece of metadata.

    Chosen by us so that a request repeated after a lost answer is refused, not done twice.
    """
    return random.SystemRandom().randrange(1, 2**31 - 1)


def create_tab(
    entity: Entity, title: str, *, tab_id: int, flow: str, spreadsheet_id: str
) -> list[Json]:
    """Return the requests that make a flow's tab, dressed and tagged, in one batchUpdate."""
    width = len(entity.columns)
    tag = TabTag(flow, entity.name, SCHEMA, spreadsheet_id, tab_id)
    properties = {
        "sheetId": tab_id,
        "title": title,
        "gridProperties": {"rowCount": FIRST_ROWS, "columnCount": width, "frozenRowCount": 1},
        "tabColorStyle": {"rgbColor": _TAB_COLOUR},
    }
    return [
        {"addSheet": {"properties": properties}},
        *dress_columns(tab_id, entity.columns, 0),
        *table(tab_id),
        tagging(TAB_KEY, to_value(tag), {"sheetId": tab_id}),
    ]


def dress_columns(tab_id: int, columns: Sequence[Column], start: int) -> list[Json]:
    """Return the requests that head, format, protect and tag neighbouring columns.

    start: the first one's place, from 0. Each has a protection of its own, so that columns which
    people put between ours stay theirs.
    """
    places = range(start, start + len(columns))
    return [
        {
            "updateCells": {
                "start": {"sheetId": tab_id, "rowIndex": 0, "columnIndex": start},
                "rows": [{"values": [_header(column) for column in columns]}],
                "fields": "userEnteredValue,note,userEnteredFormat",
            }
        },
        *_formats(tab_id, columns, start),
        *_widths(tab_id, columns, start),
        *(_protection(tab_id, place) for place in places),
        *(
            tagging(COLUMN_KEY, column.key, {"dimensionRange": _columns(tab_id, place, place + 1)})
            for place, column in enumerate(columns, start)
        ),
    ]


def add_columns(tab_id: int, columns: Sequence[Column], at: int) -> list[Json]:
    """Return the requests that add managed columns at the right end of a grid `at` columns wide."""
    room = {"sheetId": tab_id, "dimension": "COLUMNS", "length": len(columns)}
    return [{"appendDimension": room}, *dress_columns(tab_id, columns, at)]


def add_rows(
    tab_id: int, rows: int, more: int, columns: Sequence[tuple[int, Column]]
) -> list[Json]:
    """Return the requests that add rows at the foot of a grid of `rows` rows.

    The new rows get the look of the last row, so what the user has made of a column's format
    goes on; under a bare header they get the columns' own formats. columns: (place, column).
    """
    growth = grow_rows(tab_id, more)
    if rows <= 1:
        dress = [r for place, column in columns for r in _formats(tab_id, [column], place)]
        return [growth, *dress]
    copy = {
        "source": {"sheetId": tab_id, "startRowIndex": rows - 1, "endRowIndex": rows},
        "destination": {"sheetId": tab_id, "startRowIndex": rows, "endRowIndex": rows + more},
        "pasteType": "PASTE_FORMAT",
    }
    return [growth, {"copyPaste": copy}]


def grow_rows(tab_id: int, more: int) -> Json:
    """Return the request that adds bare rows at the foot of a grid."""
    return {"appendDimension": {"sheetId": tab_id, "dimension": "ROWS", "length": more}}


def _header(column: Column) -> Json:
    return {
        "userEnteredValue": {"stringValue": column.header},
        "note": column.note,
        "userEnteredFormat": {
            "textFormat": {"bold": True},
            "backgroundColorStyle": {"rgbColor": _HEADER},
            "verticalAlignment": "MIDDLE",
            "wrapStrategy": "CLIP",
        },
    }


def _runs(columns: Sequence[Column], start: int, trait: Any) -> Iterator[tuple[Any, int, int]]:
    """Yield (trait, first, end) of neighbouring columns that share a trait."""
    for value, group in groupby(enumerate(columns, start), lambda pair: trait(pair[1])):
        places = [place for place, _ in group]
        yield value, places[0], places[-1] + 1


def _formats(tab_id: int, columns: Sequence[Column], start: int) -> Iterator[Json]:
    """Yield the requests that format all rows under the header."""
    for form, first, end in _runs(columns, start, lambda column: _FORMATS[column.kind]):
        if form:
            area = {"startRowIndex": 1, "startColumnIndex": first, "endColumnIndex": end}
            yield {
                "repeatCell": {
                    "range": {"sheetId": tab_id, **area},
                    "cell": {"userEnteredFormat": form},
                    "fields": ",".join(f"userEnteredFormat.{name}" for name in form),
                }
            }


def _widths(tab_id: int, columns: Sequence[Column], start: int) -> Iterator[Json]:
    for width, first, end in _runs(columns, start, _width):
        yield {
            "updateDimensionProperties": {
                "range": _columns(tab_id, first, end),
                "properties": {"pixelSize": width},
                "fields": "pixelSize",
            }
        }


def _width(column: Column) -> int:
    """Return pixels; a header of the person's own choice may need more than the column's usual."""
    return max(column.width, min(_WIDEST, len(column.header) * _LETTER + _HEADER_FRAME))


def _columns(tab_id: int, first: int, end: int) -> Json:
    return {"sheetId": tab_id, "dimension": "COLUMNS", "startIndex": first, "endIndex": end}


def tagging(key: str, value: str, location: Json, tag_id: int | None = None) -> Json:
    """Return the request for one tag, visible to every project that may read the file.

    Not PROJECT: the script in the file may belong to another Cloud project than this service.
    """
    tag = {"metadataId": tag_id or new_id(), "metadataKey": key, "metadataValue": value}
    return {
        "createDeveloperMetadata": {
            "developerMetadata": {**tag, "location": location, "visibility": "DOCUMENT"}
        }
    }


def table(tab_id: int) -> list[Json]:
    """Return the requests for banding and filter of a whole tab.

    Without a right end: what people add there is sorted with its row.
    """
    whole = whole_tab(tab_id)
    return [_banding(whole), *filter_all(whole)]


def whole_tab(tab_id: int) -> Json:
    """Return the range of a whole tab, without ends."""
    return {"sheetId": tab_id, "startRowIndex": 0, "startColumnIndex": 0}


def filter_all(area: Mapping[str, int] | None) -> list[Json]:
    """Return the request that sets a filter of that area, which Google ends with the grid."""
    return [] if area is None else [{"setBasicFilter": {"filter": {"range": dict(area)}}}]


def _banding(area: Json) -> Json:
    bands = {
        "headerColorStyle": {"rgbColor": _HEADER},
        "firstBandColorStyle": {"rgbColor": _WHITE},
        "secondBandColorStyle": {"rgbColor": _BAND},
    }
    banded = {"bandedRangeId": new_id(), "range": area, "rowProperties": bands}
    return {"addBanding": {"bandedRange": banded}}


def _protection(tab_id: int, place: int) -> Json:
    """Return a warning, not a lock: people stay masters of their own file."""
    area = {"sheetId": tab_id, "startColumnIndex": place, "endColumnIndex": place + 1}
    return {
        "addProtectedRange": {
            "protectedRange": {
                "protectedRangeId": new_id(),
                "range": area,
                "description": "Filled by Callsheet. What you change here is overwritten.",
                "warningOnly": True,
            }
        }
    }
