"""What is said about a schedule before it is saved: who comes before, and changing clocks."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callsheet.cadence import next_slot
from callsheet.clock_change import clock_change_note
from callsheet.neighbour import Neighbour, one_before
from callsheet.schedule import Cadence, Schedule, Weekday
from callsheet.stagger import Claim

PARIS = ZoneInfo("Europe/Paris")
NOVEMBER = datetime(2026, 11, 26, 12, tzinfo=UTC)
HOURLY, QUARTERLY = Schedule(Cadence.HOURLY), Schedule(Cadence.EVERY_15_MINUTES)
MINUTE = timedelta(minutes=1)


def test_who_comes_last_before_a_slot_is_found() -> None:
    claims = [Claim("a", HOURLY, PARIS, 60), Claim("b", HOURLY, PARIS, 600)]

    assert one_before(claims, NOVEMBER + 20 * MINUTE) == Neighbour("b", 10 * MINUTE)
    assert one_before(claims, NOVEMBER + 9 * MINUTE) == Neighbour("a", 8 * MINUTE)
    assert one_before(claims[1:], NOVEMBER + 10 * MINUTE) == Neighbour("b", timedelta())


def test_nobody_comes_before_where_the_hour_is_free() -> None:
    daily = Schedule(Cadence.DAILY, time(6))

    assert one_before([Claim("a", daily, PARIS, 0)], NOVEMBER) is None
    assert one_before([Claim("a", Schedule(), PARIS, None)], NOVEMBER) is None


@settings(max_examples=60)
@given(offset=st.integers(0, 899), minutes=st.integers(0, 120))
def test_the_neighbour_is_nearer_than_its_rhythm(offset: int, minutes: int) -> None:
    slot = NOVEMBER + minutes * MINUTE

    found = one_before([Claim("a", QUARTERLY, PARIS, offset)], slot)

    assert found is not None
    assert timedelta() <= found.gap < 15 * MINUTE
    just_before = slot - found.gap - timedelta(seconds=1)
    again = next_slot(QUARTERLY, PARIS, just_before, timedelta(seconds=offset))
    assert again == slot - found.gap


@pytest.mark.parametrize(
    ("schedule", "offset", "said"),
    [
        (
            Schedule(Cadence.DAILY, time(2, 30)),
            0,
            "On Sunday, 28 March 2027, clocks go forward and there is no 02:30: it comes at 03:00.",
        ),
        (
            Schedule(Cadence.WEEKLY, time(1, 58), (Weekday.SUNDAY,)),
            180,
            "On Sunday, 28 March 2027, clocks go forward and there is no 02:01: it comes at 03:00.",
        ),
        (Schedule(Cadence.WEEKLY, time(2, 30), (Weekday.MONDAY,)), 0, None),
        (Schedule(Cadence.DAILY, time(6)), 0, None),
        (HOURLY, 0, None),
        (Schedule(), 0, None),
    ],
)
def test_a_time_that_a_day_lacks_is_told(schedule: Schedule, offset: int, said: str | None) -> None:
    note = clock_change_note(schedule, PARIS, NOVEMBER, timedelta(seconds=offset))

    assert note == said


def test_a_time_that_comes_twice_is_told_with_the_one_that_counts() -> None:
    summer = datetime(2027, 7, 1, tzinfo=UTC)

    note = clock_change_note(Schedule(Cadence.DAILY, time(2, 30)), PARIS, summer)

    assert note == (
        "On Sunday, 31 October 2027, clocks go back and 02:30 comes twice: the first one counts."
    )
