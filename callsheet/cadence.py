"""When is the next refresh: pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from callsheet.data_flow import Cadence

_FIRST_BACK_OFF = timedelta(minutes=2)


def next_due(cadence: Cadence, now: datetime, previous: datetime | None = None) -> datetime | None:
    """Return the next refresh after `now`, or None while the cadence is off.

    previous: the slot that has just come due; the rhythm goes on from there, and slots that were
    missed while nobody looked count as one.
    """
    interval = cadence.interval
    if interval is None:
        return None
    if previous is None or previous > now:
        return now + interval
    missed = (now - previous) // interval
    return previous + interval * (missed + 1)


def after_failure(cadence: Cadence, now: datetime, failures: int) -> datetime | None:
    """Return when to try again after so many failures in a row: doubling, up to the cadence."""
    interval = cadence.interval
    if interval is None:
        return None
    back_off: timedelta = _FIRST_BACK_OFF * (1 << min(max(failures, 1) - 1, 16))
    return now + min(interval, back_off)
