"""Runs of data flows that a person starts."""

from __future__ import annotations

from callsheet.data_flow import DataFlow
from callsheet.enqueue import enqueue_run, new_run
from callsheet.errors import NotFound
from callsheet.flows.changing import wake
from callsheet.flows.context import Stores
from callsheet.run import Run, Trigger


def start_run(
    stores: Stores, flow: DataFlow, trigger: Trigger = Trigger.MANUAL
) -> tuple[Run, bool]:
    """Start a run by hand and wake the flow; or return its active run and False.

    Raises NotFound when the flow or its connection is gone.
    """
    try:
        connection = stores.connections.get(flow.spreadsheet_id, flow.connection_id)
    except NotFound as error:
        raise NotFound(str(error), message="Connect to Aircall first.") from None
    wake(stores, flow)
    run = new_run(flow, trigger, stores.clock.now(), account=connection.account)
    run, is_new = stores.runs.start(run)
    if is_new:
        enqueue_run(stores.redis, run, job_timeout=stores.settings.job_timeout)
    return run, is_new
