"""The stand-in as a web application."""

from __future__ import annotations

import gzip
import json
import re
import time
from typing import Any
from urllib.parse import parse_qs

from flask import Flask, Request, Response, request

from sandbox.sheets import admin, wire
from sandbox.sheets.endpoints import Call, check_query
from sandbox.sheets.errors import ApiError, DriveError, Json, invalid
from sandbox.sheets.fields import of_answer, pick
from sandbox.sheets.oauth import TokenError
from sandbox.sheets.requests.context import Caller
from sandbox.sheets.routes import FILES, Match, find
from sandbox.sheets.state import State
from sandbox.sheets.strike import FaultyConnection
from sandbox.sheets.traffic import Exchange

JSON_TYPE = "application/json; charset=UTF-8"
UNKNOWN = "<!DOCTYPE html>\n<title>Error 404 (Not Found)!!1</title>\n"
NEEDED = (
    "Expected OAuth 2 access token, login cookie or other valid authentication credential. See"
    " https://developers.google.com/identity/sign-in/web/devconsole-project."
)


def _decorated(response: Response, *, drive: bool) -> Response:
    headers = response.headers
    headers["Server"] = "ESF"
    headers["X-XSS-Protection"] = "0"
    headers["X-Frame-Options"] = "SAMEORIGIN"
    headers["X-Content-Type-Options"] = "nosniff"
    if drive:
        headers.setdefault("Cache-Control", "no-cache, no-store, max-age=0, must-revalidate")
        headers["Vary"] = "Origin, X-Origin"
        return response
    headers["Cache-Control"] = "private"
    for name in ("Origin", "X-Origin", "Referer"):
        headers.add("Vary", name)
    return response


def _caller(state: State, drive: bool) -> Caller:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    token = token if scheme.lower() == "bearer" else request.args.get("access_token", "")
    caller = state.accounts.caller(token) if token else None
    if caller is not None:
        return caller
    if drive:
        raise DriveError(401, "authError", "Invalid Credentials", "Authorization")
    if token:
        reason, start = "ACCESS_TOKEN_EXPIRED", "Request had invalid authentication credentials."
    else:
        reason = "CREDENTIALS_MISSING"
        start = "Request is missing required authentication credential."
    info: Json = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": reason,
        "domain": "googleapis.com",
        "metadata": {"service": "sheets.googleapis.com"},
    }
    raise ApiError(401, f"{start} {NEEDED}", [info])


def _body(incoming: Request) -> Any:
    data = incoming.get_data(cache=True)
    if incoming.headers.get("Content-Encoding") == "gzip":
        data = gzip.decompress(data)
    if not data.strip():
        return None
    if incoming.mimetype == "text/csv":
        return data.decode()
    try:
        return json.loads(data)
    except ValueError as error:
        line = data[:60].decode(errors="replace")
        raise invalid(f"Invalid JSON payload received. Unexpected token.\n{line}\n^") from error


def _answered(state: State, match: Match, drive: bool) -> Response:
    given = parse_qs(request.query_string.decode(), keep_blank_values=True)
    query = {_camel(name): values for name, values in given.items()}
    caller = _caller(state, drive)
    call = Call(state, caller, match.id, query, _body(request), match.tail)
    route = match.route
    if route.quota is not None:
        check_query(call, set(route.parameters))
        state.quota.take(route.quota, caller.email, caller.project)
    mask = of_answer(call.one("fields") or "", route.answer) if route.answer else {}
    result = route.handler(call)
    if result is None:
        return Response(status=204, content_type="text/html")
    if isinstance(result, str):
        shown = Response(result, content_type=call.one("mimeType"))
        shown.headers["Cache-Control"] = "private, max-age=0, must-revalidate"
        return shown
    pretty = (call.one("prettyPrint") or "true").lower() != "false"
    return Response(wire.dumps(pick(result, mask), pretty=pretty), content_type=JSON_TYPE)


def _camel(name: str) -> str:
    """Return a parameter's JSON name: Google takes the proto spelling as well."""
    return re.sub(r"(?<=[a-z])_([a-z])", lambda match: match.group(1).upper(), name)


def _refused(error: ApiError) -> Response:
    response = Response(wire.dumps(error.body()), status=error.code, content_type=JSON_TYPE)
    if error.code == 401:
        response.headers["WWW-Authenticate"] = (
            'Bearer realm="https://accounts.google.com/", error="invalid_token"'
        )
    return response


def _raw_path() -> str:
    raw = str(request.environ.get("REQUEST_URI") or request.environ.get("RAW_URI") or request.path)
    path = raw.partition("?")[0]
    # A client behind a proxy may send the whole address.
    return path[path.index("/", 8) :] if path.startswith("http") else path


def _api(state: State) -> Response:
    """Answer one request to Sheets or Drive, and count it."""
    started, raw = time.perf_counter(), _raw_path()
    match = find(request.method, raw)
    drive = raw.startswith((FILES, "/upload/drive"))
    if match is None:
        return Response(UNKNOWN, status=404, content_type="text/html; charset=UTF-8")
    try:
        response = _answered(state, match, drive)
    except ApiError as error:
        response = _refused(error)
    exchange = Exchange(
        at=state.clock(),
        kind=match.route.name,
        method=request.method,
        path=raw,
        status=response.status_code,
        bytes_in=len(request.get_data(cache=True)),
        bytes_out=len(response.get_data()),
        milliseconds=round((time.perf_counter() - started) * 1000, 1),
    )
    state.traffic.add(exchange)
    return _decorated(response, drive=drive)


def create_app(state: State) -> Flask:
    """Return the application over one state."""
    app = Flask("sandbox.sheets")

    @app.post("/token")
    def token() -> Response:
        try:
            answer = state.accounts.exchange(request.form.to_dict(), request.base_url)
        except TokenError as error:
            return Response(wire.dumps(error.body()), status=400, content_type=JSON_TYPE)
        return Response(wire.dumps(answer), content_type=JSON_TYPE)

    @app.route("/", defaults={"path": ""}, methods=["GET"])
    @app.route("/<path:path>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    def api(path: str) -> Response:
        del path
        return _api(state)

    @app.errorhandler(500)
    def broken(_: Exception) -> Response:
        return _decorated(_refused(ApiError(500, "Internal error encountered.")), drive=False)

    app.register_blueprint(admin.blueprint(state))
    app.wsgi_app = FaultyConnection(app.wsgi_app, state)  # type: ignore[method-assign]
    return app
