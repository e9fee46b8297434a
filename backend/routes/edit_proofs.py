"""The proof of edit access: a nonce that only an editor can write into the spreadsheet."""

from __future__ import annotations

from flask import Blueprint

from backend import connections
from backend.api import PREFIX, answers, api
from backend.auth import current_session
from backend.inputs import ProofBody
from backend.outputs import ProofOut, ProvedOut
from backend.services import Services, current_services
from callsheet.errors import InvalidRequest, NoEditAccess, SpreadsheetNotFound
from callsheet.store.placing import follow_zone
from callsheet.store.proofs import NONCE_LIFETIME

routes = Blueprint("edit_proofs", __name__, url_prefix=f"{PREFIX}/edit-proofs")

METADATA_KEY = "callsheet.proof"


@routes.post("")
@api.validate(resp=answers(401, HTTP_201=ProofOut), tags=["edit proofs"])
def create() -> tuple[ProofOut, int]:
    """Begin a proof: return the nonce to write into the spreadsheet's developer metadata."""
    services, session = current_services(), current_session()
    proof = ProofOut(
        nonce=services.proofs.begin(session.user, session.spreadsheet_id),
        key=METADATA_KEY,
        service_account_email=connections.writer_email(services, session.spreadsheet_id),
        expires_at=services.clock.now() + NONCE_LIFETIME,
    )
    return proof, 201


@routes.post("/verify")
@api.validate(resp=answers(401, 422, HTTP_200=ProvedOut), tags=["edit proofs"])
def verify(json: ProofBody) -> ProvedOut:
    """Complete a proof: read the nonce back with the service account; good for a day."""
    services, session = current_services(), current_session()
    user, spreadsheet_id = session.user, session.spreadsheet_id
    # First, so that only somebody who was given a nonce can make us look (and clear up) there.
    if not services.proofs.is_theirs(json.nonce, user, spreadsheet_id):
        raise InvalidRequest(message="This check is too old or was not begun here. Try again.")
    if json.nonce not in _written(services, spreadsheet_id):
        raise InvalidRequest(
            message="The check did not arrive in the spreadsheet. Make sure that you can edit it, "
            "then try again."
        )
    proved = services.proofs.complete(json.nonce, user, spreadsheet_id)
    follow_zone(services.redis, spreadsheet_id, session.time_zone, services.clock.now())
    return ProvedOut(edit_proved=proved)


def _written(services: Services, spreadsheet_id: str) -> set[str]:
    email = connections.writer_email(services, spreadsheet_id)
    try:
        return services.service_accounts.take_proof(email, spreadsheet_id, METADATA_KEY)
    except (NoEditAccess, SpreadsheetNotFound) as error:
        raise NoEditAccess(
            str(error),
            message="Callsheet cannot edit this spreadsheet yet. Share it as editor with "
            f"{email}, then try again.",
        ) from None
