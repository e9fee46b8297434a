"""Times of day that a day of the coming year lacks, or has twice, because clocks change: pure."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from callsheet.cadence import instant
from callsheet.schedule import DAY, Schedule

_AHEAD = 366  # days


def clock_change_note(
    schedule: Schedule, zone: ZoneInfo, now: datetime, offset: timedelta = timedelta()
) -> str | None:
    """Return what happens to a daily or weekly refresh on the first such day, in a sentence.

    None: the time is there once on every day, or the schedule has none. offset: as in `next_slot`.
    """
    if not schedule.cadence.is_timed:
        return None
    today = datetime.combine(now.astimezone(zone).date(), time())
    for day in (today + days * DAY for days in range(_AHEAD)):
        if schedule.includes(day.weekday()):
            said = _on(day + schedule.start + offset, zone)
            if said is not None:
                return said
    return None


def _on(wall: datetime, zone: ZoneInfo) -> str | None:
    first, second = (wall.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    if first == second:
        return None
    day, at = f"{wall:%A}, {wall.day} {wall:%B %Y}", f"{wall:%H:%M}"
    shown = instant(wall, zone).astimezone(zone)
    if shown.replace(tzinfo=None) == wall:
        return f"On {day}, clocks go back and {at} comes twice: the first one counts."
    return f"On {day}, clocks go forward and there is no {at}: it comes at {shown:%H:%M}."
