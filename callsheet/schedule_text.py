"""A schedule as a sentence for people: pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time

from callsheet.schedule import Cadence, Schedule, Weekday

_RHYTHMS = {
    Cadence.OFF: "only by hand",
    Cadence.EVERY_15_MINUTES: "every 15 minutes",
    Cadence.EVERY_30_MINUTES: "every 30 minutes",
    Cadence.HOURLY: "every hour",
    Cadence.EVERY_2_HOURS: "every 2 hours",
    Cadence.EVERY_4_HOURS: "every 4 hours",
    Cadence.EVERY_6_HOURS: "every 6 hours",
    Cadence.EVERY_12_HOURS: "every 12 hours",
    Cadence.DAILY: "every day",
    Cadence.WEEKLY: "every week",
}


def rhythm(cadence: Cadence) -> str:
    """Return the name of a rhythm alone, such as “every 4 hours”."""
    return _RHYTHMS[cadence]


def sentence(schedule: Schedule) -> str:
    """Return the whole schedule, such as “every hour, 08:00–18:00, Monday to Friday”."""
    if schedule.cadence.is_timed:
        days = _days(schedule.days) if schedule.days else "day"
        when = days if " to " in days else f"every {days}"
        return f"{when} at {clock_time(schedule.at or time())}"
    parts = [rhythm(schedule.cadence)]
    if schedule.hours:
        parts.append(f"{clock_time(schedule.hours.start)}–{clock_time(schedule.hours.end)}")
    if schedule.days:
        parts.append(_days(schedule.days))
    return ", ".join(parts)


def clock_time(moment: time) -> str:
    """Return hours and minutes, such as 08:30."""
    return f"{moment:%H:%M}"


def _days(days: Sequence[Weekday]) -> str:
    names = [day.name.capitalize() for day in days]
    if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        return f"{names[0]} to {names[-1]}"
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)
