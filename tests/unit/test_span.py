"""From what a person types to instants."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callsheet.catalogue import CALLS
from callsheet.errors import InvalidRequest
from callsheet.span import parse_since, parse_span, warnings_about

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def test_a_day_begins_at_midnight_of_the_spreadsheet() -> None:
    assert parse_since("2026-11-01", PARIS, NOW) == utc("2026-10-31T23:00:00+00:00")


def test_both_days_are_whole_and_included() -> None:
    span = parse_span("2026-11-01", "2026-11-02", PARIS, NOW)

    assert span.start == utc("2026-11-01T00:00:00+01:00")
    assert span.end == utc("2026-11-03T00:00:00+01:00")


@pytest.mark.parametrize(
    ("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-10-26", 24)]
)
def test_a_day_is_as_long_as_the_clock_change_makes_it(day: str, hours: int) -> None:
    span = parse_span(day, day, PARIS, NOW)

    assert span.end - span.start == timedelta(hours=hours)


def test_without_an_end_the_span_includes_this_second() -> None:
    span = parse_span("2026-11-19", None, PARIS, NOW)

    assert span.end == NOW

    later = parse_span("2026-11-19", "2026-12-24", PARIS, NOW)
    assert later.end == NOW + timedelta(seconds=1)


def test_instants_are_accepted_with_and_without_an_offset() -> None:
    assert parse_since("2026-11-01T10:00:00Z", PARIS, NOW) == utc("2026-11-01T10:00:00+00:00")
    assert parse_since("2026-11-01T10:00:00", PARIS, NOW) == utc("2026-11-01T09:00:00+00:00")


def test_a_day_without_dashes_is_a_whole_day_too() -> None:
    assert parse_span("20261101", "20261102", PARIS, NOW) == parse_span(
        "2026-11-01", "2026-11-02", PARIS, NOW
    )


@pytest.mark.parametrize(
    "text",
    [
        "yesterday",
        "2026-13-01",
        "01/11/2026",
        "",
        "2026-02-30",
        "0001-01-01T00:00:00+05:00",
        "9999-12-31T23:59:59-05:00",
    ],
)
def test_what_is_no_date_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        parse_since(text, PARIS, NOW)

    assert "YYYY-MM-DD" in caught.value.user_message


@pytest.mark.parametrize("text", ["9999-12-31", "9999-12-31T23:59:59Z"])
def test_an_end_after_all_time_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(InvalidRequest, match="YYYY-MM-DD"):
        parse_span("2026-11-01", text, PARIS, NOW)


def test_a_start_in_the_future_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="future"):
        parse_since("2026-11-21", PARIS, NOW)


def test_an_end_before_the_start_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="before the start"):
        parse_span("2026-11-10", "2026-11-01", PARIS, NOW)


def test_a_start_before_aircalls_six_months_is_allowed_with_a_warning() -> None:
    early = parse_since("2026-01-01", PARIS, NOW)

    assert any("six months" in warning for warning in warnings_about(early, CALLS, NOW))
    assert warnings_about(NOW - timedelta(days=30), CALLS, NOW) == []


@given(
    day=st.dates(min_value=date(2026, 1, 1), max_value=date(2026, 11, 19)),
    zone=st.sampled_from(
        ["Europe/Paris", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]
    ),
)
def test_neighbouring_days_meet_without_gap_or_overlap(day: date, zone: str) -> None:
    here = ZoneInfo(zone)
    following = day + timedelta(days=1)
    first = parse_span(str(day), str(day), here, NOW)
    if following < NOW.date():
        second = parse_span(str(following), str(following), here, NOW)
        assert first.end == second.start
