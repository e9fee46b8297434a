"""What of an import would fit into a spreadsheet that is too full."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from callsheet.errors import SpreadsheetFull
from callsheet.fitting import with_days
from callsheet.span import Span

PARIS = ZoneInfo("Europe/Paris")
SPAN = Span(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 4, 11, 22, tzinfo=UTC))  # 100 days


def full(rows: int | None) -> SpreadsheetFull:
    """The error of a file with room for so many rows."""
    error = SpreadsheetFull("x", message="It is full.")
    error.rows_that_fit = rows
    return error


def test_the_start_date_is_told_from_which_on_it_would_fit() -> None:
    told = with_days(full(3_000), SPAN, 10_000, PARIS)

    assert told.user_message == (
        "It is full. The last 30 days or so would fit: from 2026-03-13 on."
    )
    assert told.rows_that_fit == 3_000


@pytest.mark.parametrize(
    ("rows", "span", "expected"),
    [(None, SPAN, 10_000), (0, SPAN, 10_000), (50, SPAN, 10_000), (3_000, None, 10_000)],
    ids=["unknown", "no row", "less than a day", "no dates"],
)
def test_where_no_day_fits_or_nobody_knows_nothing_is_added(
    rows: int | None, span: Span | None, expected: int
) -> None:
    assert with_days(full(rows), span, expected, PARIS).user_message == "It is full."
