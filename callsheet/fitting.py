"""Pure: what of an import would fit into a spreadsheet that is too full for all of it."""

from __future__ import annotations

from datetime import time, timedelta
from zoneinfo import ZoneInfo

from callsheet.errors import SpreadsheetFull
from callsheet.span import Span

_DAY = timedelta(days=1)


def with_days(
    full: SpreadsheetFull, span: Span | None, expected: int, zone: ZoneInfo
) -> SpreadsheetFull:
    """Return the error with the start date from which on the records would fit, if there is one.

    expected: records in the span, taken to be spread evenly. zone: the spreadsheet's.
    """
    if span is None or not full.rows_that_fit or expected <= 0:
        return full
    days = (span.end - span.start) * min(1.0, full.rows_that_fit / expected) // _DAY
    if days < 1:
        return full
    start = (span.end - days * _DAY).astimezone(zone)
    first = start.date() + _DAY * (start.time() > time())  # a start date takes its whole day
    told = SpreadsheetFull(
        str(full),
        message=f"{full.user_message} The last {days:,} days or so would fit: from "
        f"{first.isoformat()} on.",
    )
    told.rows_that_fit = full.rows_that_fit
    return told
