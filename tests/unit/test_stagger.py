"""The slots of one account do not collide, and stay where they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callsheet.cadence import next_slot
from callsheet.catalogue import ENTITIES
from callsheet.schedule import Cadence, Schedule, Weekday
from callsheet.stagger import APART, Claim, place
from tests.builders import NOON
from tests.unit.test_cadence import INTERVALS, SCHEDULES

PARIS = ZoneInfo("Europe/Paris")
OFFICES = [PARIS, ZoneInfo("America/New_York"), ZoneInfo("Asia/Kathmandu")]
ACCOUNTS = st.text(st.characters(codec="ascii"), min_size=1, max_size=12)


def claims_of(schedules: Iterable[Schedule], zone: ZoneInfo = PARIS) -> list[Claim]:
    return [Claim(f"flow-{n}", schedule, zone) for n, schedule in enumerate(schedules)]


def placed(claims: list[Claim], account: str = "company:1") -> list[Claim]:
    offsets = place(claims, account, NOON)
    return [replace(claim, offset=offsets[claim.id]) for claim in claims]


def slots_of(claim: Claim, days: int) -> list[datetime]:
    """Return the slots of so many days, as the scheduler comes by them."""
    assert claim.offset is not None
    offset = timedelta(seconds=claim.offset)
    slots, slot = [], next_slot(claim.schedule, claim.zone, NOON, offset)
    while slot is not None and slot < NOON + timedelta(days=days):
        slots.append(slot)
        slot = next_slot(claim.schedule, claim.zone, slot, offset)
    return slots


def seconds_apart(claims: list[Claim], days: int = 8) -> float:
    """Return the shortest time between slots of two flows."""
    slots = sorted((slot, claim.id) for claim in claims for slot in slots_of(claim, days))
    between = [b[0] - a[0] for a, b in pairwise(slots) if a[1] != b[1]]
    return min(between, default=timedelta(days=days)).total_seconds()


@settings(max_examples=40, deadline=None)
@given(cadence=st.sampled_from(INTERVALS), count=st.integers(1, 30), account=ACCOUNTS)
def test_flows_of_one_rhythm_are_ten_minutes_apart_or_as_far_as_their_number_allows(
    cadence: Cadence, count: int, account: str
) -> None:
    flows = placed(claims_of([Schedule(cadence)] * count), account)

    assert cadence.interval is not None
    room = int(cadence.interval.total_seconds()) // count
    assert seconds_apart(flows, days=1) >= min(APART, room)


@settings(max_examples=40, deadline=None)
@given(
    schedules=st.lists(SCHEDULES, min_size=1, max_size=9),
    zones=st.lists(st.sampled_from(OFFICES), min_size=9, max_size=9),
    account=ACCOUNTS,
)
def test_no_two_flows_of_any_kind_ever_meet(
    schedules: list[Schedule], zones: list[ZoneInfo], account: str
) -> None:
    claims = [Claim(str(n), s, z) for n, (s, z) in enumerate(zip(schedules, zones, strict=False))]

    flows = placed(claims, account)

    assert seconds_apart(flows) >= 60
    assert placed(claims, account) == flows, "the same flows lie in the same places"
    for flow in flows:
        assert flow.offset is not None
        if flow.schedule.cadence.is_timed:
            assert 0 <= flow.offset < 7_200 + 300


@settings(max_examples=40, deadline=None)
@given(
    cadences=st.lists(st.sampled_from(INTERVALS[2:]), min_size=2, max_size=6),
    leaving=st.integers(0, 5),
    account=ACCOUNTS,
)
def test_who_comes_or_goes_moves_nobody_while_there_is_room(
    cadences: list[Cadence], leaving: int, account: str
) -> None:
    schedules = [Schedule(cadence) for cadence in cadences]
    before = placed(claims_of(schedules[:-1]), account)

    joined = placed([*before, Claim("new", schedules[-1], PARIS)], account)
    left = [claim for n, claim in enumerate(joined) if n != leaving % len(joined)]

    assert joined[:-1] == before
    assert placed(left, account) == left
    assert seconds_apart(joined) >= APART


@settings(deadline=None)
@given(at=st.times().map(lambda t: t.replace(second=0, microsecond=0)), account=ACCOUNTS)
def test_a_time_of_day_is_kept_unless_it_collides(at: time, account: str) -> None:
    daily = Schedule(Cadence.DAILY, at)

    (alone,) = placed(claims_of([daily]), account)
    three = placed(claims_of([daily, daily, daily]), account)
    (left,) = placed([three[2]], account)

    assert alone.offset is not None
    assert 0 <= alone.offset < 300, "the account's own stretch of five minutes"
    assert [claim.offset for claim in three] == [alone.offset + APART * n for n in range(3)]
    assert left.offset == alone.offset, "nothing to make way for any more"


def test_weekly_flows_of_different_days_do_not_collide() -> None:
    monday = Schedule(Cadence.WEEKLY, time(6))
    friday = replace(monday, days=(Weekday.FRIDAY,))

    first, second = placed(claims_of([monday, friday]))

    assert first.offset == second.offset


@pytest.mark.parametrize("day", list(Weekday))
@pytest.mark.parametrize("zone", [PARIS, ZoneInfo("UTC")], ids=str)
def test_a_week_has_no_end_at_which_slots_could_meet(day: Weekday, zone: ZoneInfo) -> None:
    late = Schedule(Cadence.WEEKLY, time(23, 55), (day,))
    early = Schedule(Cadence.WEEKLY, time(0, 0), (Weekday((day + 1) % 7),))

    assert seconds_apart(placed(claims_of([late, early], zone)), days=15) >= APART


@pytest.mark.parametrize("account", [f"company:{n}" for n in range(12)])
def test_hourly_flows_make_room_for_a_chosen_time(account: str) -> None:
    chosen = claims_of([Schedule(Cadence.DAILY, time(7, m)) for m in (0, 20)])
    flows = placed(chosen, account)
    hourly = Claim("hourly", Schedule(Cadence.HOURLY), PARIS)

    together = placed([*flows, hourly], account)

    assert together[:2] == flows
    assert seconds_apart(together) >= APART


@pytest.mark.parametrize("sheets", [1, 4])
def test_one_of_each_entity_in_several_sheets(sheets: int) -> None:
    schedules = [entity.default_schedule for entity in ENTITIES.values()] * sheets

    flows = placed(claims_of(schedules))

    assert seconds_apart(flows) >= (APART if sheets == 1 else 100)


def test_accounts_are_spread_over_the_hour_and_over_the_day() -> None:
    names = [f"company:{n}" for n in range(600)]
    hourly = [placed(claims_of([Schedule(Cadence.HOURLY)]), name)[0].offset for name in names]
    twice = [placed(claims_of([Schedule(Cadence.EVERY_12_HOURS)]), n)[0].offset for n in names]

    by_ten_minutes = Counter(offset // 600 for offset in hourly if offset is not None)
    by_hour = Counter(offset // 3600 for offset in twice if offset is not None)

    assert len(by_ten_minutes) == 6
    assert max(by_ten_minutes.values()) < 2 * 100
    assert len(by_hour) == 12
    assert max(by_hour.values()) < 2 * 50


def test_times_that_everybody_chooses_are_spread_over_five_minutes() -> None:
    six = Schedule(Cadence.DAILY, time(6))
    flows = [placed(claims_of([six]), f"company:{n}")[0] for n in range(600)]

    by_minute = Counter(flow.offset // 60 for flow in flows if flow.offset is not None)

    assert sorted(by_minute) == [0, 1, 2, 3, 4]
    assert max(by_minute.values()) < 2 * 120


def test_a_hundred_hourly_flows_are_placed_in_no_time() -> None:
    flows = placed(claims_of([Schedule(Cadence.HOURLY)] * 100))

    assert seconds_apart(flows, days=1) == 36


def test_flows_that_are_off_have_no_place() -> None:
    assert place(claims_of([Schedule()]), "company:1", NOON) == {}
