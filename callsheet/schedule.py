"""Schedule: how often, at what time and on which days a data flow is refreshed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time, timedelta
from enum import IntEnum, StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from callsheet.errors import InvalidRequest

SHORTEST = timedelta(minutes=15)
DAY = timedelta(days=1)
_SHORTEST_HOURS = timedelta(hours=1)
_DEFAULT_TIME = time(6)


class Cadence(StrEnum):
    """The rhythm of a schedule."""

    OFF = "off"
    EVERY_15_MINUTES = "every_15_minutes"
    EVERY_30_MINUTES = "every_30_minutes"
    HOURLY = "hourly"
    EVERY_2_HOURS = "every_2_hours"
    EVERY_4_HOURS = "every_4_hours"
    EVERY_6_HOURS = "every_6_hours"
    EVERY_12_HOURS = "every_12_hours"
    DAILY = "daily"
    WEEKLY = "weekly"

    @property
    def interval(self) -> timedelta | None:
        """The usual time from one refresh to the next; None where there is none."""
        return _INTERVALS[self]

    @property
    def is_timed(self) -> bool:
        """Whether the person chooses a time of day, not an interval."""
        return self in (Cadence.DAILY, Cadence.WEEKLY)


_INTERVALS = {
    Cadence.OFF: None,
    Cadence.EVERY_15_MINUTES: SHORTEST,
    Cadence.EVERY_30_MINUTES: timedelta(minutes=30),
    Cadence.HOURLY: timedelta(hours=1),
    Cadence.EVERY_2_HOURS: timedelta(hours=2),
    Cadence.EVERY_4_HOURS: timedelta(hours=4),
    Cadence.EVERY_6_HOURS: timedelta(hours=6),
    Cadence.EVERY_12_HOURS: timedelta(hours=12),
    Cadence.DAILY: DAY,
    Cadence.WEEKLY: timedelta(weeks=1),
}


class Weekday(IntEnum):
    """A day of the week, numbered as `date.weekday` does."""

    MONDAY = 0
    TUESDAY = 1
    WEDNESDAY = 2
    THURSDAY = 3
    FRIDAY = 4
    SATURDAY = 5
    SUNDAY = 6


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """From `start` on, before `end`; past midnight when the end is the earlier of the two."""

    start: time
    end: time

    def __post_init__(self) -> None:
        _check_minutes(self.start, self.end)
        if self.length < _SHORTEST_HOURS:
            raise InvalidRequest(
                message="The working hours have to be at least one hour long. Choose a later end, "
                "or leave them out for the whole day."
            )

    @property
    def length(self) -> timedelta:
        """How long they are by the clock on the wall; none when both ends are the same."""
        return (_since_midnight(self.end) - _since_midnight(self.start)) % DAY


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a data flow is refreshed, by the clock on the wall of its spreadsheet.

    at: the time of day of daily and weekly ones, 06:00 if none is given. days: on which days of
    the week; none: every day, or Monday where it is weekly. hours: within which hours intervals
    are kept; each day's count from their start, and belong to the day on which they start.
    Raises InvalidRequest for what does not fit together.
    """

    cadence: Cadence = Cadence.OFF
    at: time | None = None
    days: tuple[Weekday, ...] = ()
    hours: WorkingHours | None = None

    def __post_init__(self) -> None:
        self._check()
        days = tuple(Weekday(day) for day in sorted(set(self.days)))
        if self.cadence.is_timed and self.at is None:
            object.__setattr__(self, "at", _DEFAULT_TIME)
        if self.cadence is Cadence.WEEKLY:
            days = days or (Weekday.MONDAY,)
        elif len(days) == len(Weekday):
            days = ()
        object.__setattr__(self, "days", days)

    @property
    def start(self) -> timedelta:
        """From midnight to the first slot of a day, before any offset."""
        first = self.hours.start if self.hours else self.at
        return _since_midnight(first or time())

    @property
    def length(self) -> timedelta:
        """How much of a day, from `start` on, slots may take."""
        return self.hours.length if self.hours else DAY

    @property
    def step(self) -> timedelta | None:
        """From one slot of a day to the next; None while off."""
        interval = self.cadence.interval
        return None if interval is None else min(interval, DAY)

    def includes(self, weekday: int) -> bool:
        """Say whether slots begin on this day of the week (0: Monday)."""
        return not self.days or weekday in self.days

    def _check(self) -> None:
        if self.cadence is Cadence.OFF and (self.at or self.days or self.hours):
            raise InvalidRequest(
                message="A schedule that is off has no time, days or working hours. Leave them "
                "out, or choose a rhythm."
            )
        if self.at is not None:
            _check_minutes(self.at)
            if not self.cadence.is_timed:
                raise InvalidRequest(
                    message="A time of day goes with a daily or weekly refresh. Choose one of "
                    "these, or give working hours instead."
                )
        if self.hours is not None and self.cadence.is_timed:
            raise InvalidRequest(
                message="Working hours go with a refresh every so many minutes or hours. Leave "
                "them out and choose the time of day."
            )


def zone_named(name: str) -> ZoneInfo:
    """Return the time zone of this IANA name. Raises InvalidRequest for an unknown one."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidRequest(
            message=f"“{name[:60]}” is not a time zone that Callsheet knows. Choose one in the "
            "spreadsheet's File ▸ Settings, for example Europe/Paris."
        ) from None


def _since_midnight(moment: time) -> timedelta:
    return timedelta(hours=moment.hour, minutes=moment.minute)


def _check_minutes(*moments: time) -> None:
    if any(one.second or one.microsecond or one.tzinfo for one in moments):
        raise InvalidRequest(
            message="A time of day has hours and minutes, for example 08:30. The time zone is "
            "the spreadsheet's."
        )
