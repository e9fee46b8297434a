"""The quota of one process."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from callsheet.sheets.quota import LocalQuota


class Clock:
    """A time that the test moves."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 26, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


def send(quota: LocalQuota, clock: Clock, times: int = 1) -> float:
    """Send requests as the client does; return the seconds waited."""
    began = clock.moment
    for _ in range(times):
        while (wait := quota.take("write")) > 0:
            clock.sleep(wait)
        quota.settle("write")
    return (clock.moment - began).total_seconds()


def test_the_limit_holds_in_every_rolling_minute_and_for_each_kind_apart() -> None:
    clock = Clock()
    quota = LocalQuota(clock, 3)

    assert send(quota, clock, 2) == 0
    clock.sleep(20)
    assert send(quota, clock) == 0
    assert quota.take("read") == 0
    assert send(quota, clock, 2) == pytest.approx(40, abs=0.01)
    assert send(quota, clock) == pytest.approx(20, abs=0.01)


def test_a_refusal_closes_for_the_rest_of_the_minute() -> None:
    clock = Clock()
    quota = LocalQuota(clock)
    send(quota, clock, 100)
    clock.sleep(20)
    send(quota, clock)

    closed = quota.refused("write", "WriteRequestsPerMinutePerUser", None)

    assert 41 <= closed <= 42
    assert quota.take("write") == pytest.approx(closed)
    assert quota.take("read") == 0
    assert send(quota, clock) == pytest.approx(closed, abs=0.01)


def test_a_time_that_google_tells_is_obeyed() -> None:
    clock = Clock()
    quota = LocalQuota(clock)
    send(quota, clock)

    assert 5 <= quota.refused("write", "", 5.0) <= 6
