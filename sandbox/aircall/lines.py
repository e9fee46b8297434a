"""The company's lines: where they ring, when they are open and how busy each hour is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sandbox.aircall.phones import Phone

# Share of a working day's calls in each local hour from 07:00 to 20:00; the night is a trickle.
_CURVE = {7: 2, 8: 6, 9: 11, 10: 13, 11: 12, 12: 8, 13: 8, 14: 10, 15: 11, 16: 9, 17: 6, 18: 3}
_TRICKLE = 0.12
_WEEKDAY = (1.15, 1.05, 1.0, 0.97, 0.9, 0.16, 0.08)


@dataclass(frozen=True, slots=True)
class Line:
    """One Aircall number and the habits of those who call it."""

    name: str
    phone: Phone
    time_zone: str
    opens: int
    closes: int
    share: int
    team: str
    language: str = "en"
    is_ivr: bool = False
    records: bool = True
    week_end: bool = False

    def is_open(self, weekday: int, hour: int) -> bool:
        """Say whether somebody should be there in a local hour."""
        return self.opens <= hour < self.closes and (weekday < 5 or self.week_end)

    def weight(self, weekday: int, hour: int) -> float:
        """Return how busy the line is in a local hour."""
        return self.share * _CURVE.get(hour, _TRICKLE) * _WEEKDAY[weekday]


LONG_TEAM = "Order changes, returns and everything else nobody else takes"
_NEW_YORK, _LONDON, _PARIS = "America/New_York", "Europe/London", "Europe/Paris"
LINES = (
    Line("Support US", Phone("+1 202-555-0110", "US"), _NEW_YORK, 8, 20, 22, "Support Americas"),
    Line(
        "US West orders",
        Phone("+1 415-555-0111", "US"),
        "America/Los_Angeles",
        8,
        18,
        10,
        "Support Americas",
        week_end=True,
    ),
    Line("London desk ☎️", Phone("+44 20 7946 0018", "GB"), _LONDON, 8, 19, 18, "Support Europe"),
    Line(
        "=Promo line", Phone("+44 7700 900118", "GB"), _LONDON, 9, 17, 5, "Sales 🚀", records=False
    ),
    Line(
        "Accueil Paris (SVI)",
        Phone("+33 1 99 00 45 67", "FR"),
        _PARIS,
        9,
        18,
        14,
        "Équipe Paris",
        "fr",
        is_ivr=True,
        records=False,
    ),
    Line("Service Lyon", Phone("+33 1 99 00 46 10", "FR"), _PARIS, 9, 18, 6, "Équipe Paris", "fr"),
    Line(
        "Kundendienst Berlin",
        Phone("+49 30 23125 110", "DE"),
        "Europe/Berlin",
        8,
        18,
        12,
        "Kundendienst",
        "de",
        is_ivr=True,
    ),
    Line("Sydney store", Phone("+61 2 5550 0110", "AU"), "Australia/Sydney", 8, 18, 8, "Pacific"),
    # India keeps no range for fiction, so the Bengaluru desk answers a British number.
    Line(
        "Bengaluru night cover",
        Phone("+44 20 7946 0770", "GB"),
        "Asia/Kolkata",
        9,
        21,
        5,
        LONG_TEAM,
    ),
    Line(
        "+Wholesale (closed)",
        Phone("+1 312-555-0188", "US"),
        "America/Chicago",
        0,
        0,
        0,
        "Sales 🚀",
    ),
)
TEAMS = (
    "Support Americas",
    "Support Europe",
    "Sales 🚀",
    "Équipe Paris",
    "Kundendienst",
    "Pacific",
    LONG_TEAM,
    "Pilot",
)


class HourPattern(NamedTuple):
    """One hour of the world: how busy it is, who is called, who is open."""

    weight: float
    running: tuple[float, ...]
    open_lines: tuple[bool, ...]
    local_hours: tuple[int, ...]


@lru_cache(maxsize=20_000)
def pattern_of(hour: int) -> HourPattern:
    """Return the pattern of an hour, counted in hours since 1970."""
    return _pattern(tuple(_local(zone, hour) for zone in (line.time_zone for line in LINES)))


@lru_cache(maxsize=20_000)
def local_hour(zone: str, hour: int) -> int:
    """Return the local hour of the day of an hour since 1970."""
    return _local(zone, hour)[1]


def _local(zone: str, hour: int) -> tuple[int, int]:
    there = datetime.fromtimestamp(hour * 3600, _zone(zone))
    return there.weekday(), there.hour


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@lru_cache(maxsize=4_096)
def _pattern(local: tuple[tuple[int, int], ...]) -> HourPattern:
    pairs = list(zip(LINES, local, strict=True))
    weights = [line.weight(*moment) for line, moment in pairs]
    return HourPattern(
        weight=sum(weights),
        running=tuple(accumulate(weights)),
        open_lines=tuple(line.is_open(*moment) for line, moment in pairs),
        local_hours=tuple(hour for _, hour in local),
    )
