"""The door: who is calling, for which spreadsheet, and whether they can edit it."""

from __future__ import annotations

from flask import Flask, g, request

from backend.services import Services
from backend.session import Session
from callsheet.errors import EditNotProved, NotSignedIn

OPEN = frozenset(
    {
        "health.healthz",
        "health.readyz",
        "document.openapi",
        "sidebar.page",
        "static",
        "sessions.create",
    }
)
"""Endpoints without a session; `sessions.create` verifies an identity token instead."""

WITHOUT_PROOF = frozenset({"edit_proofs.create", "edit_proofs.verify", "overview.show"})
"""Endpoints before edit access is proved: the proof itself, and the overview, which then shows
nothing of what others have set up in the spreadsheet."""


def guard(app: Flask, services: Services) -> None:
    """Ask for a session and a proof of edit access before every endpoint.

    What is not named above is closed, so that a new route cannot be left open by mistake.
    """

    @app.before_request
    def check() -> None:
        if request.endpoint is None or request.endpoint in OPEN:
            return
        session = services.sessions.read(bearer())
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


def bearer() -> str:
    """Return the token of the Authorization header. Raises NotSignedIn when there is none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NotSignedIn("no bearer token")
    return token.strip()
