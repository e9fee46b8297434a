"""What an import would need, before it is started."""

from __future__ import annotations

from flask import Blueprint

from backend import estimates
from backend.api import PREFIX, answers, api
from backend.auth import current_session
from backend.inputs import EstimateBody
from backend.outputs import EstimateOut
from backend.services import current_services

routes = Blueprint("estimates", __name__, url_prefix=f"{PREFIX}/estimates")


@routes.post("")
@api.validate(resp=answers(401, 403, 404, 422, 502, HTTP_200=EstimateOut), tags=["estimates"])
def create(json: EstimateBody) -> EstimateOut:
    """Say what an import would need: rows, requests, minutes, cells. Nothing is kept."""
    return estimates.estimate_for(current_services(), current_session(), json)
