"""Connecting a spreadsheet to Aircall."""

from __future__ import annotations

from flask import Blueprint

from backend import connections
from backend.api import PREFIX, answers, api
from backend.auth import current_session
from backend.inputs import ConnectionChange, KeyBody
from backend.outputs import ConnectionOut
from backend.services import current_services

routes = Blueprint("connections", __name__, url_prefix=f"{PREFIX}/connections")


@routes.post("")
@api.validate(resp=answers(401, 403, 422, 502, HTTP_201=ConnectionOut), tags=["connections"])
def create(json: KeyBody) -> tuple[ConnectionOut, int]:
    """Check an Aircall key, keep it sealed and connect the spreadsheet with it."""
    made = connections.connect(current_services(), current_session(), json)
    return ConnectionOut.model_validate(made), 201


@routes.put("/<connection_id>")
@api.validate(resp=answers(401, 403, 404, 422, 502, HTTP_200=ConnectionOut), tags=["connections"])
def rotate(connection_id: str, json: KeyBody) -> ConnectionOut:
    """Put another key of the same company in the place of the former one; flows stay."""
    renewed = connections.rotate(current_services(), current_session(), connection_id, json)
    return ConnectionOut.model_validate(renewed)


@routes.patch("/<connection_id>")
@api.validate(resp=answers(401, 403, 404, HTTP_200=ConnectionOut), tags=["connections"])
def change(connection_id: str, json: ConnectionChange) -> ConnectionOut:
    """Set how much of the company's request limit is used; the next run follows it."""
    changed = connections.change(current_services(), current_session(), connection_id, json)
    return ConnectionOut.model_validate(changed)


@routes.delete("/<connection_id>")
@api.validate(resp=answers(401, 403, 404, HTTP_204=None), tags=["connections"])
def remove(connection_id: str) -> tuple[str, int]:
    """Disconnect: forget the key and pause its data flows; tabs stay as they are."""
    connections.disconnect(current_services(), current_session(), connection_id)
    return "", 204
