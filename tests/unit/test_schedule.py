"""What a schedule may be, and how it is said."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callsheet.errors import InvalidRequest
from callsheet.schedule import Cadence, Schedule, Weekday, WorkingHours, zone_named
from callsheet.schedule_text import placement, sentence
from callsheet.store import codec
from tests.unit.test_cadence import SCHEDULES

WEEK = (Weekday.MONDAY, Weekday.TUESDAY, Weekday.WEDNESDAY, Weekday.THURSDAY, Weekday.FRIDAY)


@pytest.mark.parametrize(
    ("schedule", "said"),
    [
        (Schedule(), "only by hand"),
        (Schedule(Cadence.EVERY_15_MINUTES), "every 15 minutes"),
        (
            Schedule(Cadence.HOURLY, days=WEEK, hours=WorkingHours(time(8), time(18))),
            "every hour, 08:00–18:00, Monday to Friday",
        ),
        (
            Schedule(Cadence.EVERY_4_HOURS, days=(Weekday.SUNDAY, Weekday.SATURDAY)),
            "every 4 hours, Saturday and Sunday",
        ),
        (Schedule(Cadence.DAILY), "every day at 06:00"),
        (Schedule(Cadence.DAILY, time(7, 5), WEEK), "Monday to Friday at 07:05"),
        (
            Schedule(Cadence.DAILY, time(7), (Weekday.MONDAY, Weekday.TUESDAY, Weekday.SUNDAY)),
            "every Monday, Tuesday and Sunday at 07:00",
        ),
        (Schedule(Cadence.WEEKLY), "every Monday at 06:00"),
    ],
)
def test_a_schedule_is_said_in_plain_words(schedule: Schedule, said: str) -> None:
    assert sentence(schedule) == said


@pytest.mark.parametrize(
    ("schedule", "offset", "imports", "said"),
    [
        (Schedule(Cadence.HOURLY), 620, 1, "at 10 past"),
        (Schedule(Cadence.HOURLY), 620, 4, "at 10 past, so that your 4 imports do not collide"),
        (Schedule(Cadence.EVERY_30_MINUTES), 620, 1, "at 10 and 40 past"),
        (Schedule(Cadence.EVERY_15_MINUTES), 700, 1, "at 11, 26, 41 and 56 past"),
        (Schedule(Cadence.EVERY_4_HOURS), 3_900, 1, "the first at 01:05"),
        (
            Schedule(Cadence.EVERY_2_HOURS, hours=WorkingHours(time(22, 30), time(6))),
            6_000,
            1,
            "the first at 00:10",
        ),
        (Schedule(Cadence.DAILY, time(6)), 50, 4, "at 06:00"),
        (
            Schedule(Cadence.DAILY, time(6)),
            130,
            4,
            "at 06:02, a little later than you chose, so that not everybody begins at once",
        ),
        (
            Schedule(Cadence.DAILY, time(6)),
            730,
            4,
            "at 06:12, so that your 4 imports do not collide",
        ),
        (Schedule(Cadence.HOURLY), None, 4, None),
        (Schedule(), 620, 4, None),
    ],
)
def test_a_place_is_said_with_its_reason(
    schedule: Schedule, offset: int | None, imports: int, said: str | None
) -> None:
    assert placement(schedule, offset, imports) == said


@pytest.mark.parametrize(
    ("make", "advice"),
    [
        (lambda: Schedule(Cadence.OFF, at=time(7)), "choose a rhythm"),
        (lambda: Schedule(Cadence.OFF, days=WEEK), "choose a rhythm"),
        (lambda: Schedule(Cadence.HOURLY, at=time(7)), "give working hours instead"),
        (
            lambda: Schedule(Cadence.DAILY, hours=WorkingHours(time(8), time(18))),
            "choose the time of day",
        ),
        (lambda: Schedule(Cadence.DAILY, at=time(7, 0, 1)), "hours and minutes"),
        (lambda: WorkingHours(time(8), time(8, 59)), "at least one hour"),
        (lambda: WorkingHours(time(8), time(8)), "at least one hour"),
        (lambda: zone_named("Mars/Olympus_Mons"), "“Mars/Olympus_Mons” is not a time zone"),
        (lambda: zone_named("../etc/passwd"), "is not a time zone"),
        (lambda: zone_named(""), "is not a time zone"),
    ],
)
def test_what_does_not_fit_together_is_refused_with_advice(make: Any, advice: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        make()

    assert advice in refused.value.user_message


@given(schedule=SCHEDULES | st.just(Schedule()))
def test_a_stored_schedule_comes_back_the_same(schedule: Schedule) -> None:
    assert codec.load(Schedule, codec.dump(schedule)) == schedule
