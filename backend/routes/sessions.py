"""Opening a session with a Google identity token."""

from __future__ import annotations

from flask import Blueprint

from backend.api import IDENTITY, PREFIX, answers, api
from backend.auth import bearer
from backend.inputs import SessionBody
from backend.outputs import SessionOut
from backend.services import current_services
from backend.session import known_zone
from callsheet.store.placing import follow_zone

routes = Blueprint("sessions", __name__, url_prefix=PREFIX)

_TITLE_CHARACTERS = 200  # the session travels in an address


@routes.post("/sessions")
@api.validate(resp=answers(401, 403, HTTP_201=SessionOut), security=IDENTITY, tags=["sessions"])
def create(json: SessionBody) -> tuple[SessionOut, int]:
    """Open a session for the holder of the identity token on this spreadsheet.

    The session says who acts where; it does not yet prove that they can edit the spreadsheet.
    """
    services = current_services()
    person = services.identities.verify(bearer())
    text, session = services.sessions.issue(
        person.user,
        person.email,
        json.spreadsheet_id,
        json.spreadsheet_title[:_TITLE_CHARACTERS],
        known_zone(json.time_zone),
    )
    if json.time_zone and services.proofs.has_proved(person.user, json.spreadsheet_id):
        follow_zone(services.redis, session.spreadsheet_id, session.time_zone, services.clock.now())
    url = f"{services.settings.public_url}/sidebar"
    return SessionOut(session=text, expires_at=session.expires_at, sidebar_url=url), 201
