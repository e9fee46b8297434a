"""Looking at runs, following one live, and cancelling it."""

from __future__ import annotations

from flask import Blueprint, Response

from backend.api import PREFIX, answers, api, streams
from backend.auth import current_session
from backend.following import events_of
from backend.inputs import HowMany
from backend.outputs import RunOut, RunsOut, TotalsOut
from backend.services import current_services
from callsheet.flows import ending

routes = Blueprint("runs", __name__, url_prefix=PREFIX)


@routes.get("/runs/<run_id>")
@api.validate(resp=answers(401, 403, 404, HTTP_200=RunOut), tags=["runs"])
def show(run_id: str) -> RunOut:
    """Show a run's state, progress, counts, warnings and error."""
    services, session = current_services(), current_session()
    return RunOut.model_validate(services.runs.get(session.spreadsheet_id, run_id))


@routes.post("/runs/<run_id>/cancel")
@api.validate(resp=answers(401, 403, 404, HTTP_200=RunOut, HTTP_202=RunOut), tags=["runs"])
def cancel(run_id: str) -> tuple[RunOut, int]:
    """Cancel a run: 200 when it is over, 202 when its worker will stop within seconds.

    What it has written stays, and the tab is whole.
    """
    services, session = current_services(), current_session()
    run = services.runs.get(session.spreadsheet_id, run_id)
    run = ending.cancel(services, run)
    return RunOut.model_validate(run), 200 if run.state.is_over else 202


@routes.get("/runs/<run_id>/events")
@streams(resp=answers(401, 403, 404, HTTP_200=None), tags=["runs"])
def events(run_id: str) -> Response:
    """Follow a run as server-sent events: each is the run as JSON, whenever it has changed.

    The stream ends when the run is over, and after 25 seconds; then ask again. 503 when too many
    follow already: poll the run instead.
    """
    services, session = current_services(), current_session()
    run = services.runs.get(session.spreadsheet_id, run_id)
    return events_of(services, run)


@routes.get("/flows/<flow_id>/runs")
@api.validate(
    query=HowMany, resp=answers(400, 401, 403, 404, HTTP_200=RunsOut), tags=["flows", "runs"]
)
def of_flow(flow_id: str, query: HowMany) -> RunsOut:
    """List a flow's runs, newest first, at most 100, and the sums of all there have been."""
    services, session = current_services(), current_session()
    flow = services.flows.get(session.spreadsheet_id, flow_id)
    runs = services.runs.of_flow(flow.id, limit=query.limit)
    return RunsOut(
        runs=[RunOut.model_validate(run) for run in runs],
        totals=TotalsOut.model_validate(services.runs.totals(flow.id)),
    )
