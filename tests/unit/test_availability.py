"""Intervals of availability: never overlapping, without holes, and honest about gaps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callsheet.availability import (
    NOT_OBSERVED,
    Interval,
    interval_of,
    latest_of,
    next_intervals,
    next_records,
)
from callsheet.catalogue import ENTITIES
from callsheet.entity import ReadContext

START = datetime(2026, 11, 20, 9, tzinfo=UTC)
GAP = timedelta(minutes=30)
AGENTS = ("1", "2", "3")
STATUSES = ("available", "in_call", "offline", "something_new")

snapshots = st.lists(
    st.tuples(
        st.integers(0, 5400),  # seconds since the snapshot before
        st.dictionaries(st.sampled_from(AGENTS), st.sampled_from(STATUSES)),
    ),
    max_size=25,
)


def after(taken: list[tuple[int, dict[str, str]]]) -> list[Interval]:
    """The rows of the tab after these snapshots, upserted by id."""
    rows: dict[str, Interval] = {}
    at = START
    for seconds, seen in taken:
        at += timedelta(seconds=seconds)
        written = next_intervals(latest_of(rows.values()), seen, at, GAP)
        assert len({row.id for row in written}) == len(written)
        rows.update((row.id, row) for row in written)
    return sorted(rows.values(), key=lambda row: (row.agent_id, row.start, row.end))


def minute(count: int) -> datetime:
    return START + timedelta(minutes=count)


@given(snapshots)
def test_intervals_of_an_agent_follow_each_other_without_overlap_or_hole(
    taken: list[tuple[int, dict[str, str]]],
) -> None:
    rows = after(taken)

    for agent in AGENTS:
        own = [row for row in rows if row.agent_id == agent]
        for left, right in pairwise(own):
            assert left.end == right.start
        assert all(row.start <= row.end for row in own)


@given(snapshots)
def test_minutes_add_up_to_the_time_from_first_to_last_sight(
    taken: list[tuple[int, dict[str, str]]],
) -> None:
    rows = after(taken)
    at, sights = START, dict[str, list[datetime]]()
    for seconds, seen in taken:
        at += timedelta(seconds=seconds)
        for agent in seen:
            sights.setdefault(agent, []).append(at)

    for agent, moments in sights.items():
        whole = (moments[-1] - moments[0]).total_seconds() / 60
        minutes = sum(row.minutes for row in rows if row.agent_id == agent)
        assert minutes == pytest.approx(whole, abs=0.01)


@given(snapshots)
def test_no_status_is_claimed_for_a_time_in_which_nobody_looked(
    taken: list[tuple[int, dict[str, str]]],
) -> None:
    for row in after(taken):
        if row.status == NOT_OBSERVED:
            assert row.end - row.start > GAP


def test_the_same_status_prolongs_the_interval() -> None:
    assert after([(0, {"1": "in_call"}), (300, {"1": "in_call"})]) == [
        Interval("1", "in_call", START, minute(5))
    ]


def test_another_status_begins_when_it_is_first_seen() -> None:
    assert after([(0, {"1": "in_call"}), (300, {"1": "offline"}), (60, {"1": "offline"})]) == [
        Interval("1", "in_call", START, minute(5)),
        Interval("1", "offline", minute(5), minute(6)),
    ]


def test_a_gap_in_our_looking_is_a_row_of_its_own() -> None:
    taken = [(0, {"1": "in_call"}), (600, {"1": "in_call"}), (3600, {"1": "in_call"})]

    rows = after(taken)

    assert rows == [
        Interval("1", "in_call", START, minute(10)),
        Interval("1", NOT_OBSERVED, minute(10), minute(70)),
        Interval("1", "in_call", minute(70), minute(70)),
    ]
    assert [row.minutes for row in rows] == [10, 60, 0]


def test_a_single_sight_before_a_gap_keeps_its_row() -> None:
    rows = after([(0, {"1": "in_call"}), (3600, {"1": "offline"})])

    assert [row.status for row in rows] == ["in_call", NOT_OBSERVED, "offline"]


def test_a_snapshot_from_before_changes_nothing() -> None:
    known = latest_of([Interval("1", "in_call", START, minute(10))])

    assert next_intervals(known, {"1": "offline"}, minute(9), GAP) == []


def test_a_record_of_the_history_table() -> None:
    assert Interval("7", "in_call", START, minute(3)).record("Ann", "ann@example.com") == {
        "interval_id": f"7-{int(START.timestamp())}",
        "agent_id": "7",
        "name": "Ann",
        "email": "ann@example.com",
        "availability": "in_call",
        "from": int(START.timestamp()),
        "to": int(START.timestamp()) + 180,
        "minutes": 3.0,
    }


def test_the_columns_of_the_history_read_its_records() -> None:
    table = (ENTITIES["user_availabilities"].layouts or {})["history"]
    interval = Interval("7", "in_call", START, minute(3))

    row = table.row(interval.record("Ann", "ann@example.com"), ReadContext(ZoneInfo("UTC")))

    assert row == [interval.id, "7", "Ann", "ann@example.com", "in_call", START, minute(3), 3.0]


@given(
    st.text(max_size=20) | st.from_regex(r"[0-9]{1,3}-[0-9²٣]{1,22}(-gap)?", fullmatch=True),
    st.floats() | st.integers() | st.text(max_size=5) | st.none(),
)
def test_what_a_person_does_to_a_row_of_the_history_never_breaks_the_next_refresh(
    interval_id: str, minutes: object
) -> None:
    seen = [{"id": 7, "availability": "offline", "read_at": int(START.timestamp())}]

    written = next_records([[interval_id, "in_call", minutes]], seen, GAP)

    assert [one["agent_id"] for one in written] in ([], ["7"], ["7", "7"])


def test_an_interval_is_found_again_by_its_row() -> None:
    for interval in (
        Interval("7", "in_call", START, minute(3)),
        Interval("7", NOT_OBSERVED, START, minute(90)),
    ):
        assert interval_of(interval.id, interval.status, interval.minutes) == interval
