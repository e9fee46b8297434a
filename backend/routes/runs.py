"""Looking at a run."""

from __future__ import annotations

from flask import Blueprint

from backend.api import PREFIX, answers, api
from backend.auth import current_session
from backend.outputs import RunOut
from backend.services import current_services

routes = Blueprint("runs", __name__, url_prefix=f"{PREFIX}/runs")


@routes.get("/<run_id>")
@api.validate(resp=answers(401, 403, 404, HTTP_200=RunOut), tags=["runs"])
def show(run_id: str) -> RunOut:
    """Show a run's state, progress, counts, warnings and error."""
    services, session = current_services(), current_session()
    return RunOut.model_validate(services.runs.get(session.spreadsheet_id, run_id))
