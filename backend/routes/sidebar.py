"""The sidebar page that Apps Script frames."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template

routes = Blueprint("sidebar", __name__)


@routes.get("/sidebar")
def page() -> Response:
    """Return the page. It holds nothing about anybody: the session comes in the fragment."""
    response = make_response(render_template("sidebar.html"))
    response.headers["Cache-Control"] = "no-cache"
    return response
