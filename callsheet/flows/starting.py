"""Runs of data flows that a person starts."""

from __future__ import annotations

import secrets

from callsheet.data_flow import DataFlow
from callsheet.enqueue import enqueue_run
from callsheet.errors import NotFound
from callsheet.flows.changing import wake
from callsheet.flows.context import Stores
from callsheet.run import Run, RunState, Trigger


def start_run(
    stores: Stores, flow: DataFlow, trigger: Trigger = Trigger.MANUAL
) -> tuple[Run, bool]:
    """Start a run by hand and wake the flow; or return its active run and False.

    Raises NotFound when the flow or its connection is gone.
    """
    try:
        stores.connections.get(flow.spreadsheet_id, flow.connection_id)
    except NotFound as error:
        raise NotFound(str(error), message="Connect to Aircall first.") from None
    wake(stores, flow)
    run = Run(
        id=secrets.token_hex(12),
        flow_id=flow.id,
        spreadsheet_id=flow.spreadsheet_id,
        entity=flow.entity,
        trigger=trigger,
        state=RunState.QUEUED,
        created_at=stores.clock.now(),
    )
    run, is_new = stores.runs.start(run)
    if is_new:
        enqueue_run(stores.redis, run, job_timeout=stores.settings.job_timeout)
    return run, is_new
