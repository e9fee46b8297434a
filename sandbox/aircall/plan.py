"""Spread the calls of a new world over its days, hour by busy hour."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.aircall.draws import Dice
from sandbox.aircall.lines import pattern_of
from sandbox.aircall.timetable import TimeTable

LIVE_CALLS = 4
_LIVE_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Plan:
    """How many calls a world starts with, and how they lie in time."""

    calls: int = 5000
    days: int = 90
    seed: int = 1
    arrivals_per_minute: float = 2.0
    burst: int = 0
    contacts: int | None = None

    @property
    def live_from(self) -> int:
        """Return the index of the first call that is still running when the world begins."""
        return self.calls - (LIVE_CALLS if self.calls >= 10 * LIVE_CALLS else 0)


def build_timetable(plan: Plan, born: int) -> TimeTable:
    """Return the time table of a world that begins at `born`."""
    table = TimeTable(Dice(plan.seed, "starts"))
    live = plan.calls - plan.live_from
    burst = min(plan.burst, plan.live_from)
    last = born - _LIVE_SECONDS
    _spread(table, born - plan.days * 86_400, last - burst_room(burst), plan.live_from - burst)
    if burst:
        # The burst sits an hour before the world's birth, so that any window of a day holds it.
        table.add_stretch(last - 3600, 1, burst)
        table.add_stretch(last - 3599, 3599, 0)
    table.add_stretch(last, _LIVE_SECONDS, live)
    table.open_stretch(born, plan.arrivals_per_minute)
    return table


def burst_room(burst: int) -> int:
    """Return the seconds kept free for a burst."""
    return 3600 if burst else 0


def _spread(table: TimeTable, first: int, end: int, calls: int) -> None:
    stretches = list(_hours(first, end))
    total = sum(weight for _, _, weight in stretches) or 1.0
    passed, given = 0.0, 0
    for start, width, weight in stretches:
        passed += weight
        due = round(calls * passed / total)
        table.add_stretch(start, width, due - given)
        given = due


def _hours(first: int, end: int) -> list[tuple[int, int, float]]:
    found = []
    start = first
    while start < end:
        stop = min(end, (start // 3600 + 1) * 3600)
        weight = pattern_of(start // 3600).weight * (stop - start) / 3600
        found.append((start, stop - start, weight))
        start = stop
    return found
