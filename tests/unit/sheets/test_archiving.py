"""Which rows go to which archive tab, and where their columns stand there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callsheet.options import ArchiveBy
from callsheet.sheets.archiving import (
    Name,
    boundary,
    names_of,
    period_of,
    runs_between,
    stretches,
    widened,
)
from callsheet.sheets.cells import serial
from callsheet.sheets.facts import TabFacts

PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    ("now", "months", "expected"),
    [
        (datetime(2026, 11, 26, 12, tzinfo=UTC), 3, "2026-08-01T00:00:00+02:00"),
        (datetime(2026, 1, 31, 22, 59, tzinfo=UTC), 1, "2025-12-01T00:00:00+01:00"),
        (datetime(2026, 1, 31, 23, 0, tzinfo=UTC), 1, "2026-01-01T00:00:00+01:00"),
        (datetime(2026, 3, 1, tzinfo=UTC), 120, "2016-03-01T00:00:00+01:00"),
    ],
)
def test_whole_months_stay_by_the_files_own_clock(
    now: datetime, months: int, expected: str
) -> None:
    assert boundary(now, months, PARIS).isoformat() == expected


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2050, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.integers(1, 120),
)
def test_a_period_never_stands_on_both_sides_of_the_boundary(now: datetime, months: int) -> None:
    border = boundary(now, months, PARIS)
    second = timedelta(seconds=1)

    before, after = (
        period_of(serial(m, PARIS), ArchiveBy.MONTH) for m in (border - second, border)
    )

    assert before < after


def test_periods_are_months_or_years() -> None:
    at = serial(datetime(2025, 12, 31, 23, 30, tzinfo=UTC), PARIS)

    assert (period_of(at, ArchiveBy.MONTH), period_of(at, ArchiveBy.YEAR)) == ("2026-01", "2026")


def test_columns_are_told_apart_by_key_or_header_and_order() -> None:
    facts = TabFacts(1, "T", 10, 6, managed={"id": 1, "agent": 3})

    names = names_of(facts, ["Notes", "Call ID", "Notes", "Agent", ""])

    assert names == [
        Name(ours=False, text="Notes"),
        Name(ours=True, text="id"),
        Name(ours=False, text="Notes", nth=1),
        Name(ours=True, text="agent"),
        Name(ours=False, text=""),
        Name(ours=False, text="", nth=1),
    ]


NAMES = st.lists(
    st.builds(Name, ours=st.booleans(), text=st.sampled_from("abcdef")), unique=True, max_size=9
)


@given(NAMES, NAMES)
def test_every_column_finds_its_own_place_and_none_is_lost(
    live: list[Name], archive: list[Name]
) -> None:
    wide = widened(archive, live)

    assert wide[: len(archive)] == archive
    places = {
        run.source + step: run.target + step
        for run in runs_between(live, wide)
        for step in range(run.width)
    }
    assert sorted(places) == list(range(len(live)))
    assert all(live[source] == wide[target] for source, target in places.items())


@given(
    st.dictionaries(st.integers(2, 300), st.sampled_from([f"2026-0{n}" for n in range(1, 9)])),
    st.integers(1, 50),
    st.integers(1, 10),
)
def test_portions_take_the_oldest_months_and_end(
    periods: dict[int, str], most_rows: int, most: int
) -> None:
    left = dict(periods)
    while left:
        found = stretches(left, most_rows, most)
        rows = [n for each in found for n in range(each.rows.first, each.rows.last + 1)]

        assert 0 < len(rows) <= most_rows
        assert len(found) <= most
        assert len({each.period for each in found}) <= 5
        for each in found:
            for row in range(each.rows.first, each.rows.last + 1):
                assert left.pop(row) == each.period
