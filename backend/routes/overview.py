"""All that the sidebar needs to open, in one answer."""

from __future__ import annotations

from flask import Blueprint

from backend import connections
from backend.api import PREFIX, answers, api
from backend.auth import current_session
from backend.flow_outputs import Overview
from backend.flows import flows_out
from backend.offers import EntityOut, entity_out
from backend.outputs import (
    CadenceOut,
    ConnectionOut,
    ServerKeyOut,
    SpreadsheetOut,
    UserOut,
)
from backend.outside import NoticeOut
from backend.services import Services, current_services
from backend.session import Session
from callsheet.errors import EditNotProved
from callsheet.schedule import Cadence
from callsheet.schedule_text import rhythm

routes = Blueprint("overview", __name__, url_prefix=PREFIX)


@routes.get("/overview")
@api.validate(resp=answers(401, 403, HTTP_200=Overview), tags=["overview"])
def show() -> Overview:
    """Show the spreadsheet, its connection and its data flows, and what can be imported.

    Once something is set up in the spreadsheet, only those who can edit it may see it.
    """
    services, session = current_services(), current_session()
    connection = connections.current(services, session.spreadsheet_id)
    known_flows = services.flows.of_spreadsheet(session.spreadsheet_id)
    proved = services.proofs.has_proved(session.user, session.spreadsheet_id)
    if (connection or known_flows) and not proved:
        raise EditNotProved("overview of a spreadsheet in use")
    key = services.server_key
    return Overview(
        spreadsheet=SpreadsheetOut(
            id=session.spreadsheet_id, title=session.title, time_zone=session.time_zone
        ),
        user=UserOut(email=session.email),
        session_expires_at=session.expires_at,
        service_account_email=connections.email_of(services, session.spreadsheet_id, connection),
        edit_proved=proved,
        connection=None if connection is None else ConnectionOut.model_validate(connection),
        server_key=None if key is None else ServerKeyOut(api_id=key.api_id),
        requests_per_minute=services.settings.aircall_requests_per_minute,
        entities=_entities(services, session),
        cadences=[CadenceOut(name=one, label=rhythm(one).capitalize()) for one in Cadence],
        flows=flows_out(services, known_flows),
        notices=[
            NoticeOut.model_validate(one)
            for one in services.outside.notices.of_spreadsheet(session.spreadsheet_id)
        ],
    )


def _entities(services: Services, session: Session) -> list[EntityOut]:
    now = services.clock.now().astimezone(session.zone)
    return [entity_out(entity, now) for entity in services.catalogue.values()]
