"""The facts of one call: everything that will ever be true of it, and how a call may go."""

from __future__ import annotations

from typing import NamedTuple

from sandbox.aircall.draws import pick
from sandbox.aircall.lines import Line
from sandbox.aircall.phones import Phone

Numbers = tuple[int, ...]


class Course(NamedTuple):
    """How a call went: its outcome and its times."""

    direction: str
    reason: str | None
    answered_at: int | None
    ended_at: int


class CallFacts(NamedTuple):
    """The whole life of one call; what of it shows depends on the time of reading.

    A named tuple and not a dataclass: fifty are made for each page.
    """

    id: int
    token: str
    started_at: int
    course: Course
    finalised_at: int
    shifts: bool
    miscounts: bool
    line: int
    user_id: int | None
    contact_id: int | None
    phone: Phone | None
    cost: str
    recording_at: int | None
    voicemail_at: int | None
    archived_at: int | None
    assigned: tuple[int, int] | None
    transfer: tuple[int, int] | None
    numbers: Numbers


def course_of(line: Line, started: int, numbers: Numbers, *, staffed: bool) -> Course:
    """Return direction, outcome and times of a call on a line."""
    ring = 3 + numbers[2] % 12 + (numbers[2] >> 8) % 25
    if not staffed:
        waits = ring + (18 if numbers[17] % 3 == 0 else 0)
        return Course("inbound", "out_of_opening_hours", None, started + waits)
    luck = numbers[3] / 65536
    talk = 12 + int(180 * luck + 1500 * luck**4)
    answered = started + ring
    chance = numbers[1] // 100 % 100
    if numbers[1] % 100 < 38:
        if chance < 66:
            return Course("outbound", None, answered, answered + talk)
        return Course("outbound", None, None, answered)
    if chance < 84:
        return Course("inbound", None, answered, answered + talk)
    if numbers[1] % 7 == 0:
        ring %= 8
    return Course("inbound", _missed_reason(line, ring, numbers[23]), None, started + ring + 1)


def _missed_reason(line: Line, ring: int, draw: int) -> str:
    if ring < 8:
        return "short_abandoned"
    if line.is_ivr and draw % 3 == 0:
        return "abandoned_in_ivr"
    reasons = ("agents_did_not_answer", "abandoned_in_classic", "no_available_agent")
    return pick(reasons, draw // 3)


def live_course(place: int, started: int) -> Course:
    """Return the course of a call that still runs when the world begins."""
    if place % 2 == 0:
        return Course("inbound", None, started + 2, started + 900 + place * 60)
    if place % 4 == 1:
        return Course("outbound", None, started + 75, started + 300)
    return Course("inbound", "agents_did_not_answer", None, started + 90)


def voicemail_at(course: Course, numbers: Numbers) -> int | None:
    """Return when a voicemail is ready: mostly soon, sometimes many hours later."""
    if course.reason in (None, "short_abandoned", "abandoned_in_ivr") or numbers[17] % 3:
        return None
    slow = numbers[17] % 12 == 0
    return course.ended_at + (numbers[17] % 80_000 if slow else 15 + numbers[17] % 240)


def final_cost(course: Course, numbers: Numbers) -> str:
    """Return the cost, US cents as text, that a call has after finalisation."""
    if course.direction == "inbound" or course.answered_at is None:
        return "0.0"
    minutes = (course.ended_at - course.answered_at) // 60 + 1
    return f"{minutes * (1 + numbers[20] % 3)}.0"
