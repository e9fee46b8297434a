"""The admin blueprint: no key, no limit, no faults; `?company=` picks another company."""

from __future__ import annotations

from flask import Blueprint, Response, g, request

from sandbox.aircall.access import HOME
from sandbox.aircall.context import answer, refused, site
from sandbox.aircall.faults import UnusableFault
from sandbox.aircall.records import compact

admin = Blueprint("admin", __name__, url_prefix="/_admin")


@admin.before_request
def choose_company() -> None:
    """Turn to the company named in the query, the home company by default."""
    g.company = site().company(request.args.get("company", HOME))


@admin.errorhandler(UnusableFault)
def explain(error: UnusableFault) -> Response:
    """Say what is wrong with a fault rule."""
    return refused(400, "Bad Request", str(error))


def told(value: object, status: int = 200) -> Response:
    """Return any JSON."""
    return answer(compact(value), status)
