"""Schedules that are being chosen: what they would mean."""

from __future__ import annotations

from flask import Blueprint

from backend.api import PREFIX, answers, api
from backend.auth import current_session
from backend.flow_outputs import SchedulePreviewOut
from backend.inputs import SchedulePreviewBody
from backend.services import current_services
from callsheet.flows.context import connection_of
from callsheet.flows.preview import preview

routes = Blueprint("schedules", __name__, url_prefix=f"{PREFIX}/schedule-previews")


@routes.post("")
@api.validate(resp=answers(401, 403, 404, HTTP_200=SchedulePreviewOut), tags=["schedules"])
def create(json: SchedulePreviewBody) -> SchedulePreviewOut:
    """Say what a schedule would mean: in words, when next, and why then. Nothing is kept."""
    services, session = current_services(), current_session()
    spreadsheet_id = session.spreadsheet_id
    flow = None if json.flow_id is None else services.flows.get(spreadsheet_id, json.flow_id)
    account = flow.account if flow else connection_of(services, spreadsheet_id).account
    found = preview(services, spreadsheet_id, account, session.zone, json.schedule.value(), flow)
    return SchedulePreviewOut.of(found)
