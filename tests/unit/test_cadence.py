"""When is the next refresh."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from callsheet.cadence import (
    failed_once_more,
    in_zone,
    instant,
    moved,
    next_slot,
    planned,
    succeeded,
)
from callsheet.schedule import DAY, Cadence, Schedule, Weekday, WorkingHours
from tests.builders import NOON, a_data_flow

ZONES = sorted(available_timezones())
PARIS = ZoneInfo("Europe/Paris")
SPRING = (PARIS, datetime(2026, 3, 28, tzinfo=UTC))
WEEK = timedelta(weeks=1)
QUARTER = timedelta(minutes=15)
SKIPPED_DAY = (ZoneInfo("Pacific/Apia"), datetime(2011, 12, 28, tzinfo=UTC))
INTERVALS = [one for one in Cadence if one.interval and not one.is_timed]
DAYS = st.sets(st.sampled_from(Weekday)).map(tuple)
TIMES = st.times(timezones=st.none()).map(lambda t: t.replace(second=0, microsecond=0))
OFFSETS = st.integers(0, 86_399).map(lambda s: timedelta(seconds=s))


@st.composite
def hours(draw: st.DrawFn) -> WorkingHours:
    start = draw(TIMES)
    length = draw(st.integers(60, 24 * 60 - 1))
    end = datetime.combine(date(2026, 1, 1), start) + timedelta(minutes=length)
    return WorkingHours(start, end.time())


INTERVAL_SCHEDULES = st.builds(
    Schedule, st.sampled_from(INTERVALS), days=DAYS, hours=st.none() | hours()
)
TIMED_SCHEDULES = st.builds(
    Schedule, st.sampled_from([Cadence.DAILY, Cadence.WEEKLY]), at=TIMES, days=DAYS
)
SCHEDULES = INTERVAL_SCHEDULES | TIMED_SCHEDULES


def changes_of_the_clock(zone: ZoneInfo, year: int) -> list[datetime]:
    """Return the days (UTC) within which the zone's clock changes in this year."""

    def changes(start: datetime, length: timedelta) -> bool:
        return start.astimezone(zone).utcoffset() != (start + length).astimezone(zone).utcoffset()

    weeks = [datetime(year, 1, 1, tzinfo=UTC) + WEEK * n for n in range(53)]
    days = [week + DAY * n for week in weeks if changes(week, WEEK) for n in range(7)]
    return [day for day in days if changes(day, DAY)]


@st.composite
def places(draw: st.DrawFn) -> tuple[ZoneInfo, datetime]:
    """Any zone, and an instant near one of its changes of the clock, if it has any."""
    zone = ZoneInfo(draw(st.sampled_from(ZONES)))
    year = draw(st.integers(2008, 2037))
    near = draw(
        st.sampled_from(changes_of_the_clock(zone, year) or [datetime(year, 6, 1, tzinfo=UTC)])
    )
    return zone, near + timedelta(seconds=draw(st.integers(-2 * 86_400, 2 * 86_400)))


def wall_slots(schedule: Schedule, offset: timedelta, first: date, days: int) -> list[datetime]:
    """Return every slot on the wall, written down the slow way."""
    assert schedule.step is not None
    later = offset % min(schedule.step, schedule.length)
    slots = []
    for day in (first + DAY * n for n in range(days)):
        slot = later
        while slot < schedule.length and schedule.includes(day.weekday()):
            slots.append(datetime.combine(day, time()) + schedule.start + slot)
            slot += schedule.step
    return slots


def walk(
    schedule: Schedule, zone: ZoneInfo, start: datetime, end: datetime, offset: timedelta
) -> list[datetime]:
    """Return all slots within start < slot <= end, as a scheduler would come by them."""
    found = []
    slot = next_slot(schedule, zone, start, offset)
    while slot is not None and slot <= end:
        found.append(slot)
        slot = next_slot(schedule, zone, slot, offset)
    return found


