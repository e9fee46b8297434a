"""The sidebar page that Apps Script frames."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, make_response, render_template

routes = Blueprint("sidebar", __name__)

_FOLDER = Path(__file__).parent.parent / "static" / "sidebar"
_MODULES = sorted(file.name for file in _FOLDER.glob("*.js"))


@routes.get("/sidebar")
def page() -> Response:
    """Return the page. It holds nothing about anybody: the session comes in the fragment."""
    response = make_response(render_template("sidebar.html", modules=_MODULES))
    response.headers["Cache-Control"] = "no-cache"
    return response
