"""Pure: the requests that remove rows, at one stroke and only once."""

from __future__ import annotations

from collections.abc import Sequence

from callsheet.sheets.appearance import Json, tagging
from callsheet.sheets.facts import REMOVAL_KEY
from callsheet.sheets.plan import Span


def remove_rows(
    tab_id: int,
    *,
    clear: Sequence[Span],
    columns: Sequence[Span],
    delete: Sequence[Span],
    token: int,
    old_tokens: Sequence[int],
) -> list[Json]:
    """Return the requests that empty our cells of some rows and delete others, at one stroke.

    clear, delete: rows from 1, ascending; columns: ours, from 0. token: id of a tag that makes
    Google refuse the same requests a second time; old_tokens: those of earlier ones, deleted.
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
    lookups = [{"developerMetadataLookup": {"metadataId": old}} for old in old_tokens]
    return [
        *({"repeatCell": {"range": c, "cell": {}, "fields": "userEnteredValue"}} for c in cells),
        *({"deleteDimension": {"range": strip}} for strip in strips),
        *({"deleteDeveloperMetadata": {"dataFilter": lookup}} for lookup in lookups),
        tagging(REMOVAL_KEY, "", {"sheetId": tab_id}, token),
    ]