def first_moments(
    zone: ZoneInfo, start: datetime, end: datetime
) -> tuple[list[datetime], list[datetime]]:
    """Return quarters of an hour, and the latest time that the clock has shown by each of them.

    So a time on the wall first comes, or is first passed, at the first quarter that has shown it.
    In these years, clocks go and change by whole quarters.
    """
    quarters = [start + QUARTER * n for n in range((end - start) // QUARTER)]
    on_the_wall = (quarter.astimezone(zone).replace(tzinfo=None) for quarter in quarters)
    return quarters, list(accumulate(on_the_wall, max))


@pytest.mark.parametrize(
    ("zones", "year", "shifts"),
    [(ZONES, 2026, {-2, -1, -0.5, 0, 0.5, 1, 2}), (["Pacific/Apia"], 2011, {24})],
    ids=["every zone", "a day left out"],
)
def test_each_time_on_the_wall_happens_when_the_clock_first_shows_or_passes_it(
    zones: list[str], year: int, shifts: set[float]
) -> None:
    found, seen = set[float](), set[tuple[object, ...]]()
    for name in zones:
        zone = ZoneInfo(name)
        for change in changes_of_the_clock(zone, year) or [datetime(year, 6, 1, tzinfo=UTC)]:
            begin, end = change - DAY / 8, change + DAY * 9 / 8
            clock = tuple(hours_ahead(zone, change + timedelta(hours=n)) for n in range(-3, 28))
            found.add(clock[-1] - clock[0])
            if (change, clock) in seen:
                continue  # another name for the same clock
            seen.add((change, clock))
            quarters, shown = first_moments(zone, begin - DAY, end + DAY)
            wall = shown[0].replace(hour=0, minute=0) + DAY
            walls = (wall + QUARTER * n for n in range(4 * 96))
            expected = {quarters[bisect_left(shown, one)] for one in walls if one < shown[-1]}

            to_come = sorted(expected)
            for after in (moment for moment in quarters if begin <= moment <= end):
                slot = next_slot(Schedule(Cadence.EVERY_15_MINUTES), zone, after)
                assert slot == to_come[bisect_right(to_come, after)], (name, after)
    assert shifts <= found


def hours_ahead(zone: ZoneInfo, moment: datetime) -> float:
    return (moment.astimezone(zone).utcoffset() or timedelta()) / timedelta(hours=1)


@given(schedule=SCHEDULES, place=places(), offset=OFFSETS)
@example(Schedule(Cadence.DAILY, time(2, 30)), SPRING, timedelta())
@example(Schedule(Cadence.DAILY, time(0)), SKIPPED_DAY, timedelta())
def test_each_slot_on_the_wall_happens_once_and_none_is_skipped(
    schedule: Schedule, place: tuple[ZoneInfo, datetime], offset: timedelta
) -> None:
    zone, start = place
    end = start + 4 * DAY

    walked = walk(schedule, zone, start, end, offset)

    first = start.astimezone(zone).date() - 3 * DAY
    expected = {instant(wall, zone) for wall in wall_slots(schedule, offset, first, 10)}
    assert walked == sorted(moment for moment in expected if start < moment <= end)


@given(schedule=SCHEDULES, place=places(), offset=OFFSETS)
def test_a_slot_comes_later_within_its_days_and_hours(
    schedule: Schedule, place: tuple[ZoneInfo, datetime], offset: timedelta
) -> None:
    zone, after = place

    slot = next_slot(schedule, zone, after, offset)

    assert slot is not None
    assert after < slot <= after + 9 * DAY
    wall = slot.astimezone(zone).replace(tzinfo=None)
    moved = (slot - timedelta(seconds=1)).astimezone(zone).replace(tzinfo=None) != (
        wall - timedelta(seconds=1)
    )
    begun = wall - schedule.start
    if schedule.cadence.is_timed:
        begun -= offset
    into_the_day = begun - datetime.combine(begun.date(), time())
    assert moved or schedule.includes(begun.weekday())
    assert moved or into_the_day < schedule.length
    assert slot.astimezone(zone).fold == 0 or moved


@given(schedule=SCHEDULES, place=places(), late=st.timedeltas(timedelta(0), timedelta(days=40)))
def test_missed_slots_are_not_made_up_for(
    schedule: Schedule, place: tuple[ZoneInfo, datetime], late: timedelta
) -> None:
    zone, start = place
    slot = next_slot(schedule, zone, start)
    assert slot is not None

    after_downtime = next_slot(schedule, zone, slot + late)

    assert after_downtime is not None
    assert after_downtime > slot + late
    before = next_slot(schedule, zone, after_downtime - timedelta(seconds=1))
    assert before == after_downtime, "the same lattice as ever"


def test_off_means_never() -> None:
    assert next_slot(Schedule(), PARIS, NOON) is None
    assert planned(a_data_flow(schedule=Schedule()), NOON).next_run_at is None
    assert failed_once_more(a_data_flow(schedule=Schedule()), NOON).next_run_at is None


@pytest.mark.parametrize(
    ("schedule", "after", "offset", "expected"),
    [
        (Schedule(Cadence.HOURLY), "2026-11-20 12:00", 0, "2026-11-20 13:00"),
        (Schedule(Cadence.HOURLY), "2026-11-20 12:00", 620, "2026-11-20 12:10:20"),
        (Schedule(Cadence.DAILY, time(7, 30)), "2026-11-20 07:30", 0, "2026-11-21 07:30"),
        (Schedule(Cadence.DAILY, time(23, 55)), "2026-11-20 23:58", 600, "2026-11-21 00:05"),
        (Schedule(Cadence.WEEKLY), "2026-11-20 12:00", 0, "2026-11-23 06:00"),
        (
            Schedule(Cadence.WEEKLY, time(9), (Weekday.THURSDAY, Weekday.MONDAY)),
            "2026-11-23 09:00",
            0,
            "2026-11-26 09:00",
        ),
        (
            Schedule(Cadence.EVERY_4_HOURS, hours=WorkingHours(time(8), time(18))),
            "2026-11-20 12:00",
            0,
            "2026-11-20 16:00",
        ),
        (
            Schedule(
                Cadence.HOURLY,
                days=(Weekday.MONDAY, Weekday.FRIDAY),
                hours=WorkingHours(time(8), time(18)),
            ),
            "2026-11-20 17:30",
            0,
            "2026-11-23 08:00",
        ),
        (  # Friday's night shift goes on after midnight
            Schedule(
                Cadence.HOURLY,
                days=(Weekday.FRIDAY,),
                hours=WorkingHours(time(22), time(6)),
            ),
            "2026-11-21 04:10",
            0,
            "2026-11-21 05:00",
        ),
    ],
)
def test_slots_that_anyone_can_check(
    schedule: Schedule, after: str, offset: int, expected: str
) -> None:
    moment = datetime.fromisoformat(after).replace(tzinfo=PARIS)

    slot = next_slot(schedule, PARIS, moment, timedelta(seconds=offset))

    assert slot == datetime.fromisoformat(expected).replace(tzinfo=PARIS)


def test_a_time_that_the_clock_jumps_over_comes_at_the_first_moment_after_the_gap() -> None:
    eve = datetime(2026, 3, 28, 12, tzinfo=UTC)

    slot = next_slot(Schedule(Cadence.DAILY, time(2, 30)), PARIS, eve)

    assert slot == datetime(2026, 3, 29, 1, tzinfo=UTC), "03:00, when 02:00 would have been"


def test_a_time_that_comes_twice_happens_at_the_first_of_the_two() -> None:
    daily = Schedule(Cadence.DAILY, time(2, 30))
    eve = datetime(2026, 10, 24, 12, tzinfo=UTC)

    slot = next_slot(daily, PARIS, eve)
    between = next_slot(daily, PARIS, datetime(2026, 10, 25, 1, 0, tzinfo=UTC))

    assert slot == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert between == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


def test_another_zone_is_another_plan() -> None:
    flow = a_data_flow(schedule=Schedule(Cadence.DAILY, time(7)), zone="Asia/Tokyo", offset=600)

    assert planned(flow, NOON).next_run_at == datetime(2026, 11, 20, 22, 10, tzinfo=UTC)


def test_failures_wait_longer_and_longer_but_not_longer_than_to_the_next_slot() -> None:
    flow = planned(a_data_flow(schedule=Schedule(Cadence.DAILY, time(6))), NOON)
    waits = []
    for _ in range(12):
        flow = failed_once_more(flow, NOON)
        assert flow.next_run_at is not None
        waits.append(flow.next_run_at - NOON)

    minutes = [2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]
    assert waits == [timedelta(minutes=m) for m in minutes] + [timedelta(hours=18)] * 2
    assert flow.failures == 12
    assert flow.retry_at is None, "what comes next is the slot"


def test_a_retry_is_told_from_a_slot_and_ends_with_a_success() -> None:
    failed = failed_once_more(planned(a_data_flow(), NOON), NOON)

    mended = succeeded(failed, NOON)

    assert failed.retry_at == failed.next_run_at == NOON + timedelta(minutes=2)
    assert mended == planned(a_data_flow(), NOON)


def test_a_flow_that_moves_to_another_place_does_not_miss_what_is_due() -> None:
    flow = planned(a_data_flow(), NOON)
    due = replace(flow, next_run_at=NOON)
    tried_again = failed_once_more(flow, NOON)

    assert moved(flow, 600, NOON).next_run_at == NOON + timedelta(minutes=10), "its first place"
    assert moved(due, 600, NOON).next_run_at == NOON
    assert moved(tried_again, 600, NOON).next_run_at == tried_again.next_run_at


@given(
    schedule=st.builds(Schedule, st.sampled_from(INTERVALS), days=DAYS) | TIMED_SCHEDULES,
    offsets=st.tuples(OFFSETS, OFFSETS),
    wait=st.timedeltas(timedelta(0), timedelta(days=3)),
)
def test_a_flow_that_moves_to_another_place_loses_no_slot_and_repeats_none(
    schedule: Schedule, offsets: tuple[timedelta, timedelta], wait: timedelta
) -> None:
    zone, end = ZoneInfo("UTC"), NOON + 20 * DAY  # two slots at least, also of one day a week
    old, new = (offset % min(schedule.step or DAY, DAY) for offset in offsets)
    first = next_slot(schedule, zone, NOON, old)
    assert first is not None
    ran = walk(schedule, zone, NOON, NOON + wait, old)
    flow = a_data_flow(schedule=schedule, zone="UTC", offset=int(old.total_seconds()))

    flow = moved(planned(flow, NOON + wait), int(new.total_seconds()), NOON + wait)

    assert flow.next_run_at is not None
    assert flow.next_run_at > NOON + wait
    ran += [flow.next_run_at, *walk(schedule, zone, flow.next_run_at, end, new)]
    slots = walk(schedule, zone, first - old - timedelta(seconds=1), end, timedelta())
    assert all(at - slot in (old, new) for at, slot in zip(ran, slots, strict=False))
    assert len(ran) > 1


def test_a_flow_that_follows_another_clock_does_not_miss_what_is_due() -> None:
    flow = planned(a_data_flow(schedule=Schedule(Cadence.DAILY, time(7))), NOON)
    due, resting = replace(flow, next_run_at=NOON), replace(flow, next_run_at=None)
    tried_again = failed_once_more(flow, NOON)

    tokyo = in_zone(flow, "Asia/Tokyo", NOON)

    assert (tokyo.zone, tokyo.next_run_at) == ("Asia/Tokyo", NOON + timedelta(hours=10))
    assert in_zone(due, "Asia/Tokyo", NOON).next_run_at == NOON
    assert in_zone(tried_again, "Asia/Tokyo", NOON).next_run_at == tried_again.next_run_at
    assert in_zone(resting, "Asia/Tokyo", NOON).next_run_at is None
