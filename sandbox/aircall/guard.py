"""What stands before and behind every route: keys, the limit, faults, the log."""

from __future__ import annotations

from typing import cast

from flask import Flask, Response, g, request
from flask.typing import ResponseReturnValue

from sandbox.aircall.broken import instead_of_answer, spoiled, too_many
from sandbox.aircall.context import message, site
from sandbox.aircall.faults import FaultRule
from sandbox.aircall.pages import OutOfBounds
from sandbox.aircall.records import compact
from sandbox.aircall.request_log import Entry, real_now

ADMIN = "/_admin"
_OPEN = ("root", "media.recording")


class GuardedApp(Flask):
    """A Flask app that lets one request at a time look at a company's world."""

    def dispatch_request(self) -> ResponseReturnValue:
        """Run the view under the world's lock."""
        company = g.get("company")
        # A delivery waits for its receiver, who may well ask us something before it answers.
        if company is None or request.endpoint == "admin.deliver":
            return super().dispatch_request()
        with company.world.lock:
            return super().dispatch_request()


def install(app: Flask) -> None:
    """Put the guard around an app's routes."""
    app.before_request(_admit)
    app.after_request(_finish)
    app.register_error_handler(OutOfBounds, _out_of_bounds)


def _admit() -> Response | None:
    """Let a request in, or answer it as the edge would; the order is the real one."""
    g.fault = None
    if request.path.startswith(ADMIN):
        return None
    g.arrived = real_now()
    if request.routing_exception is not None:
        return message(404, "Not Found")
    if request.endpoint in _OPEN:
        return None
    refusal = _check_key() or _check_limit()
    if refusal is not None:
        return refusal
    g.fault = site().faults.strike(request.method, request.path, request.query_string.decode())
    return instead_of_answer(g.fault) if g.fault else None


def _check_key() -> Response | None:
    authorization = request.headers.get("Authorization")
    if authorization is None:
        return message(401, "Unauthorized")
    name = site().keys.company_of(authorization)
    if name is None:
        return message(403, "Forbidden")
    g.company = site().company(name)
    return None


def _check_limit() -> Response | None:
    refusal = g.company.limiter.admit(site().clock.now())
    return None if refusal is None else too_many(refusal)


def _finish(response: Response) -> Response:
    if request.path.startswith(ADMIN):
        return response
    fault = cast("FaultRule | None", g.fault)
    if fault is not None:
        response = spoiled(fault, response)
    company = g.get("company")
    site().log.add(
        Entry(
            at=g.arrived,
            world_at=site().clock.now(),
            company=company.name if company else "",
            method=request.method,
            path=request.path,
            query=request.query_string.decode(),
            status=response.status_code,
            fault=fault.kind if fault else None,
        )
    )
    return response


def _out_of_bounds(_: Exception) -> Response:
    told = {
        "error": "Bad Request",
        "data": None,
        "message": "BAD_REQUEST",
        "errors": "Your query is limited to 10k results and pagination is out of bound, "
        "please use timestamps or other filters.",
        "troubleshoot": "BAD_REQUEST",
        "success": False,
    }
    return Response(compact(told), 400, mimetype="application/json")
