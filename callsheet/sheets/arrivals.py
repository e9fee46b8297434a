"""Pure: the requests that bring new rows together with the formulas beside them, at one stroke."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from callsheet.sheets.cells import Cell, to_json
from callsheet.sheets.plan import MAX_BODY, Segment, Span

Json = dict[str, Any]

_FRAME = 20_000  # bytes kept for the requests around the cells
_ROW_FRAME = 14  # bytes of {"values":[]} and a comma around the cells of one row


class Fill(NamedTuple):
    """Rows into which a formula is copied. column: the sheet's, counted from 0."""

    column: int
    rows: Span


def typed(cell: Cell) -> Json:
    """Return a cell as the CellData of the Sheets API; a string is never taken for a formula."""
    if isinstance(cell, bool):
        return {"userEnteredValue": {"boolValue": cell}}
    if isinstance(cell, str):
        return {"userEnteredValue": {"stringValue": cell}} if cell else {}
    return {"userEnteredValue": {"numberValue": cell}}


_CELL_FRAME = len(to_json(typed("a"))) - len(to_json("a"))  # no kind of cell takes more


def portions(rows: Sequence[Sequence[Cell]], segments: int) -> Iterator[slice]:
    """Yield slices of these rows, each of which stays under MAX_BODY as typed cells.

    A longer row is sent alone.
    """
    start = taken = 0
    for place, cells in enumerate(rows):
        filled = len(cells) - cells.count("")
        weight = len(to_json(cells)) + _CELL_FRAME * filled + _ROW_FRAME * segments
        if place > start and taken + weight > MAX_BODY - _FRAME:
            yield slice(start, place)
            start, taken = place, 0
        taken += weight
    if rows:
        yield slice(start, len(rows))


def put_typed(
    tab_id: int, at: int, rows: Sequence[Sequence[Cell]], segments: Sequence[Segment]
) -> list[Json]:
    """Return the requests that write these rows as typed cells from row `at` on."""
    requests: list[Json] = []
    for segment in segments:
        values = [{"values": [typed(row[f]) for f in segment.fields]} for row in rows]
        start = {"sheetId": tab_id, "rowIndex": at - 1, "columnIndex": segment.start}
        cells = {"start": start, "rows": values, "fields": "userEnteredValue"}
        requests.append({"updateCells": cells})
    return requests


def copy_formulas(tab_id: int, row: int, fills: Sequence[Fill]) -> list[Json]:
    """Return the requests that copy a row's formulas into other rows of the same columns."""
    return [
        {
            "copyPaste": {
                "source": _area(tab_id, Span(row, row), fill.column),
                "destination": _area(tab_id, fill.rows, fill.column),
                "pasteType": "PASTE_FORMULA",
            }
        }
        for fill in fills
    ]


def insert_rows(tab_id: int, at: int, count: int) -> Json:
    """Return the request that inserts rows that look like the one that stood at row `at`."""
    strip = {
        "sheetId": tab_id,
        "dimension": "ROWS",
        "startIndex": at - 1,
        "endIndex": at - 1 + count,
    }
    return {"insertDimension": {"range": strip, "inheritFromBefore": False}}


def _area(tab_id: int, rows: Span, column: int) -> Json:
    return {
        "sheetId": tab_id,
        "startRowIndex": rows.first - 1,
        "endRowIndex": rows.last,
        "startColumnIndex": column,
        "endColumnIndex": column + 1,
    }
