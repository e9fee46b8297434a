"""What a run makes of its data flow: the order before it, the flow as it is left after it; pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from callsheet.cadence import failed_once_more, is_deep_due, longest_gap, next_refresh, succeeded
from callsheet.catalogue import entity_named
from callsheet.data_flow import DataFlow
from callsheet.errors import CallsheetError, Recovery
from callsheet.order import Order, Outcome
from callsheet.run import Run, Trigger
from callsheet.shaping import shape


def order_of(flow: DataFlow, run: Run, now: datetime) -> Order:
    """Return what a slice of the run has to import."""
    entity = entity_named(flow.entity)
    return Order(
        entity=entity,
        spreadsheet_id=flow.spreadsheet_id,
        flow_key=flow.tab_key,
        tab_title=flow.tab_title or shape(entity, flow.options).default_tab_title,
        since=flow.since,
        mode=flow.write_mode,
        options=flow.options,
        bookmark=flow.bookmark,
        deep=is_deep_due(flow, now),
        # A person who presses the button wants the tab; anything else respects that it was deleted.
        may_create_tab=flow.tab_id is None or run.trigger is Trigger.MANUAL,
        gap=longest_gap(flow.schedule.cadence),
        next_refresh=_next_refresh(flow, now),
    )


def _next_refresh(flow: DataFlow, now: datetime) -> datetime | None:
    """Return when the refresh after this one is due; None while the schedule is off or paused."""
    due = succeeded(flow, now).next_run_at
    return due if due is None or due > now else next_refresh(flow, now)


def after_success(flow: DataFlow, *, outcome: Outcome, now: datetime) -> DataFlow:
    """Return the flow after a run that succeeded."""
    flow = replace(
        flow,
        tab_id=outcome.tab_id,
        tab_title=outcome.tab_title,
        deep_read_at=outcome.began_at if outcome.is_deep else flow.deep_read_at,
    )
    return succeeded(flow, now)


def after_failure(flow: DataFlow, *, error: CallsheetError, now: datetime) -> DataFlow:
    """Return the flow after a run that failed: tried again later, or paused for a person."""
    if error.recovery is Recovery.FIX_BY_USER:
        failures = flow.failures + 1
        why = error.user_message
        return replace(flow, failures=failures, paused_because=why, next_run_at=None, retry_at=None)
    return failed_once_more(flow, now)
