"""The schedule of a data flow in the API and in files: taken, checked, shown."""

from __future__ import annotations

from datetime import time
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from callsheet.schedule import Cadence, Schedule, Weekday, WorkingHours
from callsheet.schedule_text import clock_time, sentence


class Day(StrEnum):
    """A day of the week."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


def _clock_time(text: str) -> str:
    hours, _, minutes = text.partition(":")
    if int(hours) > 23 or int(minutes) > 59:
        raise ValueError("A time of day lies between 00:00 and 23:59, for example 08:30.")
    return text


ClockTime = Annotated[
    str,
    StringConstraints(strip_whitespace=True, pattern=r"^\d\d:\d\d$"),
    AfterValidator(_clock_time),
    Field(description="Hours and minutes in the spreadsheet's time zone.", examples=["08:30"]),
]


class HoursModel(BaseModel):
    """From `start` on, before `end`; past midnight when the end is the earlier of the two."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    start: ClockTime
    end: ClockTime

    def value(self) -> WorkingHours:
        """Return the working hours. Raises InvalidRequest when they are too short."""
        return WorkingHours(time.fromisoformat(self.start), time.fromisoformat(self.end))

    @classmethod
    def of(cls, hours: WorkingHours) -> HoursModel:
        """Return how the API shows them."""
        return cls(start=clock_time(hours.start), end=clock_time(hours.end))


class ScheduleModel(BaseModel):
    """When a data flow is refreshed, by the clock of its spreadsheet; it replaces what was.

    at: the time of daily and weekly ones. days: on which; none: every day, or Monday where it is
    weekly. hours: within which hours intervals are kept.
    """

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    cadence: Cadence
    at: ClockTime | None = None
    days: Annotated[list[Day], Field(max_length=7)] = []
    hours: HoursModel | None = None

    def value(self) -> Schedule:
        """Return the schedule. Raises InvalidRequest for what does not fit together."""
        return Schedule(
            cadence=self.cadence,
            at=None if self.at is None else time.fromisoformat(self.at),
            days=tuple(Weekday[day.name] for day in self.days),
            hours=None if self.hours is None else self.hours.value(),
        )


class ScheduleOut(ScheduleModel):
    """A schedule and the sentence that says it, such as “every hour, 08:00–18:00”."""

    sentence: str

    @classmethod
    def of(cls, schedule: Schedule) -> ScheduleOut:
        """Return how the API shows the schedule."""
        return cls(
            cadence=schedule.cadence,
            at=None if schedule.at is None else clock_time(schedule.at),
            days=[Day[day.name] for day in schedule.days],
            hours=None if schedule.hours is None else HoursModel.of(schedule.hours),
            sentence=sentence(schedule),
        )
