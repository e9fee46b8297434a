"""Refusals in the words and the shape Google answers them."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

STATUS_OF_CODE = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}


class ApiError(Exception):
    """An answer other than success, with the body Google would send."""

    def __init__(self, code: int, message: str, details: list[Json] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details

    def body(self) -> Json:
        """Return the error object as sent."""
        error: Json = {
            "code": self.code,
            "message": self.message,
            "status": STATUS_OF_CODE[self.code],
        }
        if self.details is not None:
            error["details"] = self.details
        return {"error": error}


class DriveError(ApiError):
    """A refusal of Drive, whose body differs from that of Sheets."""

    def __init__(self, code: int, reason: str, message: str, location: str | None = None) -> None:
        super().__init__(code, message)
        self.reason = reason
        self.location = location

    def body(self) -> Json:
        """Return the error object as Drive sends it."""
        entry: Json = {"message": self.message, "domain": "global", "reason": self.reason}
        if self.location is not None:
            entry |= {"location": self.location, "locationType": "parameter"}
        return {"error": {"code": self.code, "message": self.message, "errors": [entry]}}


class Refusal(Exception):
    """A request of a batch that cannot be done; the batch adds which one it was."""


def invalid(message: str) -> ApiError:
    """Return the plain 400 with that message."""
    return ApiError(400, message)


def violations(found: list[tuple[str, str]], message: str | None = None) -> ApiError:
    """Return the 400 that names the fields at fault, as (field, description) pairs."""
    text = "\n".join(description for _, description in found) if message is None else message
    entries = [
        {"field": field, "description": description} if field else {"description": description}
        for field, description in found
    ]
    details = [{"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": entries}]
    return ApiError(400, text, details)


def no_permission() -> ApiError:
    """Return the 403 for a caller the file is not shared with."""
    return ApiError(403, "The caller does not have permission")


def not_found() -> ApiError:
    """Return the 404 for an id that belongs to nothing."""
    return ApiError(404, "Requested entity was not found.")


PROTECTED = (
    "You are trying to edit a protected cell or object. Please contact the spreadsheet owner to"
    " remove protection if you need to edit."
)
TOO_MANY_CELLS = (
    "This action would increase the number of cells in the workbook above the limit of"
    " 10000000 cells."
)
TOO_LONG = "Your input contains more than the maximum of 50000 characters in a single cell."
