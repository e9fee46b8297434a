"""The quality card of a run: what came, against what the source counts, and what looks odd in it.

Only counts, never names or numbers: the card stands in Redis and in logs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any, Protocol

from callsheet.columns import to_e164
from callsheet.entity import Entity, Record

_NOT_NUMBERS = frozenset({"", "anonymous", "unknown", "restricted", "private"})


@dataclass(frozen=True, slots=True)
class Quality:
    """What a run received, and what a person should look at.

    received: different records. total: what the source counts. duplicates: came again, dropped.
    without_id: passed over. missing: counted at the source, but not given. The rest is about
    calls: without_agent: answered, by nobody. without_team: inbound, offered to no team (0 where
    no call has one: teams are not in use). unknown_values: fields with a value of a list that we
    know, but not on it. odd_numbers: cannot be written as E.164. agents_not_in_roster: different
    people; None where there was no roster to compare with.
    """

    received: int = 0
    total: int = 0
    duplicates: int = 0
    without_id: int = 0
    missing: int = 0
    without_agent: int = 0
    without_line: int = 0
    without_team: int = 0
    ended_before_started: int = 0
    unknown_values: int = 0
    odd_numbers: int = 0
    agents_not_in_roster: int | None = None

    def plus(self, other: Quality) -> Quality:
        """Return the card of two stretches read one after the other, the later one `other`.

        How many agents are missing from the roster is the later card's: it knows them all.
        """
        summed = {
            one.name: getattr(self, one.name) + getattr(other, one.name)
            for one in fields(self)
            if one.name != "agents_not_in_roster"
        }
        return Quality(**summed, agents_not_in_roster=other.agents_not_in_roster)


class Tallied(Protocol):
    """What a reader counts (aircall/reading.py)."""

    received: int
    duplicates: int
    without_id: int
    missing: int
    total: int


class QualityCounter:
    """Looks at each record once; cheap enough for a million of them.

    roster: the ids of the users that Aircall has now, where they are known. agents: ids of those
    that earlier slices of the same run have seen.
    """

    def __init__(
        self,
        entity: Entity,
        roster: Iterable[int | str] | None = None,
        agents: Iterable[str] = (),
    ) -> None:
        self._is_calls = entity.name == "calls"
        self._roster = None if roster is None else frozenset(str(one) for one in roster)
        self._agents: set[object] = set(agents)
        self._known = tuple((entity.known_values or {}).items())
        self._unknown = 0
        self._some_team = False
        self._without_agent = self._without_line = self._without_team = 0
        self._ended_early = self._odd_numbers = 0

    def see(self, record: Record) -> None:
        """Count one record."""
        for field, known in self._known:
            value = record.get(field)
            if value is not None and not (isinstance(value, str) and value in known):
                self._unknown += 1
        if self._is_calls:
            self._times(record)
            self._people(record)
            self._number(record)

    @property
    def agents(self) -> tuple[str, ...]:
        """The ids of the agents seen, where there is a roster to compare them with."""
        return tuple(sorted({str(agent) for agent in self._agents}))

    def card(self, tally: Tallied) -> Quality:
        """Return the card, with what the reader has counted."""
        unknown_agents = None
        if self._roster is not None:
            unknown_agents = len(set(self.agents) - self._roster)
        return Quality(
            received=tally.received,
            total=tally.total,
            duplicates=tally.duplicates,
            without_id=tally.without_id,
            missing=tally.missing,
            without_agent=self._without_agent,
            without_line=self._without_line,
            without_team=self._without_team if self._some_team else 0,
            ended_before_started=self._ended_early,
            unknown_values=self._unknown,
            odd_numbers=self._odd_numbers,
            agents_not_in_roster=unknown_agents,
        )

    def _times(self, record: Record) -> None:
        started, ended = record.get("started_at"), record.get("ended_at")
        if isinstance(started, int) and isinstance(ended, int) and ended < started:
            self._ended_early += 1

    def _people(self, record: Record) -> None:
        user = record.get("user")
        if isinstance(user, dict):
            agent = user.get("id")
            if self._roster is not None and isinstance(agent, int | str):
                self._agents.add(agent)
        elif record.get("answered_at") is not None:
            self._without_agent += 1
        if not isinstance(record.get("number"), dict):
            self._without_line += 1
        if record.get("teams"):
            self._some_team = True
        elif record.get("direction") == "inbound":
            self._without_team += 1

    def _number(self, record: Record) -> None:
        raw = record.get("raw_digits")
        if not isinstance(raw, str) or raw.strip().lower() in _NOT_NUMBERS:
            return
        country: Any = record.get("country_code_a2")
        if not country:
            line = record.get("number")
            country = line.get("country") if isinstance(line, dict) else None
        # The same question as the column's, so it is answered from the same cache.
        if to_e164(raw, country if isinstance(country, str) else None) is None:
            self._odd_numbers += 1


def sentences(quality: Quality, rows: str = "records") -> list[str]:
    """Return the card in plain words, the comparison with the source first.

    rows: what the records are called, as "calls".
    """
    found = [f"{quality.received:,} received of {quality.total:,}"]
    found += [
        words.format(count=f"{count:,}", rows=rows)
        for count, words in (
            (quality.missing, "{count} that Aircall counts did not come"),
            (quality.duplicates, "{count} came again and were dropped"),
            (quality.without_id, "{count} without an id, passed over"),
            (quality.without_agent, "{count} answered without an agent"),
            (quality.without_line, "{count} without a line"),
            (quality.without_team, "{count} inbound without a team"),
            (quality.ended_before_started, "{count} ended before they started"),
            (quality.unknown_values, "{count} values that Callsheet does not know"),
            (quality.odd_numbers, "{count} numbers that are no valid phone numbers"),
            (quality.agents_not_in_roster or 0, "{count} agents who are no longer in Aircall"),
        )
        if count
    ]
    if len(found) == 1 and quality.received == quality.total:
        found.append("nothing odd")
    return found
