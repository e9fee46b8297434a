"""What is done with data flows at one click: pause, resume, undo, duplicate, one of each."""

from __future__ import annotations

from flask import Blueprint

from backend.api import PREFIX, answers, api
from backend.auth import current_session
from backend.flow_outputs import FlowOut, OneOfEachOut
from backend.flows import flow_out, flows_out
from backend.inputs import OneOfEachBody
from backend.outputs import RunOut
from backend.services import current_services
from callsheet.flows import changing, making
from callsheet.flows.context import connection_of
from callsheet.flows.starting import start_run, start_undo

routes = Blueprint("flow_actions", __name__, url_prefix=f"{PREFIX}/flows")


@routes.post("/<flow_id>/pause")
@api.validate(resp=answers(401, 403, 404, HTTP_200=FlowOut), tags=["flows"])
def pause(flow_id: str) -> FlowOut:
    """Let the schedule rest until somebody resumes it; refreshing by hand goes on to work."""
    services, session = current_services(), current_session()
    return flow_out(services, changing.pause(services, session.spreadsheet_id, flow_id))


@routes.post("/<flow_id>/resume")
@api.validate(resp=answers(401, 403, 404, HTTP_200=FlowOut), tags=["flows"])
def resume(flow_id: str) -> FlowOut:
    """Let the schedule go on, whoever or whatever has paused it."""
    services, session = current_services(), current_session()
    return flow_out(services, changing.resume(services, session.spreadsheet_id, flow_id))


@routes.post("/<flow_id>/undo")
@api.validate(resp=answers(400, 401, 403, 404, HTTP_202=RunOut), tags=["flows", "runs"])
def undo(flow_id: str) -> tuple[RunOut, int]:
    """Take the last replacing import back: 202 with the run that puts the data before it in place.

    They are kept for a day. Then the schedule rests, since it would bring the same data again.
    """
    services, session = current_services(), current_session()
    flow = services.flows.get(session.spreadsheet_id, flow_id)
    return RunOut.model_validate(start_undo(services, flow)), 202


@routes.post("/<flow_id>/duplicate")
@api.validate(resp=answers(401, 403, 404, HTTP_201=FlowOut), tags=["flows"])
def duplicate(flow_id: str) -> tuple[FlowOut, int]:
    """Make a paused copy with a tab of its own, to be changed and resumed."""
    services, session = current_services(), current_session()
    return flow_out(services, making.copy(services, session, flow_id)), 201


@routes.post("/one-of-each")
@api.validate(resp=answers(401, 403, 404, HTTP_202=OneOfEachOut), tags=["flows"])
def one_of_each(json: OneOfEachBody) -> tuple[OneOfEachOut, int]:
    """Make a data flow for every entity that has none, and start their first runs.

    Short lists are imported first, so that eight tabs are full while calls still arrive.
    """
    services, session = current_services(), current_session()
    connection = connection_of(services, session.spreadsheet_id)
    made, there = making.one_of_each(services, session, connection, json.since)
    for flow in made:
        start_run(services, flow)
    return OneOfEachOut(made=flows_out(services, made), kept=flows_out(services, there)), 202
