"""Runs of data flows that a person starts."""

from __future__ import annotations

from callsheet.data_flow import DataFlow
from callsheet.enqueue import enqueue_run, new_run
from callsheet.errors import InvalidRequest, NotFound
from callsheet.flows.changing import wake
from callsheet.flows.context import Stores
from callsheet.run import Run, Trigger


def start_run(
    stores: Stores, flow: DataFlow, trigger: Trigger = Trigger.MANUAL
) -> tuple[Run, bool]:
    """Start a run by hand and wake the flow; or return its active run and False.

    Where a person asks, that run then comes before all that nobody waits for. Raises NotFound when
    the flow or its connection is gone.
    """
    _require_connection(stores, flow)
    wake(stores, flow)
    run, is_new = _start(stores, flow, trigger)
    if trigger is Trigger.MANUAL and not is_new:
        run = _hurry(stores, run)
    return run, is_new


def start_undo(stores: Stores, flow: DataFlow) -> Run:
    """Start a run that takes the flow's last replacing import back.

    Raises NotFound as above, InvalidRequest while another run of the flow is active.
    """
    _require_connection(stores, flow)
    run, is_new = _start(stores, flow, Trigger.UNDO)
    if not is_new and run.trigger is not Trigger.UNDO:
        raise InvalidRequest(
            f"run {run.id} is active",
            message="An import into this tab is running. Wait until it is over, or cancel it, and "
            "try again.",
        )
    return run


def _start(stores: Stores, flow: DataFlow, trigger: Trigger) -> tuple[Run, bool]:
    run = new_run(flow, trigger, stores.clock.now())
    run, is_new = stores.runs.start(run)
    if is_new:
        enqueue_run(stores.redis, run, job_timeout=stores.settings.job_timeout)
    return run, is_new


def _hurry(stores: Stores, run: Run) -> Run:
    promoted = stores.runs.promote(run)
    if promoted.queue is not run.queue:
        enqueue_run(stores.redis, promoted, job_timeout=stores.settings.job_timeout)
    return promoted


def _require_connection(stores: Stores, flow: DataFlow) -> None:
    try:
        stores.connections.get(flow.spreadsheet_id, flow.connection_id)
    except NotFound as error:
        raise NotFound(str(error), message="Connect to Aircall first.") from None
