"""One table from Google's refusals to our errors; nothing of a cell's content leaves it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import requests
from google.auth.exceptions import GoogleAuthError, RefreshError, TransportError

from callsheet.errors import (
    ConfigError,
    DestinationError,
    DestinationRateLimited,
    DestinationRefused,
    DestinationUnavailable,
    GoogleCredentialsRejected,
    NoEditAccess,
    SpreadsheetFull,
    SpreadsheetNotFound,
    TabMissing,
    TabProtected,
)


class RangeGone(DestinationRefused):
    """A range that is no longer there: the tab was renamed, deleted or made smaller."""


class PlanTooOld(DestinationUnavailable):
    """A write that was planned too long ago to be sent without looking again."""


class OutcomeUnknown(DestinationUnavailable):
    """A change that Google may or may not have made."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """What an HTTP error answer says.

    http: the HTTP status. status, reason: Google's words, empty where the body is not Google's
    JSON (an HTML page of a proxy, an OAuth error). message: may quote cells; never pass it on.
    limit: the name of the quota that is used up, such as `ReadRequestsPerMinutePerUser`.
    """

    http: int
    status: str = ""
    reason: str = ""
    message: str = ""
    limit: str = ""


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of the table: the first whose given parts all match decides."""

    error: type[DestinationError] | type[ConfigError]
    http: frozenset[int]
    word: str = ""  # equal to Google's status or reason
    pattern: str = ""  # found in the message
    advice: str | None = None  # replaces the class's own sentence

    def matches(self, refusal: Refusal) -> bool:
        return (
            refusal.http in self.http
            and self.word in {"", refusal.status, refusal.reason}
            and re.search(self.pattern, refusal.message, re.IGNORECASE) is not None
        )


_ANY = frozenset(range(400, 600))
_CLIENT = frozenset(range(400, 500))

_TABLE = (
    _Row(
        ConfigError,
        frozenset({403}),
        "SERVICE_DISABLED",
        advice="The Google Sheets API is switched off in the service account's Cloud project. "
        "Enable it in the Google Cloud console and try again.",
    ),
    _Row(DestinationRateLimited, frozenset({403}), "RATE_LIMIT_EXCEEDED"),
    _Row(DestinationRateLimited, frozenset({403}), "rateLimitExceeded"),
    _Row(DestinationRateLimited, frozenset({403}), "userRateLimitExceeded"),
    _Row(DestinationRateLimited, frozenset({429})),
    # Seen with 400 in the oldest report and never confirmed for v4: the text decides.
    _Row(TabProtected, _CLIENT, pattern="protected cell or object"),
    _Row(SpreadsheetFull, _CLIENT, pattern="above the limit of [0-9]+ cells"),
    _Row(TabMissing, frozenset({400}), pattern="No (grid|sheet) with id"),
    _Row(RangeGone, frozenset({400}), pattern="Unable to parse range|exceeds grid limits"),
    _Row(
        NoEditAccess,
        frozenset({400}),
        pattern="operation is not supported for this document",
        advice="This file is an Office file. Save it as a Google Sheets file (File, Save as "
        "Google Sheets) and use that one.",
    ),
    _Row(GoogleCredentialsRejected, frozenset({401})),
    _Row(NoEditAccess, frozenset({403})),
    _Row(SpreadsheetNotFound, frozenset({404})),
    _Row(DestinationUnavailable, frozenset({408, 409})),
    _Row(DestinationRefused, _CLIENT),
    _Row(DestinationUnavailable, _ANY),
)


def read_refusal(response: requests.Response) -> Refusal:
    """Read an error answer, whatever its body is.

    gspread's own APIError is not used: its code is that of the body, and a body whose `error` is
    a string makes its constructor fail.
    """
    try:
        error: Any = response.json()["error"]
    except (ValueError, KeyError, TypeError):
        return Refusal(response.status_code)
    if not isinstance(error, dict):
        return Refusal(response.status_code, status=str(error))
    return Refusal(
        response.status_code,
        str(error.get("status", "")),
        _reason(error),
        str(error.get("message", "")),
        _limit(error),
    )


def _limit(error: dict[str, Any]) -> str:
    """Return `quota_limit` of the details' metadata."""
    for item in error.get("details") or []:
        metadata = item.get("metadata") if isinstance(item, dict) else None
        if isinstance(metadata, dict) and metadata.get("quota_limit"):
            return str(metadata["quota_limit"])
    return ""


def _reason(error: dict[str, Any]) -> str:
    """Return the reason of `details` (Sheets) or of `errors` (Drive)."""
    for item in [*(error.get("details") or []), *(error.get("errors") or [])]:
        if isinstance(item, dict) and item.get("reason"):
            return str(item["reason"])
    return ""


def error_for(refusal: Refusal, account: str) -> DestinationError | ConfigError:
    """Return our error for a refusal.

    account: the service account's address, which a person needs in order to share the file.
    """
    row = next((row for row in _TABLE if row.matches(refusal)), _TABLE[-1])
    advice = row.advice
    if row.error is NoEditAccess and advice is None:
        advice = (
            f"Callsheet may not edit this spreadsheet. Share it, as editor, with {account} "
            "and try again."
        )
    if row.error is TabProtected:
        advice = (
            "A protected range keeps Callsheet from writing to its tab. In Data, Protect sheets "
            f"and ranges, remove the protection or allow {account}; then refresh."
        )
    return row.error(_detail(refusal), message=advice)


def _detail(refusal: Refusal) -> str:
    """Return text for the log: of the message only the part that names our own request."""
    ours = re.match(r"Invalid requests\[[0-9]+\]\.[A-Za-z]+", refusal.message)
    words = [f"HTTP {refusal.http}", refusal.status, refusal.reason, ours.group() if ours else ""]
    return " ".join(word for word in words if word)


def error_of(problem: Exception) -> DestinationError:
    """Return our error for an exception of requests or google-auth (a failure without answer)."""
    name = type(problem).__name__
    if isinstance(problem, RefreshError):
        # Its second argument is the token endpoint's JSON; an HTML page of a proxy has none.
        if problem.retryable or len(problem.args) < 2:
            return DestinationUnavailable(f"token endpoint: {name}")
        return GoogleCredentialsRejected(f"token endpoint: {name}")
    if isinstance(problem, GoogleAuthError) and not isinstance(problem, TransportError):
        return GoogleCredentialsRejected(name)
    return DestinationUnavailable(name)
