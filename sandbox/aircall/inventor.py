"""Invent any call of the world from its index alone."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache

from sandbox.aircall.call_facts import (
    CallFacts,
    Course,
    Numbers,
    course_of,
    final_cost,
    live_course,
    voicemail_at,
)
from sandbox.aircall.draws import Dice, pick
from sandbox.aircall.lines import LINES, Line, pattern_of
from sandbox.aircall.phones import Phone, phone_in
from sandbox.aircall.plan import Plan
from sandbox.aircall.staff import Staff
from sandbox.aircall.timetable import TimeTable

CALL_IDS, ID_STEP = 4_300_000_017, 1009
"""Call ids lie beyond 32 bits; the room between two of them takes in calls added by hand."""

_FINALISED = (90, 1110)


@dataclass(frozen=True, slots=True)
class Party:
    """One person who may call: the contact's id, and the number it calls from."""

    contact_id: int
    phone: Phone


class Inventor:
    """Turn call indexes into facts."""

    def __init__(self, plan: Plan, table: TimeTable, staff: Staff, parties: list[Party]) -> None:
        self._plan = plan
        self._table = table
        self._staff = staff
        self._parties = parties
        self._dice = Dice(plan.seed, "calls")
        # Not a decorator on the method: that would keep every world of a test run alive.
        self.facts = lru_cache(maxsize=4096)(self._invent)

    @staticmethod
    def id_of(index: int) -> int:
        """Return the id of the call with an index."""
        return CALL_IDS + index * ID_STEP + index * 7 % 11

    def index_of(self, call_id: int) -> int | None:
        """Return the index of a call id, None if no generated call can have it."""
        index = (call_id - CALL_IDS) // ID_STEP
        return index if index >= 0 and self.id_of(index) == call_id else None

    def shifted(self, index: int, now: int) -> bool:
        """Say whether finalisation has moved the start of a call by a second."""
        facts = self.facts(index)
        return facts.shifts and facts.finalised_at <= now

    def _invent(self, index: int) -> CallFacts:
        numbers, token = self._dice.throw(index)
        started = self._table.start_of(index)
        place, staffed, roster = self._line_at(started, numbers[0])
        line = LINES[place]
        course = course_of(line, started, numbers, staffed=staffed)
        if 0 <= index - self._plan.live_from < self._plan.calls - self._plan.live_from:
            course = live_course(index - self._plan.live_from, started)
        ended = course.ended_at
        user = _who(course, numbers, roster)
        contact, phone = self._party(line, numbers, course)
        low, spread = _FINALISED
        return CallFacts(
            id=self.id_of(index),
            token=token,
            started_at=started,
            course=course,
            finalised_at=ended + low + numbers[9] % spread,
            shifts=numbers[10] % 40 == 0,
            miscounts=numbers[10] % 3 == 0,
            line=place,
            user_id=user,
            contact_id=contact,
            phone=phone,
            cost=final_cost(course, numbers),
            recording_at=_recording_at(line, course, numbers),
            voicemail_at=voicemail_at(course, numbers),
            archived_at=ended + 3600 + numbers[15] * 4 if numbers[15] % 6 == 0 else None,
            assigned=_assigned(course, numbers, roster),
            transfer=_transfer(course, numbers, user, roster),
            numbers=numbers,
        )

    def _line_at(self, started: int, draw: int) -> tuple[int, bool, tuple[int, ...]]:
        pattern = pattern_of(started // 3600)
        place = bisect_right(pattern.running, draw / 65536 * pattern.weight)
        place = min(place, len(LINES) - 1)
        roster = self._staff.rosters[place][pattern.local_hours[place]]
        return place, pattern.open_lines[place] and bool(roster), roster

    def _party(
        self, line: Line, numbers: Numbers, course: Course
    ) -> tuple[int | None, Phone | None]:
        if course.direction == "inbound" and numbers[5] % 50 == 7:
            return None, None
        if numbers[5] % 100 < 55 and self._parties:
            party = pick(self._parties, numbers[6] << 16 | numbers[7])
            return party.contact_id, party.phone
        return None, phone_in(line.phone.country, numbers[8])


def _who(course: Course, numbers: Numbers, roster: tuple[int, ...]) -> int | None:
    """Return who took or made the call: nobody, if it was a missed inbound one."""
    if not roster or (course.direction == "inbound" and course.answered_at is None):
        return None
    return pick(roster, numbers[4])


def _recording_at(line: Line, course: Course, numbers: Numbers) -> int | None:
    # Real accounts have recordings on lines that say they do not record, and the reverse.
    if course.answered_at is None or numbers[22] % 10 >= (8 if line.records else 2):
        return None
    return course.ended_at + 5 + numbers[22] % 90


def _assigned(course: Course, numbers: Numbers, roster: tuple[int, ...]) -> tuple[int, int] | None:
    if course.reason is None or numbers[18] % 9 or not roster:
        return None
    return pick(roster, numbers[19]), course.ended_at + 600 + numbers[18]


def _transfer(
    course: Course, numbers: Numbers, user: int | None, roster: tuple[int, ...]
) -> tuple[int, int] | None:
    if course.direction == "outbound" or user is None or numbers[18] % 25 or len(roster) < 2:
        return None
    return pick([mate for mate in roster if mate != user], numbers[19]), user
