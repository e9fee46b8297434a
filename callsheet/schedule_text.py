"""A schedule as a sentence for people: pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time, timedelta

from callsheet.schedule import Cadence, Schedule, Weekday
from callsheet.stagger import APART

_HOUR = timedelta(hours=1)
_MINUTE = 60
_JITTERED = "a little later than you chose, so that not everybody begins at once"

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


def placement(
    schedule: Schedule, offset: int | None, imports: int, after: str | None = None
) -> str | None:
    """Return when within its rhythm a flow is refreshed, and why then.

    Such as “at 10 past, so that your 4 imports do not collide”; None for one without a place.
    offset: in seconds, see stagger.py. imports: scheduled flows of the same Aircall account.
    after: which of them comes before, such as “10 minutes after Aircall – Users”.
    """
    if schedule.step is None or offset is None:
        return None
    first = schedule.start + timedelta(seconds=offset) % min(schedule.step, schedule.length)
    when = _when(schedule, first)
    if schedule.cadence.is_timed and offset < APART:
        return f"{when}, {_JITTERED}" if offset >= _MINUTE else when
    if imports < 2:
        return when
    where = f"{when}, {after}" if after else when
    return f"{where}, so that your {imports} imports do not collide"


def _when(schedule: Schedule, first: timedelta) -> str:
    minutes = int(first.total_seconds()) // 60
    at = f"{minutes // 60 % 24:02}:{minutes % 60:02}"
    if schedule.cadence.is_timed:
        return f"at {at}"
    if schedule.step is not None and schedule.step <= _HOUR:
        times = range(minutes % 60 % (step := _minutes(schedule.step)), 60, step)
        return f"at {_joined([str(one) for one in times])} past"
    return f"the first at {at}"


def clock_time(moment: time) -> str:
    """Return hours and minutes, such as 08:30."""
    return f"{moment:%H:%M}"


def _days(days: Sequence[Weekday]) -> str:
    names = [day.name.capitalize() for day in days]
    if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        return f"{names[0]} to {names[-1]}"
    return _joined(names)


def _joined(names: Sequence[str]) -> str:
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def _minutes(length: timedelta) -> int:
    return int(length.total_seconds()) // 60
