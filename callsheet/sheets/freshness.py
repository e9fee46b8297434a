"""Pure: the freshness line of a tab, which turns red by itself when a refresh is overdue."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from callsheet.sheets.appearance import Json, tagging
from callsheet.sheets.cells import serial
from callsheet.sheets.facts import STAMP_KEY
from callsheet.sheets.plan import Span

GRACE = timedelta(minutes=30)  # a refresh that is due waits for a worker and for budgets first

_MINUTES_A_DAY = 1440
_MARK = 'N("Callsheet: the next refresh is overdue")'
_OURS = re.compile(r'\bN\(\s*"Callsheet:', re.IGNORECASE)
_CLOCK_STEP = timedelta(minutes=15)  # offsets of all time zones differ by whole quarters
_RED = {"red": 0.8, "green": 0.0, "blue": 0.0}
_WHITE = {"red": 1.0, "green": 1.0, "blue": 1.0}


@dataclass(frozen=True, slots=True)
class Freshness:
    """How fresh a tab is, all moments aware.

    data_up_to: everything that the source had by then is in the tab. next_refresh: None without
    a schedule. rows: of records in the tab; None if nobody has counted them.
    """

    data_up_to: datetime
    refreshed_at: datetime
    next_refresh: datetime | None
    rows: int | None


def note_text(fresh: Freshness, zone: ZoneInfo, meaning: str) -> str:
    """Return the note of the key column's header: the freshness line, then what the column means.

    zone: the spreadsheet's, in which all moments are told.
    """
    following = "none scheduled"
    if fresh.next_refresh is not None:
        following = f"{_told(fresh.next_refresh, zone)} (if this header is red, it is overdue)"
    lines = [
        f"Data up to: {_told(fresh.data_up_to, zone)}",
        f"Last refresh: {_told(fresh.refreshed_at, zone)}",
        f"Next refresh: {following}",
        *([] if fresh.rows is None else [f"Rows: {fresh.rows:,}"]),
        f"Times: {zone.key}",
    ]
    return "\n".join([*lines, "", meaning] if meaning else lines)


def overdue_formula(next_refresh: datetime, zone: ZoneInfo) -> str:
    """Return the formula that is true from GRACE after that moment on, by the file's own clock.

    It has neither argument separators nor decimal points, which depend on the file's locale: it
    counts whole minutes. N of a text is 0; the text tells people, and us, whose rule it is.
    """
    due = _unrepeated((next_refresh + GRACE).astimezone(UTC), zone)
    minutes = math.ceil(round(serial(due, zone) * _MINUTES_A_DAY, 3))
    return f"=NOW()*{_MINUTES_A_DAY}+{_MARK}>{minutes}"


def is_ours(formula: str) -> bool:
    """Say whether a rule's formula is one of ours, of whatever moment."""
    return _OURS.search(formula) is not None


def stamp(
    tab_id: int,
    note: tuple[int, str] | None,
    *,
    formula: str,
    columns: Sequence[Span],
    rules: Sequence[str],
    token: int,
    old_tokens: Sequence[int],
) -> tuple[list[Json], tuple[str, ...]]:
    """Return the requests that renew note and rule at one stroke, and the rules there are then.

    note: column of the key, from 0, and its text. formula: "" for no rule. columns: ours, from 0.
    rules: all formulas of the tab in their order; only ours are touched, and the first of ours
    keeps its place. token: id of a tag by which Google refuses the same requests a second time;
    old_tokens: those of earlier ones, deleted.
    """
    requests = [] if note is None else [_note(tab_id, *note)]
    ours = [place for place, found in enumerate(rules) if is_ours(found)]
    after = list(rules)
    for place in reversed(ours[1:] if formula else ours):
        requests.append({"deleteConditionalFormatRule": {"sheetId": tab_id, "index": place}})
        del after[place]
    if formula:
        at = ours[0] if ours else 0
        rule = {"index": at, "rule": _rule(tab_id, formula, columns)}
        requests.append(
            {"updateConditionalFormatRule" if ours else "addConditionalFormatRule": rule}
        )
        after[at : at + bool(ours)] = [formula]
    lookups = [{"developerMetadataLookup": {"metadataId": old}} for old in old_tokens]
    requests += [{"deleteDeveloperMetadata": {"dataFilter": lookup}} for lookup in lookups]
    return [*requests, tagging(STAMP_KEY, "", {"sheetId": tab_id}, token)], tuple(after)


def _note(tab_id: int, column: int, text: str) -> Json:
    corner = {"sheetId": tab_id, "rowIndex": 0, "columnIndex": column}
    cells = [{"values": [{"note": text}]}]
    return {"updateCells": {"start": corner, "rows": cells, "fields": "note"}}


def _rule(tab_id: int, formula: str, columns: Sequence[Span]) -> Json:
    """Return the rule that paints the headers of our columns red."""
    headers = [
        {
            "sheetId": tab_id,
            "startRowIndex": 0,
            "endRowIndex": 1,
            "startColumnIndex": span.first,
            "endColumnIndex": span.last + 1,
        }
        for span in columns
    ]
    condition = {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": formula}]}
    look = {
        "backgroundColorStyle": {"rgbColor": _RED},
        "textFormat": {"bold": True, "foregroundColorStyle": {"rgbColor": _WHITE}},
    }
    return {"ranges": headers, "booleanRule": {"condition": condition, "format": look}}


def _told(moment: datetime, zone: ZoneInfo) -> str:
    local = moment.astimezone(zone)
    return f"{local.day} {local:%b %Y, %H:%M}"


def _unrepeated(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return the moment, or the end of the hour that the clock shows a second time.

    A time of day in that hour comes twice; by it, the rule would be true too early.
    """
    while moment.astimezone(zone).fold:
        moment += _CLOCK_STEP
    return moment
