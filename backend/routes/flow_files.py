"""The data flows of a spreadsheet as a YAML file."""

from __future__ import annotations

from flask import Blueprint, request

from backend.api import PREFIX, answers, api
from backend.auth import current_session
from backend.flow_outputs import AppliedOut, FlowFileOut, StepOut
from backend.inputs import FlowFileBody
from backend.services import current_services
from callsheet.flows.context import connection_of
from callsheet.flows.file import read_flows, write_flows
from callsheet.flows.lined_yaml import LONGEST
from callsheet.flows.plan import apply_plan, plan_file

routes = Blueprint("flow_files", __name__, url_prefix=f"{PREFIX}/flows/file")

_MOST_BYTES = 5 * LONGEST
"""Room for a file as long as one may be, as a string of JSON: the reader says which is too long."""


@routes.before_request
def _take_whole_files() -> None:
    request.max_content_length = _MOST_BYTES


@routes.get("")
@api.validate(resp=answers(401, 403, HTTP_200=FlowFileOut), tags=["flows"])
def show() -> FlowFileOut:
    """Show the data flows as a file to be kept, or applied to another spreadsheet; no secret."""
    services, session = current_services(), current_session()
    found = services.flows.of_spreadsheet(session.spreadsheet_id)
    return FlowFileOut(yaml=write_flows(found, services.catalogue))


@routes.put("")
@api.validate(resp=answers(401, 403, 404, HTTP_200=AppliedOut), tags=["flows"])
def apply(json: FlowFileBody) -> AppliedOut:
    """Make, change and, with `prune`, remove data flows as the file says; twice changes nothing.

    With `dry_run`, only what would happen is answered. Tabs are never deleted.
    """
    services, session = current_services(), current_session()
    connection = connection_of(services, session.spreadsheet_id)
    steps = plan_file(services, session, connection, read_flows(json.yaml), prune=json.prune)
    if not json.dry_run:
        apply_plan(services, session, connection, steps)
    return AppliedOut(dry_run=json.dry_run, flows=[StepOut.of(step) for step in steps])
