"""The door: who is calling, for which spreadsheet, and whether they can edit it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, g, request

from backend.services import Services
from backend.session import Session
from callsheet.errors import EditNotProved, NotFound, NotSignedIn, TooManyRequests
from callsheet.run import Trigger
from callsheet.store.flow_keys import STARTS, FlowKeyStore

FLOW_KEY_CALLS_PER_MINUTE = 10

OPEN = frozenset(
    {
        "health.healthz",
        "health.readyz",
        "metrics.show",
        "document.openapi",
        "sidebar.page",
        "static",
        "sessions.create",
    }
)
"""Endpoints without a session; `sessions.create` verifies an identity token instead,
`metrics.show` the token of the settings."""

WITHOUT_PROOF = frozenset({"edit_proofs.create", "edit_proofs.verify", "overview.show"})
"""Endpoints before edit access is proved: the proof itself, and the overview, which then shows
nothing of what others have set up in the spreadsheet."""


WITH_FLOW_KEY = frozenset({"flows.refresh"})
"""Endpoints that also take the key of the flow in their address, in the place of a session."""


WITH_EVENT_KEY = frozenset({"events.hear"})
"""Endpoints whose address holds a key: for callers that can set no header."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls an endpoint that takes a flow key too: in which spreadsheet, and as what."""

    spreadsheet_id: str
    trigger: Trigger


def guard(app: Flask, services: Services) -> None:
    """Ask for a session and a proof of edit access before every endpoint.

    What is not named above is closed, so that a new route cannot be left open by mistake.
    """

    @app.before_request
    def check() -> None:
        if request.endpoint is None or request.endpoint in OPEN:
            return
        if request.endpoint in WITH_EVENT_KEY:
            g.caller = _with_event_key(services)
            return
        token = bearer()
        if request.endpoint in WITH_FLOW_KEY and token.startswith(STARTS.prefix):
            g.caller = _with_flow_key(services, token)
            return
        session = services.sessions.read(token)
        g.session = session
        if request.endpoint in WITHOUT_PROOF:
            return
        if not services.proofs.has_proved(session.user, session.spreadsheet_id):
            raise EditNotProved("no proof")


def current_session() -> Session:
    """Return the session of this request. Raises NotSignedIn outside of guarded endpoints."""
    session = g.get("session")
    if not isinstance(session, Session):
        raise NotSignedIn("no session")
    return session


def current_caller() -> Caller:
    """Return who calls: a person with a session, or a program with the flow's key."""
    caller = g.get("caller")
    if isinstance(caller, Caller):
        return caller
    return Caller(current_session().spreadsheet_id, Trigger.MANUAL)


def _with_flow_key(services: Services, key: str) -> Caller:
    """Check the key. A wrong one and an unknown flow are answered alike."""
    spreadsheet_id = _opened(services.outside.flow_keys, key)
    if not services.outside.flow_keys.may_call(_in_address("flow_id"), FLOW_KEY_CALLS_PER_MINUTE):
        raise TooManyRequests("flow key")
    return Caller(spreadsheet_id, Trigger.API)


def _with_event_key(services: Services) -> Caller:
    """As above, with the key in the address; as often as there are events."""
    return Caller(_opened(services.outside.event_keys, _in_address("key")), Trigger.WEBHOOK)


def _opened(store: FlowKeyStore, key: str) -> str:
    """Return the spreadsheet of the flow in the address. Raises NotFound."""
    spreadsheet_id = store.check(_in_address("flow_id"), key)
    if spreadsheet_id is None:
        raise NotFound("flow key refused", message="No data flow has this id and key.")
    return spreadsheet_id


def _in_address(name: str) -> str:
    return str((request.view_args or {}).get(name, ""))


def bearer() -> str:
    """Return the token of the Authorization header. Raises NotSignedIn when there is none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NotSignedIn("no bearer token")
    return token.strip()
