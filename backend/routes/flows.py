"""Data flows: listed, made, changed, removed, and refreshed now."""

from __future__ import annotations

from flask import Blueprint

from backend.api import PREFIX, answers, api
from backend.auth import current_caller, current_session
from backend.flow_outputs import ChangedFlow, FlowOut, FlowsOut, StartedOut
from backend.flows import flow_out, flows_out, wish_of
from backend.inputs import FlowBody, FlowChange, RemoveQuery
from backend.outputs import RunOut
from backend.services import current_services
from callsheet.data_flow import DataFlow
from callsheet.flows import changing, making
from callsheet.flows.context import connection_of, entity_named
from callsheet.flows.starting import start_run
from callsheet.flows.wish import Wish
from callsheet.options import FlowOptions

routes = Blueprint("flows", __name__, url_prefix=f"{PREFIX}/flows")


@routes.get("")
@api.validate(resp=answers(401, 403, HTTP_200=FlowsOut), tags=["flows"])
def index() -> FlowsOut:
    """List the spreadsheet's data flows, oldest first."""
    services, session = current_services(), current_session()
    found = services.flows.of_spreadsheet(session.spreadsheet_id)
    return FlowsOut(flows=flows_out(services, found))


@routes.post("")
@api.validate(resp=answers(401, 403, 404, HTTP_202=StartedOut), tags=["flows"])
def create(json: FlowBody) -> tuple[StartedOut, int]:
    """Import an entity: make its data flow, or change the one there is, and start a run.

    With `another`, one more flow is made beside those of the same entity; a request that is sent
    twice makes one. When the flow has an active run already, that one is answered and goes on as
    it began.
    """
    services, session = current_services(), current_session()
    entity = entity_named(services, json.entity)
    connection = connection_of(services, session.spreadsheet_id, json.connection_id)
    there = making.of_entity(services, connection, entity)
    changes_one = not json.another and len(there) == 1
    current = there[0].options if changes_one else FlowOptions()
    wish, warnings = wish_of(services, session, entity, json, current, None)
    if json.another:
        flow = making.make(services, session, connection, entity, wish).flow
    else:
        flow = making.make_or_change(services, session, connection, entity, wish)
    run, _ = start_run(services, flow)
    started = StartedOut(
        flow=flow_out(services, flow), run=RunOut.model_validate(run), warnings=warnings
    )
    return started, 202


@routes.get("/<flow_id>")
@api.validate(resp=answers(401, 403, 404, HTTP_200=FlowOut), tags=["flows"])
def show(flow_id: str) -> FlowOut:
    """Show one data flow of the spreadsheet."""
    services, session = current_services(), current_session()
    return flow_out(services, services.flows.get(session.spreadsheet_id, flow_id))


@routes.patch("/<flow_id>")
@api.validate(resp=answers(401, 403, 404, HTTP_200=ChangedFlow), tags=["flows"])
def change(flow_id: str, json: FlowChange) -> ChangedFlow:
    """Change start date, schedule, options, write mode or label; the next run follows them.

    The title of a tab can be chosen until the tab is made.
    """
    services, session = current_services(), current_session()
    warnings: list[str] = []

    def wish_for(flow: DataFlow) -> Wish:
        entity = entity_named(services, flow.entity)
        wish, warnings[:] = wish_of(services, session, entity, json, flow.options, flow.since)
        return wish

    flow = changing.change_as(services, session.spreadsheet_id, flow_id, wish_for)
    return ChangedFlow(flow=flow_out(services, flow), warnings=warnings)


@routes.delete("/<flow_id>")
@api.validate(resp=answers(401, 403, 404, HTTP_204=None), tags=["flows"])
def remove(flow_id: str, query: RemoveQuery) -> tuple[str, int]:
    """Forget the data flow and its schedule; its tab stays, or is deleted a moment later."""
    services, session = current_services(), current_session()
    changing.remove(services, session.spreadsheet_id, flow_id, with_tab=query.with_tab)
    return "", 204


@routes.post("/<flow_id>/runs")
@api.validate(
    resp=answers(401, 403, 404, 429, HTTP_200=RunOut, HTTP_202=RunOut),
    security=[{"session": []}, {"flow_key": []}],
    tags=["flows", "runs"],
)
def refresh(flow_id: str) -> tuple[RunOut, int]:
    """Refresh now: 202 with a new run, or 200 with the run that is active already.

    With a session, or from another program with the flow's own key as the bearer token. A person's
    wish moves an active run that still waits before all that nobody waits for.
    """
    services, caller = current_services(), current_caller()
    flow = services.flows.get(caller.spreadsheet_id, flow_id)
    run, is_new = start_run(services, flow, caller.trigger)
    return RunOut.model_validate(run), 202 if is_new else 200
