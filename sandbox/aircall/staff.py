"""Invent the company: its people and their shifts, its teams, lines and tags."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.aircall import names
from sandbox.aircall.draws import Dice, pick
from sandbox.aircall.greetings import listed_messages
from sandbox.aircall.lines import LINES, TEAMS, Line
from sandbox.aircall.records import API, Record, iso

USER_IDS, NUMBER_IDS, TEAM_IDS, TAG_IDS = 2_104_500, 1_402_231, 268_101, 3_071_840
CUSTOM_TAG_IDS = 3_078_120
AGENTS = 42
# Two of them have left: their calls stay, without a user.
FORMER = 2
_SHIFTS = ((0, 8), (0, 8), (1, 9), (2, 10), (4, 12))
_LANGUAGES = {"fr": "fr-FR", "de": "de-DE", "en": "en-US"}


@dataclass(frozen=True, slots=True)
class Agent:
    """One person: the API's document, and the hours it works."""

    id: int
    record: Record
    team: str
    begins: int
    ends: int
    employed: bool

    def works_at(self, hour: int) -> bool:
        """Say whether a local hour lies in the shift."""
        return self.begins <= hour < self.ends


@dataclass(frozen=True, slots=True)
class Staff:
    """Everybody, and who may answer a line in a local hour."""

    agents: tuple[Agent, ...]
    rosters: tuple[tuple[tuple[int, ...], ...], ...]


def hire(seed: int, born: int) -> Staff:
    """Return the people of a seeded company."""
    dice = Dice(seed, "staff")
    agents = tuple(_agent(dice, place, born) for place in range(AGENTS))
    return Staff(agents, tuple(_roster(line, agents) for line in LINES))


def _agent(dice: Dice, place: int, born: int) -> Agent:
    numbers = dice.throw(place).numbers
    line = _home_line(place)
    begins, ends = pick(_SHIFTS, numbers[2])
    person = USER_IDS + place * 7 + 1
    name = _name(place, numbers)
    record: Record = {
        "id": person,
        "name": name,
        "email": f"agent{place + 1:02d}@example.com",
        "direct_link": f"{API}/v1/users/{person}",
        "language": _LANGUAGES[line.language],
        "created_at": iso(born - (560 - place * 13) * 86_400 + numbers[3]),
        "time_zone": line.time_zone,
        "state": "always_opened",
        "wrap_up_time": pick((0, 15, 20, 30, 45), numbers[4]),
        "extension": f"{place + 1:03d}",
        "availability_status": pick(("available",) * 6 + ("custom", "unavailable"), numbers[5]),
        "available": True,
        "default_number_id": NUMBER_IDS + LINES.index(line) if numbers[6] % 3 else None,
        "substatus": "Back office" if numbers[5] % 8 == 7 else "always_opened",
    }
    employed = place < AGENTS - FORMER
    return Agent(person, record, line.team, line.opens + begins, line.opens + ends, employed)


def _home_line(place: int) -> Line:
    # Busier lines have more people: the running shares are walked at even steps.
    total = sum(line.share for line in LINES)
    target = (place * 17 % AGENTS + 0.5) * total / AGENTS
    for line in LINES:
        target -= line.share
        if target < 0:
            return line
    return LINES[0]


def _name(place: int, numbers: tuple[int, ...]) -> str:
    if place % 4 == 3 and place // 4 < len(names.HOSTILE_USERS):
        return names.HOSTILE_USERS[place // 4]
    return f"{pick(names.FIRST, place)} {pick(names.LAST, numbers[0])}"


def _roster(line: Line, agents: tuple[Agent, ...]) -> tuple[tuple[int, ...], ...]:
    mates = [agent for agent in agents if agent.team == line.team]
    return tuple(tuple(a.id for a in mates if a.works_at(hour)) for hour in range(24))


def number_records(born: int) -> list[Record]:
    """Return the documents of the lines, oldest first."""
    return [_number(place, line, born) for place, line in enumerate(LINES)]


def _number(place: int, line: Line, born: int) -> Record:
    return {
        "id": NUMBER_IDS + place,
        "digits": line.phone.shown,
        "direct_link": f"{API}/v1/numbers/{NUMBER_IDS + place}",
        "name": line.name,
        "country": line.phone.country,
        "time_zone": line.time_zone,
        "availability_status": "closed" if line.closes == 0 else "custom",
        "is_ivr": line.is_ivr,
        "live_recording_activated": line.records,
        "priority": place % 2,
        "messages": listed_messages(line.language, line.phone.country),
        "created_at": iso(born - (550 - place * 40) * 86_400 + 1_872),
        "open": line.closes > 0,
    }


def team_records(staff: Staff, born: int) -> list[Record]:
    """Return the documents of the teams; `users` holds ids here."""
    return [
        {
            "id": TEAM_IDS + place,
            "name": name,
            "direct_link": f"{API}/v1/teams/{TEAM_IDS + place}",
            "created_at": iso(born - (548 - place * 50) * 86_400 + 613),
            "users": [a.id for a in staff.agents if a.team == name and a.employed],
        }
        for place, name in enumerate(TEAMS)
    ]


def tag_records() -> list[Record]:
    """Return the system tags and the company's own."""
    system = [
        {"id": TAG_IDS + place, "name": name, "color": color, "description": code}
        for place, (name, color, code) in enumerate(names.SYSTEM_TAGS)
    ]
    own = [
        {"id": CUSTOM_TAG_IDS + place, "name": name, "color": color, "description": None}
        for place, (name, color) in enumerate(names.CUSTOM_TAGS)
    ]
    return [*system, *own]
