"""The demo page's server: what the spreadsheet shows, what its user does, and Apps Script."""

from __future__ import annotations

import json
import logging
import sys
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx
from flask import Flask, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException
from werkzeug.serving import make_server

from sandbox.appsscript.document import SheetsDocument
from sandbox.appsscript.host import ServiceHost
from sandbox.appsscript.runtime import AuthMode, Outcome, ScriptError, ScriptProject
from sandbox.demo.edits import Edits
from sandbox.demo.frames import FramePages, frames_app
from sandbox.demo.scenarios import Scenarios
from sandbox.demo.workbook import WorkbookView
from sandbox.identity.issuer import Issuer, Person, certs_page

ADD_ON = Path(__file__).parents[2] / "appsscript"


@dataclass(frozen=True)
class SiteConfig:
    """Where everything is, and who sits in front of the spreadsheet."""

    port: int
    frames_port: int
    backend_url: str
    sheets_url: str
    aircall_url: str
    spreadsheet_id: str
    access_token: str
    audience: str
    writer_email: str
    user_sub: str
    user_email: str

    def write(self, path: Path) -> None:
        """Write it where only this user can read it: it holds a token."""
        path.touch(mode=0o600)
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> SiteConfig:
        """Read what `write` wrote."""
        return cls(**json.loads(path.read_text(encoding="utf-8")))

    @property
    def page_origin(self) -> str:
        """Where the spreadsheet page is."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def frames_origin(self) -> str:
        """Where the sidebar's outer frame is: another origin, as with Google."""
        return f"http://127.0.0.1:{self.frames_port}"


class Site:
    """The parts that the routes use."""

    def __init__(self, config: SiteConfig) -> None:
        self.config = config
        self.issuer = Issuer()
        person = Person(config.user_sub, config.user_email)
        self.document = SheetsDocument(
            config.sheets_url, config.spreadsheet_id, config.access_token
        )
        host = ServiceHost(
            document=self.document,
            user_email=config.user_email,
            identity_token=lambda: self.issuer.mint(person, config.audience),
            script_properties={"BACKEND_URL": config.backend_url},
            # A deployer replaces the manifest's placeholder by this very address.
            url_whitelist=(config.backend_url + "/",),
        )
        self.script = ScriptProject(ADD_ON, host)
        self.frames = FramePages(self.script.public_functions(), config.page_origin)
        self.workbook = WorkbookView(config.sheets_url, config.spreadsheet_id)
        self.edits = Edits(self.document)
        self.scenarios = Scenarios(
            config.aircall_url, config.sheets_url, config.spreadsheet_id, config.writer_email
        )

    def effects(self, outcome: Outcome) -> list[dict[str, Any]]:
        """What the browser must do; pages of sidebars become addresses."""
        done = []
        for effect in outcome.effects:
            if effect["type"] == "sidebar":
                page = self.frames.put(effect["html"])
                done.append({"type": "sidebar", "title": effect["title"], "page": page})
            else:
                done.append(effect)
        return done


def create_app(site: Site) -> Flask:
    """The application of the spreadsheet's origin."""
    app = Flask(__name__)
    app.register_blueprint(certs_page(site.issuer))
    _add_page(app, site)
    _add_spreadsheet(app, site)
    _add_apps_script(app, site)

    @app.errorhandler(ScriptError)
    def refused(error: ScriptError) -> ResponseReturnValue:
        return jsonify(error=str(error)), 400

    @app.errorhandler(HTTPException)
    def not_served(error: HTTPException) -> ResponseReturnValue:
        return jsonify(error=error.description), error.code or 500

    return app


def _add_page(app: Flask, site: Site) -> None:
    @app.get("/")
    def page() -> ResponseReturnValue:
        return render_template(
            "page.html",
            title=site.workbook.book()["title"],
            frames_origin=site.config.frames_origin,
            user_email=site.config.user_email,
            accounts=request.args.get("accounts", "one"),
        )


def _add_spreadsheet(app: Flask, site: Site) -> None:
    @app.get("/api/revision")
    def revision() -> ResponseReturnValue:
        # The id tells an open page that the demo was started anew.
        return jsonify(revision=site.workbook.revision(), id=site.config.spreadsheet_id)

    @app.get("/api/book")
    def book() -> ResponseReturnValue:
        return jsonify(site.workbook.book())

    @app.get("/api/rows")
    def rows() -> ResponseReturnValue:
        first = request.args.get("from", 0, type=int)
        count = min(request.args.get("count", 100, type=int), 500)
        return jsonify(site.workbook.rows(request.args.get("tab", 0, type=int), first, count))

    @app.get("/api/cell")
    def cell() -> ResponseReturnValue:
        where = (request.args.get(name, 0, type=int) for name in ("tab", "row", "column"))
        return jsonify(raw=site.edits.raw(*where))

    @app.post("/api/edit")
    def edit() -> ResponseReturnValue:
        details = dict(request.get_json())
        site.edits.apply(str(details.pop("action")), details)
        return jsonify(revision=site.workbook.revision())

    @app.get("/api/scenarios")
    def scenarios() -> ResponseReturnValue:
        return jsonify(scenarios=site.scenarios.listed())

    @app.post("/api/scenarios")
    def play() -> ResponseReturnValue:
        return jsonify(said=site.scenarios.play(str(request.get_json()["name"])))


def _add_apps_script(app: Flask, site: Site) -> None:
    @app.post("/apps-script/open")
    def open_file() -> ResponseReturnValue:
        return jsonify(effects=site.effects(site.script.open(AuthMode.LIMITED)))

    @app.post("/apps-script/run")
    def run() -> ResponseReturnValue:
        asked = request.get_json()
        name, args = str(asked["name"]), list(asked["args"])
        if name.endswith("_"):
            return jsonify(ok=False, error=f"{name} is private.", effects=[])
        try:
            outcome = site.script.run(name, *args)
        except ScriptError as error:
            return jsonify(ok=False, error=str(error), effects=[])
        return jsonify(ok=True, value=outcome.value, effects=site.effects(outcome))


def wait_until_up(url: str) -> None:
    """Return when the address answers; the supervisor watches how long that may take."""
    while True:
        try:
            if httpx.get(url, timeout=5, trust_env=False).is_success:
                return
        except httpx.HTTPError:
            time.sleep(0.05)


def main() -> None:
    """Serve both origins until the process is ended."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    for noisy in ("httpx", "httpcore"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    config = SiteConfig.read(Path(sys.argv[1]))
    site = Site(config)
    frames = make_server("127.0.0.1", config.frames_port, frames_app(site.frames), threaded=True)
    threading.Thread(target=frames.serve_forever, name="frames", daemon=True).start()
    # Whoever sees the page sees the sidebar open: the page waits for the backend behind it.
    wait_until_up(f"{config.backend_url}/healthz")
    make_server("127.0.0.1", config.port, create_app(site), threaded=True).serve_forever()


if __name__ == "__main__":
    main()
