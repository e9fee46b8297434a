"""A run's own arithmetic: where it waits, how fast it is, where it may go."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callsheet.run import (
    LONG_ROWS,
    Progress,
    QueueName,
    RunState,
    Trigger,
    first_queue,
    next_queue,
    paced,
)
from tests.builders import NOON, a_run


@pytest.mark.parametrize("trigger", Trigger)
def test_only_what_a_person_waits_for_goes_ahead(trigger: Trigger) -> None:
    by_hand = trigger in (Trigger.MANUAL, Trigger.UNDO)

    assert (first_queue(trigger, is_first=False) is QueueName.NOW) is by_hand
    assert (first_queue(trigger, is_first=True) is QueueName.NOW) is by_hand
    assert (first_queue(trigger, is_first=True) is QueueName.BACKFILL) is not by_hand


def test_a_long_import_goes_on_as_a_backfill_a_short_one_where_it_was() -> None:
    run = a_run(progress=Progress(rows_received=500, rows_expected=500 + LONG_ROWS + 1))
    nearly_done = replace(run, progress=Progress(rows_received=9_000, rows_expected=9_000 + 100))
    unknown = replace(run, progress=Progress(rows_received=9_000))

    assert next_queue(run) is QueueName.BACKFILL
    assert next_queue(nearly_done) is QueueName.NOW
    assert next_queue(unknown) is QueueName.NOW


def test_rate_and_time_left_count_from_the_start_of_the_run() -> None:
    progress = paced(Progress(rows_received=600, rows_expected=1_501), NOON, NOON + _minutes(2))

    assert progress.rows_per_minute == 300
    assert progress.seconds_left == 180
    assert (progress.pages_received, progress.pages_expected) == (12, 31)


def test_nothing_is_promised_before_anything_has_come() -> None:
    for progress in (
        paced(Progress(rows_expected=100), NOON, NOON + _minutes(1)),
        paced(Progress(rows_received=5, rows_expected=100), None, NOON),
        paced(Progress(rows_received=5, rows_expected=100), NOON, NOON),
    ):
        assert progress.seconds_left is None


@given(received=st.integers(0, 10**7), more=st.integers(0, 10**7), seconds=st.integers(-5, 10**6))
def test_progress_is_never_negative(received: int, more: int, seconds: int) -> None:
    progress = Progress(rows_received=received, rows_expected=received + more)

    shown = paced(progress, NOON, NOON + timedelta(seconds=seconds))

    assert shown.seconds_left is None or shown.seconds_left >= 0
    assert shown.rows_per_minute is None or shown.rows_per_minute > 0
    assert shown.pages_received <= (shown.pages_expected or 0)


@given(path=st.lists(st.sampled_from(RunState), max_size=8))
def test_whatever_way_a_run_takes_it_ends_once(path: list[RunState]) -> None:
    state = RunState.QUEUED
    for following in path:
        if state.may_become(following):
            assert not state.is_over
            state = following

    assert not any(RunState.SUCCEEDED.may_become(other) for other in RunState)


def _minutes(count: int) -> timedelta:
    return timedelta(minutes=count)
