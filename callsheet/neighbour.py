"""Whose refresh comes right before another one, within one Aircall account: pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from callsheet.cadence import next_slot
from callsheet.stagger import Claim

_WITHIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """The flow of that id has its slot so long before."""

    id: str
    gap: timedelta


def one_before(claims: Iterable[Claim], slot: datetime) -> Neighbour | None:
    """Return who comes last before this slot, or with it; None: nobody in the hour before.

    claims: of the others, each in its place.
    """
    found = [
        Neighbour(claim.id, slot - latest)
        for claim in claims
        if (latest := _last_until(claim, slot)) is not None
    ]
    return min(found, key=lambda one: (one.gap, one.id), default=None)


def _last_until(claim: Claim, slot: datetime) -> datetime | None:
    offset = timedelta(seconds=claim.offset or 0)
    latest, after = None, slot - _WITHIN
    while True:
        found = next_slot(claim.schedule, claim.zone, after, offset)
        if found is None or found > slot:
            return latest
        latest = after = found
