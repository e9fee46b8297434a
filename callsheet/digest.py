"""Digest: once a day, how all data flows of a spreadsheet are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from callsheet.notice import OPENINGS, Message, Notice, address, one_line
from callsheet.run import Run, RunState

HOUR = 8
"""At which hour of the spreadsheet's day the digest comes."""

DAY = timedelta(days=1)


def next_digest(zone: str, after: datetime) -> datetime:
    """Return the next 08:00 after this instant by the clock of the zone, in UTC."""
    local = after.astimezone(ZoneInfo(zone))
    at = local.replace(hour=HOUR, minute=0, second=0, microsecond=0, fold=0)
    while at.astimezone(UTC) <= after:
        at += DAY
    return at.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class FlowDay:
    """What a data flow did since the last digest."""

    label: str
    succeeded: int
    failed: int
    rows_added: int
    rows_updated: int
    notice: Notice | None


def digest(spreadsheet_id: str, days: Sequence[FlowDay]) -> Message:
    """Return what is told once a day about all flows of a spreadsheet."""
    unwell = sum(1 for day in days if day.notice)
    heading = f"{unwell} of {len(days)} data flows need a look" if unwell else "all is well"
    lines = [
        _day_line(day) for day in sorted(days, key=lambda day: (day.notice is None, day.label))
    ]
    text = "The last day of this spreadsheet's data flows:\n\n" + "\n".join(lines) + "\n\n"
    return Message(f"Callsheet: {heading}", text + address(spreadsheet_id))


def _day_line(day: FlowDay) -> str:
    if day.notice:
        return f"- {one_line(day.label)}: {OPENINGS[day.notice.kind]}. {day.notice.sentence}"
    runs = f"{day.succeeded} of {day.succeeded + day.failed} runs succeeded"
    return (
        f"- {one_line(day.label)}: {runs}; {day.rows_added} rows added, {day.rows_updated} updated"
    )


def day_of(label: str, runs: Iterable[Run], notice: Notice | None, since: datetime) -> FlowDay:
    """Return what these runs of a flow came to since this instant."""
    ended = [run for run in runs if run.ended_at is not None and run.ended_at >= since]
    well = [run for run in ended if run.state is RunState.SUCCEEDED]
    return FlowDay(
        label,
        succeeded=len(well),
        failed=sum(1 for run in ended if run.state in (RunState.FAILED, RunState.LOST)),
        rows_added=sum(run.counts.rows_added for run in well),
        rows_updated=sum(run.counts.rows_updated for run in well),
        notice=notice,
    )
