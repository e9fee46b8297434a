"""The estimate: what an import needs, and what a person should know before."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callsheet.catalogue import CALLS
from callsheet.entity import Reading
from callsheet.estimate import (
    LONG_MINUTES,
    MOST_CELLS,
    Question,
    duration,
    estimate,
    requests_for,
    summary,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
TAGS = replace(CALLS, name="tags", label="Tags", cursor=None, reading=Reading.LIST)


def asked(total: int, days: float = 30, **more: Any) -> Question:
    start = more.pop("start", NOW - timedelta(days=days))
    question = Question(CALLS, total, requests_per_minute=60, now=NOW, start=start)
    return replace(question, **more)


def test_a_usual_import() -> None:
    found = estimate(asked(1_702))

    assert (found.rows, found.requests, found.columns) == (1_702, 36, len(CALLS.columns))
    assert found.minutes == 0.6
    assert found.cells == 1_703 * len(CALLS.columns)
    assert found.share == pytest.approx(found.cells / MOST_CELLS, abs=1e-6)
    assert (found.crosses_six_months, found.suggested_days, found.warnings) == (False, None, ())
    assert summary(found, "calls") == (
        "about 1,700 calls, 36 requests, under a minute, 0.5 % of the spreadsheet’s 10 million "
        "cells"
    )


def test_fewer_columns_are_fewer_cells() -> None:
    few = replace(CALLS, columns=CALLS.columns[:5])

    assert estimate(asked(99, entity=few)).cells == 500


def test_a_start_before_the_six_months_is_said() -> None:
    found = estimate(asked(10, days=200))

    assert found.crosses_six_months
    assert "last six months" in found.warnings[0]


def test_a_long_import_is_told_how_many_days_fit() -> None:
    found = estimate(asked(90_000, days=180))

    assert found.minutes > 29
    assert found.suggested_days is not None
    assert 50 <= found.suggested_days <= 60
    (warning,) = found.warnings
    assert warning.startswith("With about 500 calls a day, this takes about 31 minutes")
    assert f"The last {found.suggested_days} days would fit ten minutes." in warning


@given(
    total=st.integers(30_000, 2_000_000),
    days=st.integers(7, 180),
    budget=st.integers(10, 120),
)
def test_the_days_that_are_suggested_fit(total: int, days: int, budget: int) -> None:
    found = estimate(asked(total, days, requests_per_minute=budget))
    suggested = found.suggested_days

    if suggested is not None and suggested > 1:
        a_day = total / days
        assert requests_for(CALLS, int(a_day * suggested)) <= LONG_MINUTES * budget


def test_the_volume_of_a_day_is_taken_from_what_the_source_still_keeps() -> None:
    long_ago = estimate(asked(90_000, days=900))

    assert long_ago.suggested_days == estimate(asked(90_000, days=180)).suggested_days


def test_a_spreadsheet_that_would_overflow_is_said() -> None:
    rows = MOST_CELLS // len(CALLS.columns) - 2_000

    assert not any("10 million" in one for one in estimate(asked(rows)).warnings)
    found = estimate(asked(rows, cells_in_file=200_000))
    assert "beside 200,000 that are there" in found.warnings[-1]


def test_lists_have_no_start_and_no_narrower_window() -> None:
    found = estimate(asked(40_000, entity=TAGS, start=None))

    assert found.suggested_days is None
    assert found.warnings == ("This takes about 14 minutes, also while the spreadsheet is closed.",)


@pytest.mark.parametrize(
    ("reading", "total", "requests"),
    [
        (Reading.SPAN, 0, 2),
        (Reading.SPAN, 50, 2),
        (Reading.SPAN, 51, 3),
        (Reading.SPAN, 9_500, 191),
        (Reading.LIST, 0, 1),
        (Reading.LIST, 121, 3),
        (Reading.SNAPSHOT, 121, 6),
        (Reading.WALK, 9_500, 191),
        (Reading.WALK, 20_000, 409),
        (Reading.OBJECT, 1, 1),
    ],
)
def test_requests(reading: Reading, total: int, requests: int) -> None:
    assert requests_for(replace(CALLS, reading=reading), total) == requests


@given(st.integers(0, 3_000_000))
def test_requests_stay_within_what_reading_may_take(total: int) -> None:
    windows = max(1, -(-total // 9_500) + 1)

    assert requests_for(CALLS, total) <= -(-total // 50) + 2 * windows + 1


def test_minutes_in_words() -> None:
    assert duration(0.4) == "under a minute"
    assert duration(1) == "about a minute"
    assert duration(11.2) == "about 12 minutes"
    assert duration(120) == "about 2.0 hours"


def test_numbers_in_words() -> None:
    assert summary(estimate(asked(1)), "calls").startswith("1 call, 2 requests")
    assert summary(estimate(asked(1)), "companies").startswith("1 company, ")
    assert summary(estimate(asked(912)), "calls").startswith("912 calls")
    assert summary(estimate(asked(123_456)), "calls").startswith("about 123,000 calls")
    assert "under 0.1 %" in summary(estimate(asked(1)), "calls")
