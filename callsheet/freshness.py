"""Until when a data flow counts as fresh: pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from callsheet.cadence import planned
from callsheet.data_flow import DataFlow

_GRACE = timedelta(minutes=10)
"""For the run of the second slot to be done."""


def fresh_until(flow: DataFlow, last_success: datetime) -> datetime | None:
    """Return when the flow becomes stale: two slots after a success have brought no other.

    Slots, not hours: a flow that rests at night is not stale in the morning. None: it is not
    scheduled.
    """
    first = planned(flow, last_success).next_run_at
    second = None if first is None else planned(flow, first).next_run_at
    return None if second is None else second + _GRACE
