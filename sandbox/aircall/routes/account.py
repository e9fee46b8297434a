"""Ping, the company, and the media links that recordings lead to."""

from __future__ import annotations

from flask import Blueprint, Response, request

from sandbox.aircall.context import answer, single, site, world
from sandbox.aircall.media import still_works

account = Blueprint("account", __name__)
media = Blueprint("media", __name__)


@account.get("/v1/ping")
def ping() -> Response:
    """Answer a key check."""
    return answer('{"ping":"pong"}')


@account.get("/v1/company")
def get_company() -> Response:
    """Answer the company: a name and two counts, no id."""
    desk = world().directory
    counts = {"users_count": len(desk.users), "numbers_count": len(desk.numbers)}
    return single("company", {"name": desk.company, **counts})


@media.get("/companies/<int:company_id>/recordings/<name>")
def recording(company_id: int, name: str) -> Response:
    """Answer a recording like the storage behind signed links; they need no key."""
    args = request.args
    works = still_works(
        f"/companies/{company_id}/recordings/{name}",
        args.get("X-Amz-Date", ""),
        args.get("X-Amz-Security-Token", ""),
        args.get("X-Amz-Signature", ""),
        site().clock.now(),
    )
    if works:
        return Response(b"ID3 invented audio", mimetype="audio/mpeg")
    denied = "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"
    return Response(denied, 403, mimetype="application/xml")
