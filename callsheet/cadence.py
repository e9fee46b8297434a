"""When is the next refresh: pure.

Slots are times on the wall of the spreadsheet. On the days on which clocks change:
a slot that the clock jumps over happens at the first moment after the gap (several of them:
once); a slot whose time comes twice happens at the first of the two.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from callsheet.data_flow import DataFlow
from callsheet.schedule import DAY, Cadence, Schedule, zone_named

_SECOND = timedelta(seconds=1)
_FIRST_BACK_OFF = timedelta(minutes=2)
_MOST_DOUBLINGS = 16
_DEEP_EVERY = timedelta(hours=23)


def next_slot(
    schedule: Schedule, zone: ZoneInfo, after: datetime, offset: timedelta = timedelta()
) -> datetime | None:
    """Return the first slot strictly after this instant, in UTC; None while the schedule is off.

    offset: by how much every slot is later than the schedule says, so that flows do not collide;
    what would leave the rhythm or the working hours starts again at their beginning. Whole
    seconds. Slots that were missed are not made up for: from a late `after`, the next one counts.
    """
    step = schedule.step
    if step is None:
        return None
    local = after.astimezone(zone).replace(tzinfo=None)
    later = offset % min(step, schedule.length)
    shift, room = schedule.start + later, schedule.length - later
    # Slots of the day before reach into this day: working hours or an offset past midnight.
    day = local.date() - 2 * DAY
    while True:
        day += DAY
        if schedule.includes(day.weekday()):
            first = datetime.combine(day, time()) + shift
            found = _first_after(local, after, first, step, room, zone)
            if found is not None:
                return found


def _first_after(
    local: datetime,
    after: datetime,
    first: datetime,
    step: timedelta,
    room: timedelta,
    zone: ZoneInfo,
) -> datetime | None:
    """Return the first of first, first + step, … within `room` that comes after `after`."""
    slot = first if local < first else first + ((local - first) // step + 1) * step
    while slot < first + room:
        moment = instant(slot, zone)
        if moment > after:
            return moment
        slot += step  # the clock has been set back: its first time is over
    return None


def instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant (UTC) of a time on the wall, as the rule at the top says.

    wall: naive, whole seconds.
    """
    moment = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == wall:
        return moment
    return _end_of_gap(wall.replace(tzinfo=zone, fold=1).astimezone(UTC), moment, zone)


def _end_of_gap(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Return the first instant with the later offset: the clock jumps within (before, after]."""
    changed = after.astimezone(zone).utcoffset()
    while after - before > _SECOND:
        middle = before + (after - before) // _SECOND // 2 * _SECOND
        if middle.astimezone(zone).utcoffset() == changed:
            after = middle
        else:
            before = middle
    return after


def next_refresh(flow: DataFlow, after: datetime) -> datetime | None:
    """Return the flow's first slot after this instant; None while its schedule is off or rests."""
    if flow.is_paused or flow.paused_because is not None:
        return None
    return next_slot(
        flow.schedule, zone_named(flow.zone), after, timedelta(seconds=flow.offset or 0)
    )


def planned(flow: DataFlow, now: datetime) -> DataFlow:
    """Return the flow with the first slot after `now` as its next refresh."""
    return replace(flow, next_run_at=next_refresh(flow, now), retry_at=None)


def moved(flow: DataFlow, offset: int, now: datetime) -> DataFlow:
    """Return the flow in another place (seconds, see stagger.py).

    What is due already, or is tried again, happens when it would have. So does, for this once, the
    next slot where its new time is over: it would be lost. One that has been is not repeated.
    """
    due = flow.next_run_at
    if due is None or due <= now or due == flow.retry_at:
        return replace(flow, offset=offset)
    if flow.offset is None:  # its first place
        return planned(replace(flow, offset=offset), now)
    before = due - timedelta(seconds=flow.offset) - _SECOND
    slot = next_refresh(replace(flow, offset=offset), before)
    later = due if slot is None or slot <= now else slot
    return replace(flow, offset=offset, next_run_at=later)


def in_zone(flow: DataFlow, zone: str, now: datetime) -> DataFlow:
    """Return the flow by the clock of another time zone (an IANA name).

    What is due already, or is tried again, happens when it would have.
    """
    flow = replace(flow, zone=zone)
    due = flow.next_run_at
    return flow if due is None or due <= now or due == flow.retry_at else planned(flow, now)


def failed_once_more(flow: DataFlow, now: datetime) -> DataFlow:
    """Return the flow after a failure that may mend itself: it is tried again.

    After 2 minutes, then 4, 8 and so on, but not later than its next slot. A flow that is off is
    not tried again.
    """
    flow = replace(planned(flow, now), failures=flow.failures + 1)
    back_off: timedelta = _FIRST_BACK_OFF * (1 << min(flow.failures - 1, _MOST_DOUBLINGS))
    again = (now + back_off).replace(microsecond=0)
    if flow.next_run_at is None or flow.next_run_at <= again:
        return flow
    return replace(flow, next_run_at=again, retry_at=again)


def succeeded(flow: DataFlow, now: datetime) -> DataFlow:
    """Return the flow after a success: nothing is tried again."""
    flow = replace(flow, failures=0)
    return flow if flow.retry_at is None or flow.next_run_at is None else planned(flow, now)


def is_deep_due(flow: DataFlow, now: datetime) -> bool:
    """Whether the flow is to be read with its deep look-back, or whole: once a day.

    A little less than a day, so that a daily refresh that comes early by its jitter is one too.
    """
    return flow.deep_read_at is None or now - flow.deep_read_at >= _DEEP_EVERY


def longest_gap(cadence: Cadence) -> timedelta:
    """Return how far apart two snapshots of a history may lie and still tell of the time between.

    Two missed refreshes are forgiven, and a little lateness.
    """
    return 3 * (cadence.interval or timedelta(hours=1)) + timedelta(minutes=5)
