"""The table from Google's refusals to our errors."""

from __future__ import annotations

import json
from typing import Any

import pytest
from google.auth.exceptions import RefreshError, TransportError
from requests import ConnectionError as NoConnection
from requests import ReadTimeout, Response

from callsheet import errors
from callsheet.sheets.refusals import RangeGone, Refusal, error_for, error_of, read_refusal

WHO = "robot@example.iam.gserviceaccount.com"
CELLS = (
    "Invalid requests[0].updateSheetProperties: This action would increase the number of cells in "
    "the workbook above the limit of 10000000 cells."
)
PROTECTED = (
    "You are trying to edit a protected cell or object. Please contact the spreadsheet owner to "
    "remove protection if you need to edit."
)


@pytest.mark.parametrize(
    ("refusal", "expected"),
    [
        (
            Refusal(403, "PERMISSION_DENIED", "", "The caller does not have permission"),
            errors.NoEditAccess,
        ),
        (Refusal(403, "PERMISSION_DENIED", "SERVICE_DISABLED", "..."), errors.ConfigError),
        (Refusal(403, "", "userRateLimitExceeded", ""), errors.DestinationRateLimited),
        (
            Refusal(404, "NOT_FOUND", "", "Requested entity was not found."),
            errors.SpreadsheetNotFound,
        ),
        (Refusal(400, "INVALID_ARGUMENT", "", PROTECTED), errors.TabProtected),
        (Refusal(403, "PERMISSION_DENIED", "", PROTECTED), errors.TabProtected),
        (Refusal(400, "INVALID_ARGUMENT", "", CELLS), errors.SpreadsheetFull),
        (
            Refusal(
                400, "INVALID_ARGUMENT", "", "Invalid requests[0].deleteSheet: No sheet with id: 5"
            ),
            errors.TabMissing,
        ),
        (Refusal(400, "INVALID_ARGUMENT", "", "No grid with id: 5"), errors.TabMissing),
        (Refusal(400, "INVALID_ARGUMENT", "", "Unable to parse range: NOPE!A5:F15"), RangeGone),
        (Refusal(400, "INVALID_ARGUMENT", "", "Range (Sheet1!A4) exceeds grid limits."), RangeGone),
        (
            Refusal(
                400, "FAILED_PRECONDITION", "", "This operation is not supported for this document"
            ),
            errors.NoEditAccess,
        ),
        (Refusal(400, "INVALID_ARGUMENT", "", "anything"), errors.DestinationRefused),
        (Refusal(401, "UNAUTHENTICATED"), errors.GoogleCredentialsRejected),
        (Refusal(413), errors.DestinationRefused),
        (Refusal(429), errors.DestinationRateLimited),
        (Refusal(408), errors.DestinationUnavailable),
        (Refusal(409, "ABORTED"), errors.DestinationUnavailable),
        (Refusal(500), errors.DestinationUnavailable),
        (Refusal(502), errors.DestinationUnavailable),
        (Refusal(503, "UNAVAILABLE"), errors.DestinationUnavailable),
        (Refusal(504), errors.DestinationUnavailable),
    ],
)
def test_the_table(refusal: Refusal, expected: type[errors.CallsheetError]) -> None:
    assert type(error_for(refusal, WHO)) is expected


def test_no_access_says_whom_to_share_with() -> None:
    assert WHO in error_for(Refusal(403, "PERMISSION_DENIED"), WHO).user_message


def test_a_protection_says_whom_to_allow() -> None:
    refusal = Refusal(400, "INVALID_ARGUMENT", "", PROTECTED)

    assert f"allow {WHO}" in error_for(refusal, WHO).user_message


def test_the_text_keeps_only_what_names_our_own_request() -> None:
    message = 'Invalid requests[3].addSheet: A sheet with the name "Anna" already exists.'
    assert str(error_for(Refusal(400, "INVALID_ARGUMENT", "", message), WHO)) == (
        "HTTP 400 INVALID_ARGUMENT Invalid requests[3].addSheet"
    )


def answer(status: int, body: Any) -> Response:
    """An error answer; text stays as it is."""
    response = Response()
    response.status_code = status
    response._content = (body if isinstance(body, str) else json.dumps(body)).encode()
    return response


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<!DOCTYPE html>", Refusal(502)),
        ("", Refusal(502)),
        ([], Refusal(502)),
        ({"error": "invalid_grant"}, Refusal(502, "invalid_grant")),
        (
            {"error": {"status": "S", "message": "M", "details": [{"x": 1}, {"reason": "R"}]}},
            Refusal(502, "S", "R", "M"),
        ),
        (
            {"error": {"errors": [{"reason": "rateLimitExceeded"}]}},
            Refusal(502, "", "rateLimitExceeded"),
        ),
        (
            {"error": {"details": ["x", {"metadata": {"quota_limit": "ReadRequestsPerMinute"}}]}},
            Refusal(502, limit="ReadRequestsPerMinute"),
        ),
    ],
)
def test_bodies_of_any_kind_are_read(body: Any, expected: Refusal) -> None:
    assert read_refusal(answer(502, body)) == expected


@pytest.mark.parametrize(
    ("problem", "expected"),
    [
        (NoConnection("https://…/values/'Secret'!A1"), errors.DestinationUnavailable),
        (ReadTimeout(), errors.DestinationUnavailable),
        (TransportError("x"), errors.DestinationUnavailable),
        (RefreshError("<html>502</html>"), errors.DestinationUnavailable),
        (RefreshError("x", {}, retryable=True), errors.DestinationUnavailable),
        (
            RefreshError("invalid_grant", {"error": "invalid_grant"}),
            errors.GoogleCredentialsRejected,
        ),
    ],
)
def test_failures_without_an_answer(
    problem: Exception, expected: type[errors.CallsheetError]
) -> None:
    found = error_of(problem)
    assert type(found) is expected
    assert "Secret" not in str(found)
