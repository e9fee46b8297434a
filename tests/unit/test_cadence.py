"""When is the next refresh."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from callsheet.cadence import after_failure, next_due
from callsheet.data_flow import Cadence
from tests.builders import NOON

RHYTHMS = [cadence for cadence in Cadence if cadence.interval]


def test_off_means_never() -> None:
    assert next_due(Cadence.OFF, NOON) is None
    assert after_failure(Cadence.OFF, NOON, 3) is None


@given(cadence=st.sampled_from(RHYTHMS), late=st.timedeltas(timedelta(0), timedelta(days=40)))
def test_the_rhythm_goes_on_and_missed_slots_count_once(cadence: Cadence, late: timedelta) -> None:
    due = next_due(cadence, NOON + late, NOON)

    assert due is not None
    assert cadence.interval is not None
    assert NOON + late < due <= NOON + late + cadence.interval
    assert (due - NOON) % cadence.interval == timedelta(0)


def test_failures_wait_longer_and_longer_but_not_longer_than_the_rhythm() -> None:
    waits = []
    for failures in range(1, 12):
        again = after_failure(Cadence.HOURLY, NOON, failures)
        assert again is not None
        waits.append(again - NOON)

    assert waits[0] == timedelta(minutes=2)
    assert waits == sorted(waits)
    assert waits[-1] == timedelta(hours=1)
