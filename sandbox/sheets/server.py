"""Runs the stand-in in a thread, for tests and for the demo."""

from __future__ import annotations

from typing import Any

from sandbox.http_server import HttpServer
from sandbox.sheets.app import create_app
from sandbox.sheets.requests import run
from sandbox.sheets.requests.context import Batch, Caller
from sandbox.sheets.state import OWNER, State

SERVICE_ACCOUNT = "writer@callsheet-sandbox.iam.gserviceaccount.com"


class SheetsStandIn:
    """The stand-in as a server: start it, use ``url``, stop it."""

    def __init__(self, port: int = 0, host: str = "127.0.0.1", state: State | None = None) -> None:
        self.state = state or State()
        self._host = host
        self._port = port
        self._server: HttpServer | None = None

    @property
    def url(self) -> str:
        """Return the address, without a slash at the end."""
        return f"http://{self._host}:{self._port}"

    def start(self) -> SheetsStandIn:
        """Begin to serve; with port 0 the system chooses one."""
        app = create_app(self.state)
        self._server = HttpServer(app, host=self._host, port=self._port, server_name="ESF")
        self._server.start()
        self._port = self._server.port
        return self

    def stop(self) -> None:
        """Stop serving; the state stays."""
        if self._server is not None:
            self._server.stop()
            self._server = None

    def __enter__(self) -> SheetsStandIn:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def service_account_info(self, email: str = SERVICE_ACCOUNT) -> dict[str, str]:
        """Return a service account's JSON file; its key is made on first use."""
        account = self.state.accounts.accounts.get(email) or self.state.accounts.create(email)
        return account.info(self.url + "/token")

    def access_token(self, email: str = OWNER) -> str:
        """Return a token of an ordinary user, for looking by hand."""
        return self.state.accounts.issue(email)

    def create_spreadsheet(
        self,
        title: str,
        time_zone: str = "Etc/GMT",
        locale: str = "en_US",
        editors: tuple[str, ...] | list[str] = (),
        owner: str = OWNER,
    ) -> str:
        """Make a spreadsheet of an ordinary user, shared with editors, and return its id."""
        made = self.state.create(title, owner, timeZone=time_zone, locale=locale)
        for email in editors:
            self.state.share(made, email, "writer")
        return made

    def edit(self, spreadsheet_id: str, *requests: dict[str, Any], email: str = OWNER) -> list[Any]:
        """Do batch requests as a user would by hand, without quota or network."""
        with self.state.change(spreadsheet_id) as draft:
            return run(Batch(draft, Caller(email, "callsheet-sandbox")), list(requests))
