"""JSON documents of the API, and the key orders that the API is known to send."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

Record = dict[str, Any]

API = "https://api.aircall.io"

USER_V2 = (
    "id", "name", "email", "direct_link", "language", "created_at", "time_zone", "state",
    "wrap_up_time", "extension", "availability_status", "available", "default_number_id",
    "substatus",
)  # fmt: skip
USER_V1 = USER_V2[:-2]
USER_IN_CALL = (
    "id", "direct_link", "name", "email", "available", "availability_status", "created_at",
    "time_zone", "language", "state", "wrap_up_time", "extension",
)  # fmt: skip
USER_SHORT = USER_IN_CALL[:7]
USER_IN_TEAM = (
    "id", "direct_link", "name", "email", "availability_status", "default_number_id", "created_at",
    "time_zone", "language", "wrap_up_time",
)  # fmt: skip
NUMBER = (
    "id", "digits", "direct_link", "name", "country", "time_zone", "availability_status", "is_ivr",
    "live_recording_activated", "priority", "messages", "created_at", "open",
)  # fmt: skip
NUMBER_IN_CALL = (
    "id", "direct_link", "name", "digits", "country", "time_zone", "open", "availability_status",
    "is_ivr", "live_recording_activated", "priority", "messages", "created_at",
    "flow_editor_enabled",
)  # fmt: skip
TEAM = ("id", "name", "direct_link", "created_at")
CONTACT = (
    "id", "created_at", "updated_at", "first_name", "last_name", "information", "company_name",
    "is_shared", "direct_link", "phone_numbers", "emails",
)  # fmt: skip
TAG = ("id", "name", "color", "description")
WEBHOOK = (
    "id", "direct_link", "url", "active", "events", "token", "created_at", "webhook_id",
)  # fmt: skip


# One encoder for all: `json.dumps` with options would build a new one at every call.
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def project(record: Record, keys: tuple[str, ...]) -> Record:
    """Return the record reduced to some keys, in their order."""
    return {key: record[key] for key in keys}


def compact(value: object) -> str:
    """Return JSON without spaces, as the API sends it."""
    return _encode(value)


def iso(moment: float) -> str:
    """Return a moment in the API's ISO form, milliseconds and Z."""
    there = datetime.fromtimestamp(moment, UTC)
    return there.strftime("%Y-%m-%dT%H:%M:%S.") + f"{there.microsecond // 1000:03d}Z"


def seconds_of(moment: str) -> int:
    """Return the UNIX seconds of an ISO moment."""
    return int(datetime.fromisoformat(moment).timestamp())
