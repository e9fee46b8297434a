"""Pure: the requests that put one tab's values in the place of another's, at one stroke."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from callsheet.sheets.appearance import Json, tagging
from callsheet.sheets.facts import STAGING_KEY, UNDO_KEY
from callsheet.sheets.plan import Run


def create_staging(tab_id: int, rows: int, columns: int, tag: str) -> list[Json]:
    """Return the requests that make a hidden staging tab with nothing but its tag."""
    title = f"Callsheet staging {tab_id}"
    return _hidden_tab(tab_id, title, rows, columns, tagging(STAGING_KEY, tag, {"sheetId": tab_id}))


def keep(
    tab_id: int, rows: int, columns: int, tag: str, *, source_id: int, runs: Sequence[Run]
) -> list[Json]:
    """Return the requests that make a hidden tab and copy another tab's values into it.

    rows, columns: of both grids that are copied. runs: where the columns stand in source and copy.
    """
    title = f"Callsheet undo {tab_id}"
    tagged = tagging(UNDO_KEY, tag, {"sheetId": tab_id})
    copies = [copy_values(source_id, tab_id, run, 0, rows, 0) for run in runs]
    return [*_hidden_tab(tab_id, title, rows, columns, tagged), *copies]


def put_in_place(
    source_id: int, tab_id: int, *, runs: Sequence[Run], skipped: int, last_row: int, grid_rows: int
) -> list[Json]:
    """Return the requests that copy another tab's rows over rows 2 to last_row of a tab.

    runs: where the columns stand in both. skipped: rows of the source under its header that are
    not copied. The same columns are emptied below, to the end of the grid.
    """
    requests: list[Json] = []
    for run in runs:
        if last_row > 1:
            requests.append(copy_values(source_id, tab_id, run, 1 + skipped, last_row - 1, 1))
        if last_row < grid_rows:
            requests.append(_clear(tab_id, run.target, run.width, last_row, grid_rows))
    return requests


def empty_columns(tab_id: int, places: Sequence[int], grid_rows: int) -> list[Json]:
    """Return the requests that empty columns under the header; places count from 0."""
    return [_clear(tab_id, place, 1, 1, grid_rows) for place in places if grid_rows > 1]


def put_headers(tab_id: int, headers: Mapping[int, str]) -> list[Json]:
    """Return the requests that write headers. headers: by the sheet's column, from 0."""
    return [
        {
            "updateCells": {
                "start": {"sheetId": tab_id, "rowIndex": 0, "columnIndex": place},
                "rows": [{"values": [{"userEnteredValue": {"stringValue": header}}]}],
                "fields": "userEnteredValue",
            }
        }
        for place, header in sorted(headers.items())
    ]


def put_note(tab_id: int, place: int, text: str) -> Json:
    """Return the request that puts a note on a header."""
    start = {"sheetId": tab_id, "rowIndex": 0, "columnIndex": place}
    return {
        "updateCells": {"start": start, "rows": [{"values": [{"note": text}]}], "fields": "note"}
    }


def delete_tab(tab_id: int) -> Json:
    """Return the request that deletes a tab; made twice, it is refused."""
    return {"deleteSheet": {"sheetId": tab_id}}


def _hidden_tab(tab_id: int, title: str, rows: int, columns: int, tag: Json) -> list[Json]:
    properties = {
        "sheetId": tab_id,
        "title": title,
        "hidden": True,
        "gridProperties": {"rowCount": rows, "columnCount": columns},
    }
    return [{"addSheet": {"properties": properties}}, tag]


def copy_values(source_id: int, tab_id: int, run: Run, first: int, count: int, target: int) -> Json:
    """Return the request that copies values of `count` rows; first, target: rows from 0."""
    source = {"startColumnIndex": run.source, "endColumnIndex": run.source + run.width}
    place = {"startColumnIndex": run.target, "endColumnIndex": run.target + run.width}
    return {
        "copyPaste": {
            "source": {
                "sheetId": source_id,
                "startRowIndex": first,
                "endRowIndex": first + count,
                **source,
            },
            "destination": {
                "sheetId": tab_id,
                "startRowIndex": target,
                "endRowIndex": target + count,
                **place,
            },
            "pasteType": "PASTE_VALUES",
        }
    }


def _clear(tab_id: int, place: int, width: int, first: int, end: int) -> Json:
    area = {
        "sheetId": tab_id,
        "startRowIndex": first,
        "endRowIndex": end,
        "startColumnIndex": place,
        "endColumnIndex": place + width,
    }
    return {"repeatCell": {"range": area, "cell": {}, "fields": "userEnteredValue"}}
