"""The door: who is calling, for which spreadsheet, and whether they may change something."""

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

WITHOUT_PROOF = frozenset({"edit_proofs.create", "edit_proofs.verify"})
"""Endpoints that change something before edit access is proved: they are the proof."""

_READING = frozenset({"GET", "HEAD", "OPTIONS"})


def guard(app: Flask, services: Services) -> None:
    """Ask for a session before every endpoint, and for a proof before every change.

    What is not named above is closed, so that a new route cannot be left open by mistake.
    """

    @app.before_request
    def check() -> None:
        if request.endpoint is None or request.endpoint in OPEN:
            return
        session = services.sessions.read(bearer())
        g.session = session
        changes = request.method not in _READING and request.endpoint not in WITHOUT_PROOF
        if changes and not services.proofs.has_proved(session.user, session.spreadsheet_id):
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
