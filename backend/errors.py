"""Our errors as JSON and HTTP status: one table."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from flask import Flask
from redis.exceptions import RedisError
from werkzeug.exceptions import HTTPException

from backend import outputs
from callsheet import errors

log = logging.getLogger(__name__)

STATUS: dict[type[errors.CallsheetError], int] = {
    errors.CallsheetError: 500,
    errors.ConfigError: 500,
    errors.InvalidRequest: 400,
    errors.NotSignedIn: 401,
    errors.NotAllowed: 403,
    errors.EditNotProved: 403,
    errors.NotFound: 404,
    errors.TooManyRequests: 429,
    errors.RequestError: 400,
    # Never 401 or 403 for the key: the sidebar would take that for its own session.
    errors.CredentialsRejected: 422,
    errors.SourceRateLimited: 503,
    errors.SourceUnavailable: 503,
    errors.SourceError: 502,
    errors.SpreadsheetNotFound: 422,
    errors.NoEditAccess: 422,
    errors.TabMissing: 422,
    errors.KeyColumnMissing: 422,
    errors.TabProtected: 422,
    errors.SpreadsheetFull: 422,
    errors.TabInUse: 503,
    errors.GoogleCredentialsRejected: 500,
    errors.DestinationRateLimited: 503,
    errors.DestinationUnavailable: 503,
    errors.DestinationError: 502,
    errors.RunError: 503,
    errors.AddressRefused: 422,
    errors.OutgoingError: 503,
    errors.StoreUnavailable: 503,
    errors.NotReady: 503,
}
"""The status of each class; a class that is not listed has its nearest base's."""

HTTP: dict[int, errors.RequestError] = {
    400: errors.InvalidRequest(
        message="The request is not in the form that is expected here. Send one JSON object."
    ),
    404: errors.NotFound(message="There is nothing at this address. Reload the sidebar."),
    405: errors.InvalidRequest(message="This address does not take that method."),
    408: errors.InvalidRequest(message="The request came too slowly. Try again."),
    413: errors.InvalidRequest(message="The request is too large. Send less at once."),
    415: errors.InvalidRequest(message="Send JSON, with the content type application/json."),
}
"""What Flask itself refuses, in our words."""

Answer = tuple[dict[str, Any], int]


def status_of(error: errors.CallsheetError) -> int:
    """Return the HTTP status of an error of ours."""
    return next(STATUS[cls] for cls in type(error).__mro__ if cls in STATUS)


def register(app: Flask) -> None:
    """Turn every error of the app into our JSON."""
    app.register_error_handler(errors.CallsheetError, _ours)
    app.register_error_handler(RedisError, _store_away)
    for status, error in HTTP.items():
        app.register_error_handler(status, _refused_by_flask(error, status))
    app.register_error_handler(HTTPException, _refused_by_flask(HTTP[400], 400))
    app.register_error_handler(Exception, _unknown)


def _ours(error: errors.CallsheetError) -> Answer | tuple[dict[str, Any], int, dict[str, str]]:
    status = status_of(error)
    level = logging.ERROR if status == 500 else logging.INFO
    log.log(level, "request_refused code=%s detail=%r", error.code, str(error))
    if isinstance(error, errors.TooManyRequests):
        return _answer(error), status, {"Retry-After": "60"}
    return _answer(error), status


def _store_away(error: RedisError) -> Answer:
    log.error("store_unavailable kind=%s", type(error).__name__)
    return _answer(errors.StoreUnavailable()), STATUS[errors.StoreUnavailable]


def _refused_by_flask(error: errors.RequestError, status: int) -> Callable[[HTTPException], Answer]:
    return lambda _error: (_answer(error), status)


def _unknown(error: Exception) -> Answer:
    log.error("unexpected_error", exc_info=error)
    return _answer(errors.CallsheetError()), 500


def _answer(error: errors.CallsheetError) -> dict[str, Any]:
    out = outputs.ErrorOut(code=error.code, message=error.user_message, recovery=error.recovery)
    return outputs.ErrorAnswer(error=out).model_dump(mode="json")
