"""The origin of the sidebar's frame: HtmlService pages, apart from the spreadsheet's own origin."""

from __future__ import annotations

import json
import secrets
import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

from flask import Flask, abort
from flask.typing import ResponseReturnValue

KEPT_PAGES = 20
SHIM = Path(__file__).with_name("static") / "google_run.js"


class FramePages:
    """The pages that scripts have shown lately, by an address nobody can guess."""

    def __init__(self, functions: Sequence[str], page_origin: str) -> None:
        shim = SHIM.read_text(encoding="utf-8").strip()
        self._shim = f"<script>{shim}({json.dumps(list(functions))}, {json.dumps(page_origin)});"
        self._shim += "</script>"
        self._pages: OrderedDict[str, str] = OrderedDict()
        self._lock = threading.Lock()

    def put(self, html: str) -> str:
        """Keep a page, with google.script.run put in front; return its path."""
        name = secrets.token_urlsafe(16)
        doctype, found, rest = html.partition("<head>")
        page = f"{doctype}<head>{self._shim}{rest}" if found else self._shim + html
        with self._lock:
            self._pages[name] = page
            while len(self._pages) > KEPT_PAGES:
                self._pages.popitem(last=False)
        return f"/frame/{name}"

    def get(self, name: str) -> str | None:
        """The page of that name."""
        with self._lock:
            return self._pages.get(name)


def frames_app(pages: FramePages) -> Flask:
    """Serve the pages of sidebars."""
    app = Flask(__name__, static_folder=None)

    @app.get("/frame/<name>")
    def frame(name: str) -> ResponseReturnValue:
        page = pages.get(name)
        if page is None:
            abort(404)
        return page, {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}

    return app
