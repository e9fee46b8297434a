"""The request budget of one process."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from callsheet.aircall.budget import LocalBudget
from tests.clock import FrozenClock


@given(
    per_minute=st.integers(1, 10),
    pauses=st.lists(st.floats(0, 90, allow_nan=False), min_size=1, max_size=120),
)
def test_never_more_than_the_budget_in_any_rolling_minute(
    per_minute: int, pauses: list[float]
) -> None:
    clock = FrozenClock()
    budget = LocalBudget(per_minute, clock)
    sent: list[float] = []
    for pause in pauses:
        clock.move(pause)
        while (wait := budget.take()) > 0:
            clock.move(wait)
        sent.append(clock.now().timestamp())

    for i, first in enumerate(sent):
        within = [t for t in sent[i:] if t - first < 60 - 1e-3]
        assert len(within) <= per_minute


def test_a_wait_is_just_long_enough() -> None:
    clock = FrozenClock()
    budget = LocalBudget(2, clock)

    assert budget.take() == 0
    clock.move(10)
    assert budget.take() == 0
    assert budget.take() == 50
    clock.move(50)
    assert budget.take() == 0


def test_a_closed_budget_opens_again_by_itself() -> None:
    clock = FrozenClock()
    budget = LocalBudget(5, clock)
    budget.close(30)

    assert budget.take() == 30
    clock.move(30)
    assert budget.take() == 0
