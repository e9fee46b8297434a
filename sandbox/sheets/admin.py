"""The stand-in's own endpoints under /_admin: what the world outside the API may do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

from flask import Blueprint, Response, request

from sandbox.sheets import wire
from sandbox.sheets.errors import ApiError, Json
from sandbox.sheets.faults import KINDS
from sandbox.sheets.ranges import locate
from sandbox.sheets.requests import run
from sandbox.sheets.requests.context import Batch, Caller
from sandbox.sheets.schema import read
from sandbox.sheets.snapshot import outline, tab_snapshot
from sandbox.sheets.state import OWNER, State
from sandbox.sheets.writing import put, rows_of

PROJECT = "callsheet-sandbox"


def _answer(value: Any, status: int = 200) -> Response:
    return Response(wire.dumps(value), status=status, content_type="application/json")


def _given() -> Json:
    found: Json = request.get_json(silent=True) or {}
    return found


def _dimension(given: Json, dimension: str) -> Json:
    return {
        "sheetId": given.get("sheetId", 0),
        "dimension": dimension,
        "startIndex": given["start"],
        "endIndex": given["end"],
    }


def _sort(given: Json) -> list[Json]:
    spec = {"dimensionIndex": given.get("column", 0)}
    spec["sortOrder"] = "DESCENDING" if given.get("descending") else "ASCENDING"
    place = {"sheetId": given.get("sheetId", 0), "startRowIndex": given.get("headerRows", 1)}
    return [{"sortRange": {"range": place | {"startColumnIndex": 0}, "sortSpecs": [spec]}}]


def _rename(given: Json) -> list[Json]:
    properties = {"sheetId": given.get("sheetId", 0), "title": given["title"]}
    return [{"updateSheetProperties": {"properties": properties, "fields": "title"}}]


def _protect(given: Json) -> list[Json]:
    place = given.get("range", {"sheetId": given.get("sheetId", 0)})
    entry: Json = {"range": place, "warningOnly": given.get("warningOnly", False)}
    if given.get("description"):
        entry["description"] = given["description"]
    if given.get("editors"):
        entry["editors"] = {"users": given["editors"]}
    return [{"addProtectedRange": {"protectedRange": entry}}]


# What a user does by hand, as the requests of the API it amounts to.
ACTIONS: dict[str, Callable[[Json], list[Json]]] = {
    "sort": _sort,
    "rename-tab": _rename,
    "protect": _protect,
    "delete-rows": lambda given: [{"deleteDimension": {"range": _dimension(given, "ROWS")}}],
    "delete-columns": lambda given: [{"deleteDimension": {"range": _dimension(given, "COLUMNS")}}],
    "insert-rows": lambda given: [{"insertDimension": {"range": _dimension(given, "ROWS")}}],
    "insert-columns": lambda given: [{"insertDimension": {"range": _dimension(given, "COLUMNS")}}],
    "batch": lambda given: given["requests"],
}


def _edit(state: State, file_id: str, given: Json) -> Json:
    """Type values into cells, whatever protects them: the owner may."""
    with state.change(file_id) as draft:
        place = locate(draft, given["range"])
        place.require_start_inside()
        rows = rows_of(given.get("values"), "ROWS")
        option = given.get("valueInputOption", "USER_ENTERED")
        put(place.tab.grid, place.rect.top, place.rect.left, rows, option)
    return {"revision": state.books[file_id].revision}


def _act(state: State, file_id: str, action: str) -> Json:
    given = _given()
    if action == "edit":
        return _edit(state, file_id, given)
    if action == "access":
        state.share(file_id, given["email"], given.get("role"))
        return {"roles": state.files[file_id].roles}
    make = ACTIONS.get(action)
    if make is None:
        raise ApiError(404, f"No such action: {action}")
    body = read("BatchUpdateSpreadsheetRequest", {"requests": make(given)})
    with state.change(file_id) as draft:
        caller = Caller(given.get("as", state.files[file_id].owner), PROJECT)
        replies = run(Batch(draft, caller), body["requests"])
    return {"revision": state.books[file_id].revision, "replies": replies}


def _spreadsheets(state: State) -> Blueprint:
    pages = Blueprint("spreadsheets", __name__, url_prefix="/spreadsheets")

    @pages.get("")
    def listed() -> Response:
        return _answer({"spreadsheets": [outline(state, file_id) for file_id in state.files]})

    @pages.post("")
    def created() -> Response:
        given = _given()
        made = state.create(
            given.get("title", "Untitled spreadsheet"),
            given.get("owner", OWNER),
            locale=given.get("locale", "en_US"),
            timeZone=given.get("timeZone", "Etc/GMT"),
        )
        for email in given.get("editors", []):
            state.share(made, email, "writer")
        return _answer(outline(state, made), 201)

    @pages.get("/<file_id>")
    def one(file_id: str) -> Response:
        return _answer(outline(state, file_id))

    @pages.get("/<file_id>/revision")
    def revision(file_id: str) -> Response:
        return _answer({"revision": state.books[file_id].revision})

    @pages.get("/<file_id>/tabs/<int:sheet_id>")
    def tab(file_id: str, sheet_id: int) -> Response:
        start, rows = request.args.get("start", 0, int), request.args.get("rows", 100, int)
        return _answer(tab_snapshot(state.books[file_id], sheet_id, start, min(rows, 5000)))

    @pages.delete("/<file_id>")
    def deleted(file_id: str) -> Response:
        state.delete(file_id)
        return _answer({})

    @pages.post("/<file_id>/<action>")
    def acted(file_id: str, action: str) -> Response:
        return _answer(_act(state, file_id, action))

    return pages


def _accounts(state: State) -> Blueprint:
    pages = Blueprint("accounts", __name__)

    @pages.post("/accounts")
    def account() -> Response:
        given = _given()
        made = state.accounts.create(given["email"], given.get("project", PROJECT))
        return _answer(made.info(request.host_url + "token"), 201)

    @pages.post("/accounts/<email>/<action>")
    def revoked(email: str, action: str) -> Response:
        if action not in {"revoke", "restore"}:
            raise ApiError(404, f"No such action: {action}")
        state.accounts.revoke(email, revoked=action == "revoke")
        return _answer({"email": email, "revoked": action == "revoke"})

    @pages.post("/tokens")
    def token() -> Response:
        given = _given()
        project = given.get("project", PROJECT)
        return _answer({"access_token": state.accounts.issue(given.get("email", OWNER), project)})

    @pages.delete("/tokens")
    def expired() -> Response:
        state.accounts.expire_all()
        return _answer({})

    return pages


def _faults(state: State) -> Blueprint:
    pages = Blueprint("faults", __name__)

    @pages.get("/faults")
    def faults() -> Response:
        return _answer({"kinds": KINDS, "faults": [asdict(f) for f in state.faults.waiting()]})

    @pages.post("/faults")
    def fault() -> Response:
        try:
            return _answer(asdict(state.faults.add(_given())), 201)
        except ValueError as error:
            raise ApiError(400, str(error)) from error

    @pages.delete("/faults")
    def no_faults() -> Response:
        state.faults.clear()
        return _answer({})

    return pages


def _measures(state: State) -> Blueprint:
    pages = Blueprint("measures", __name__)

    @pages.get("/requests")
    def traffic() -> Response:
        return _answer(state.traffic.report(request.args.get("last", 50, int)))

    @pages.delete("/requests")
    def no_traffic() -> Response:
        state.traffic.reset()
        return _answer({})

    @pages.get("/quota")
    def quota() -> Response:
        return _answer(asdict(state.quota.limits))

    @pages.put("/quota")
    def set_quota() -> Response:
        try:
            state.quota.limits = replace(state.quota.limits, **_given())
        except TypeError as error:
            raise ApiError(400, str(error)) from error
        state.quota.reset()
        return _answer(asdict(state.quota.limits))

    return pages


def blueprint(state: State) -> Blueprint:
    """Return the endpoints over one state."""
    pages = Blueprint("admin", __name__, url_prefix="/_admin")
    pages.register_blueprint(_spreadsheets(state))
    pages.register_blueprint(_accounts(state))
    pages.register_blueprint(_faults(state))
    pages.register_blueprint(_measures(state))

    @pages.errorhandler(ApiError)
    def refused(error: ApiError) -> Response:
        return _answer(error.body(), error.code)

    @pages.errorhandler(KeyError)
    def missing(error: KeyError) -> Response:
        return _answer({"error": {"code": 404, "message": f"Not found or not given: {error}"}}, 404)

    return pages
