"""Hearing of events from programs that can only POST to an address, such as Aircall's webhooks."""

from __future__ import annotations

from flask import Blueprint, request

from backend.api import PREFIX, PUBLIC, answers, api
from backend.auth import current_caller
from backend.outside import HeardOut
from backend.services import current_services
from callsheet.flows.events import Heard
from callsheet.flows.events import hear as heard

routes = Blueprint("events", __name__, url_prefix=f"{PREFIX}/events")


@routes.post("/<flow_id>/<key>")
@api.validate(
    resp=answers(404, HTTP_200=HeardOut, HTTP_202=HeardOut), security=PUBLIC, tags=["events"]
)
def hear(flow_id: str, key: str) -> tuple[HeardOut, int]:  # noqa: ARG001 - checked at the door
    """Hear that something has happened: 202 when that starts a run, 200 when one covers it.

    The key in the address comes from PUT /flows/{flow_id}/event-address. Events are gathered: a
    run starts at once if the last one began more than five minutes ago, else when that time is
    over; while one runs, one more follows it. A paused flow rests. Any body is taken, none is read.
    """
    request.get_data(cache=False)  # 413 for one that is too large; the rest is dropped
    services, caller = current_services(), current_caller()
    hearing = heard(services, services.flows.get(caller.spreadsheet_id, flow_id))
    return HeardOut.model_validate(hearing), 202 if hearing.outcome is Heard.STARTED else 200
