"""Data flows and starting their runs."""

from __future__ import annotations

from flask import Blueprint

from backend import connections, flows
from backend.api import PREFIX, answers, api
from backend.auth import current_caller, current_session
from backend.inputs import FlowBody, FlowChange
from backend.options import merged
from backend.outputs import ChangedFlow, RunOut, StartedOut
from backend.services import current_services
from callsheet.options import FlowOptions

routes = Blueprint("flows", __name__, url_prefix=f"{PREFIX}/flows")


@routes.post("")
@api.validate(resp=answers(401, 403, 404, HTTP_202=StartedOut), tags=["flows"])
def create(json: FlowBody) -> tuple[StartedOut, int]:
    """Import an entity: make its data flow, or change the one there is, and start a run.

    There is one data flow per spreadsheet and entity. When it has an active run already, that
    one is answered and goes on as it began.
    """
    services, session = current_services(), current_session()
    entity = flows.entity_named(services, json.entity)
    connection = connections.require_current(services, session.spreadsheet_id)
    before = flows.options_now(services, connection, entity)
    options = merged(entity, before, json.options)
    since, warnings = flows.checked_since(services, session, entity, json.since, options)
    schedule = None if json.schedule is None else json.schedule.value()
    wanted = flows.Change(since, schedule, options)
    flow = flows.make_or_change(services, session, connection, entity, wanted)
    run, _ = flows.start_run(services, flow)
    started = StartedOut(
        flow=flows.flow_out(services, flow), run=RunOut.model_validate(run), warnings=warnings
    )
    return started, 202


@routes.patch("/<flow_id>")
@api.validate(resp=answers(401, 403, 404, HTTP_200=ChangedFlow), tags=["flows"])
def change(flow_id: str, json: FlowChange) -> ChangedFlow:
    """Change start date, schedule or options; the next run follows them."""
    services, session = current_services(), current_session()
    flow = services.flows.get(session.spreadsheet_id, flow_id)
    since: str | None = None
    options: FlowOptions | None = None
    warnings: list[str] = []
    if json.since is not None or json.options is not None:
        entity = flows.entity_named(services, flow.entity)
        options = merged(entity, flow.options, json.options)
        given = json.since or flow.since
        since, warnings = flows.checked_since(services, session, entity, given, options)
    schedule = None if json.schedule is None else json.schedule.value()
    flow = flows.change(services, session, flow_id, flows.Change(since, schedule, options))
    return ChangedFlow(flow=flows.flow_out(services, flow), warnings=warnings)


@routes.delete("/<flow_id>")
@api.validate(resp=answers(401, 403, 404, HTTP_204=None), tags=["flows"])
def remove(flow_id: str) -> tuple[str, int]:
    """Forget the data flow and its schedule; its tab stays as it is."""
    services, session = current_services(), current_session()
    services.flows.remove(services.flows.get(session.spreadsheet_id, flow_id))
    return "", 204


@routes.post("/<flow_id>/runs")
@api.validate(
    resp=answers(401, 403, 404, 429, HTTP_200=RunOut, HTTP_202=RunOut),
    security=[{"session": []}, {"flow_key": []}],
    tags=["flows", "runs"],
)
def refresh(flow_id: str) -> tuple[RunOut, int]:
    """Refresh now: 202 with a new run, or 200 with the run that is active already.

    With a session, or from another program with the flow's own key as the bearer token.
    """
    services, caller = current_services(), current_caller()
    flow = services.flows.get(caller.spreadsheet_id, flow_id)
    run, is_new = flows.start_run(services, flow, caller.trigger)
    return RunOut.model_validate(run), 202 if is_new else 200
