"""Until when a data flow counts as fresh: pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from callsheet.cadence import next_refresh
from callsheet.data_flow import DataFlow

_GRACE = timedelta(minutes=10)
"""For the run of the second slot to be done."""


def fresh_until(flow: DataFlow, last_success: datetime) -> datetime | None:
    """Return when the flow becomes stale: two slots after a success have brought no other.

    Slots, not hours: a flow that rests at night is not stale in the morning. One that waits for a
    person to mend something is, for its slots pass. None: it is off, or paused by a person.
    """
    flow = replace(flow, paused_because=None)
    first = next_refresh(flow, last_success)
    second = None if first is None else next_refresh(flow, first)
    return None if second is None else second + _GRACE
