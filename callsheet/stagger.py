"""Where the slots of one Aircall account's flows lie, so that they do not collide: pure.

Every flow gets an offset, by which its slots are later than its schedule says. The slots of any
two flows are then at least ten minutes apart, or as far apart as their number allows. The rules:

- A flow with an interval keeps its offset as long as that is far enough from all others.
- A flow with a time of day keeps its time; only if that collides it moves on, by ten minutes at a
  time. Should what it collides with go away, it moves back.
- Everything of one account lies up to five minutes after the round time, another stretch for each
  account; and intervals begin somewhere else in the hour: nothing piles up at the full hour.

A week is laid out as a circle of seconds (UTC, with the zones' offsets of the moment), on which
each flow marks its slots: a weekly one a single time, one of every 15 minutes 672 times.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from callsheet.schedule import Schedule

APART = 600
"""Seconds that the slots of two flows are apart, if there is room."""

_DAY, _WEEK = 86_400, 7 * 86_400
_JITTER = 300
_FURTHEST = 7_200
"""Seconds that a time of day may be moved on."""
_SHORTER = (APART, 450, 300, 225, 150, 100, 75, 50, 25, 10, 5, 2, 1)
"""How far apart, and in which steps, a time of day is moved on: where there is no room, shorter."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a flow needs. offset: where it lies now, in seconds; None: nowhere yet."""

    id: str
    schedule: Schedule
    zone: ZoneInfo
    offset: int | None = None


def place(claims: Iterable[Claim], account: str, now: datetime) -> dict[str, int]:
    """Return the offset of every flow, in seconds.

    claims: of all flows of the account that have a rhythm, the oldest first: of two that collide
    the older one stays. now: at which the zones are ahead of UTC by so much.
    """
    spots = [spot for claim in claims if (spot := _Spot.of(claim, account, now)) is not None]
    intervals = sorted((s for s in spots if not s.is_timed), key=lambda spot: spot.room)
    timed = [spot for spot in spots if spot.is_timed]
    wanted = _Circle()
    for spot in timed:
        wanted.mark(spot, spot.jitter)
    circle, offsets = next(
        placed
        for apart in _distances(intervals)
        for keeping in (True, False)
        if (placed := _place_intervals(intervals, wanted, apart, keeping=keeping)) is not None
    )
    return offsets | _place_timed(timed, circle)


@dataclass(frozen=True, slots=True)
class _Spot:
    """A claim in seconds. room: its offsets lie within 0 <= offset < room."""

    id: str
    marks: tuple[int, ...]
    room: int
    offset: int | None
    is_timed: bool
    is_rooted: bool
    jitter: int
    turn: int

    @classmethod
    def of(cls, claim: Claim, account: str, now: datetime) -> _Spot | None:
        schedule = claim.schedule
        if schedule.step is None:
            return None
        step, length = _seconds(schedule.step), _seconds(schedule.length)
        ahead = _seconds(now.astimezone(claim.zone).utcoffset() or timedelta())
        start = _seconds(schedule.start) - ahead
        days = [day for day in range(7) if schedule.includes(day)]
        number = _number(account)
        return cls(
            id=claim.id,
            marks=tuple(start + day * _DAY + at for day in days for at in range(0, length, step)),
            room=min(step, length),
            offset=claim.offset,
            is_timed=schedule.cadence.is_timed,
            is_rooted=schedule.hours is not None,
            jitter=number % _JITTER,
            turn=number // _JITTER,
        )

    def candidates(self, base: int, apart: int) -> list[int]:
        """Return the offsets to try, best first: in steps of `apart` within each `base`."""
        found = [
            (self.jitter + start + step) % self.room
            for start in range(0, self.room, base)
            for step in range(0, base - apart + 1, max(apart, 1))
        ] or [self.jitter]
        # Working hours begin when they begin; all others take turns in the hour and in the day.
        turn = 0 if self.is_rooted else self.turn % len(found)
        return found[turn:] + found[:turn]


class _Circle:
    """The seconds of a week at which something happens already."""

    def __init__(self) -> None:
        self._marks: list[int] = []

    def mark(self, spot: _Spot, offset: int) -> None:
        self._marks.extend((mark + offset) % _WEEK for mark in spot.marks)
        self._marks.sort()

    def has_room(self, spot: _Spot, offset: int, apart: int) -> bool:
        """Whether all of the spot's slots would be so far from all others."""
        return all(self._is_far((mark + offset) % _WEEK, apart) for mark in spot.marks)

    def _is_far(self, mark: int, apart: int) -> bool:
        if not self._marks:
            return True
        after = bisect_left(self._marks, mark)
        behind = (mark - self._marks[after - 1]) % _WEEK
        ahead = (self._marks[after % len(self._marks)] - mark) % _WEEK
        return behind >= apart and ahead >= apart


def _place_intervals(
    spots: list[_Spot], wanted: _Circle, apart: int, *, keeping: bool
) -> tuple[_Circle, dict[str, int]] | None:
    """Return all of them in their places, so far apart; None if there is no room for one."""
    circle, offsets = _Circle(), dict[str, int]()
    base = min((spot.room for spot in spots), default=0)
    for spot in spots if keeping else ():
        kept = spot.offset
        if kept is not None and kept < spot.room and circle.has_room(spot, kept, apart):
            offsets[spot.id] = kept
            circle.mark(spot, kept)
    for spot in spots:
        if spot.id not in offsets:
            found = _best(spot.candidates(base, apart), spot, circle, wanted, apart)
            if found is None:
                return None
            offsets[spot.id] = found
            circle.mark(spot, found)
    return circle, offsets


def _best(
    candidates: list[int], spot: _Spot, circle: _Circle, wanted: _Circle, apart: int
) -> int | None:
    """Return the first with room, rather one that leaves the chosen times of day alone."""
    second_best = None
    for offset in candidates:
        if circle.has_room(spot, offset, apart):
            if wanted.has_room(spot, offset, apart):
                return offset
            if second_best is None:
                second_best = offset
    return second_best


def _place_timed(spots: list[_Spot], circle: _Circle) -> dict[str, int]:
    offsets = {}
    tries: dict[tuple[int, ...], Iterator[tuple[int, int]]] = {}
    for spot in spots:
        # What had no room for a flow has none for the next one of the same times.
        others = tries.setdefault(spot.marks, _later(spot.jitter))
        offsets[spot.id] = next(
            (offset for apart, offset in others if circle.has_room(spot, offset, apart)),
            spot.jitter,
        )
        circle.mark(spot, offsets[spot.id])
    return offsets


def _later(jitter: int) -> Iterator[tuple[int, int]]:
    """Yield how far apart to try, and the offset that a time of day may be moved on by."""
    for apart in (*_SHORTER, 0):
        for offset in range(jitter, jitter + _FURTHEST, max(apart, 1)):
            yield apart, offset


def _distances(spots: list[_Spot]) -> Iterator[int]:
    """Yield how far apart to try, from ten minutes down: equal parts of the shortest interval."""
    marks = sum(len(spot.marks) for spot in spots)
    most = _WEEK // max(marks, 1)
    base = min((spot.room for spot in spots), default=APART)
    yield APART
    for parts in range(1, base + 1):
        apart = base // parts
        if apart < APART and apart <= most:
            yield apart
    yield 0


def _number(account: str) -> int:
    return int.from_bytes(hashlib.sha256(account.encode()).digest()[:8], "big")


def _seconds(length: timedelta) -> int:
    return int(length.total_seconds())
