"""Undo as a run: the data from before the last replacing import are put in their place again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace

from callsheet.catalogue import entity_named
from callsheet.clock import Clock
from callsheet.data_flow import DataFlow
from callsheet.order import Outcome
from callsheet.quality import Quality
from callsheet.run import Counts, Run
from callsheet.shaping import shape
from callsheet.sheets.client import SheetsClient
from callsheet.sheets.spreadsheet import open_spreadsheet

RESTS = (
    "You took the last import back, and the next refresh would bring its data again. Choose "
    "“Refresh now” when you want that."
)
"""Why the schedule of a flow rests after an undo."""


def take_back(
    google: SheetsClient, run: Run, flow: DataFlow, guard: Callable[[], None], clock: Clock
) -> Outcome:
    """Take the flow's last replacing import back; again by another worker, it is done once.

    Raises NothingToUndo, UndoImpossible, TabMissing and the errors of SheetsClient.
    """
    began = clock.now()
    file = open_spreadsheet(google, flow.spreadsheet_id)
    token = _token(run.id)
    if not file.was_undone(flow.tab_key, token):
        entity = shape(entity_named(flow.entity), flow.options)
        file.undo(flow.tab_key, entity, guard=guard, token=token)
    tab = file.facts.ours(flow.tab_key)[0]
    return Outcome(
        tab_id=tab.id,
        tab_title=tab.title,
        span=None,
        counts=Counts(destination_requests=google.requests),
        warnings=("The data from before the last import are back.",),
        quality=Quality(),
        began_at=began,
        is_deep=False,
    )


def resting(flow: DataFlow) -> DataFlow:
    """Return the flow with its schedule at rest after an undo."""
    return replace(flow, paused_because=RESTS, next_run_at=None, retry_at=None)


def _token(run_id: str) -> int:
    """Return the run's number as the id of a tag: positive, and the same for each worker."""
    return int.from_bytes(hashlib.sha256(run_id.encode()).digest()[:4], "big") % (2**31 - 2) + 1
