"""Pure: the requests that remove rows, at one stroke."""

from __future__ import annotations

from collections.abc import Sequence

from callsheet.sheets.appearance import Json
from callsheet.sheets.plan import Span


def remove_rows(
    tab_id: int,
    *,
    clear: Sequence[Span],
    columns: Sequence[Span],
    delete: Sequence[Span],
) -> list[Json]:
    """Return the requests that empty our cells of some rows and delete others, at one stroke.

    clear, delete: rows from 1, ascending; columns: ours, from 0. Not to be sent twice: once.py.
    """
    cells = [
        {
            "sheetId": tab_id,
            "startRowIndex": rows.first - 1,
            "endRowIndex": rows.last,
            "startColumnIndex": place.first,
            "endColumnIndex": place.last + 1,
        }
        for rows in clear
        for place in columns
    ]
    strips = [
        {
            "sheetId": tab_id,
            "dimension": "ROWS",
            "startIndex": rows.first - 1,
            "endIndex": rows.last,
        }
        for rows in reversed(delete)
    ]
    return [
        *({"repeatCell": {"range": c, "cell": {}, "fields": "userEnteredValue"}} for c in cells),
        *({"deleteDimension": {"range": strip}} for strip in strips),
    ]
