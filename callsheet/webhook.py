"""Webhook: where the end of a flow's runs is told, how that is signed, and what came of it.

A receiver checks `X-Callsheet-Signature: t=<UNIX seconds>,v1=<hex>`: the hex is HMAC-SHA256 with
the webhook's secret over `<t>.<body>`, byte for byte. An old `t` is a replay.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import TypeAdapter

from callsheet.run import Run

SIGNATURE = "X-Callsheet-Signature"
EVENT = "X-Callsheet-Delivery"
"""The id of the delivery: the same for each try, so that a receiver can tell repeats."""

_RUN = TypeAdapter(Run)
_TOLD = {
    *("id", "flow_id", "entity", "trigger", "state", "created_at", "started_at", "ended_at"),
    *("counts", "error"),
}

SECRET_PREFIX = "csw_"  # noqa: S105 - the beginning of every secret, so that scanners find leaks


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where the end of a flow's runs is told. url and secret are kept sealed."""

    flow_id: str
    spreadsheet_id: str
    url: str
    secret: str = field(repr=False)
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of one delivery. outcome: the answer's status, or the kind of the failure."""

    delivery_id: str
    attempt: int
    at: datetime
    is_delivered: bool
    outcome: str


def body_of(run: Run) -> str:
    """Return the JSON that is posted: the run as the API shows it.

    Without its progress, and without warnings and the quality card, whose sentences may quote
    values from records.
    """
    whole = _RUN.dump_python(run, mode="json", include=_TOLD)
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":"))


def signature(secret: str, body: bytes, seconds: int) -> str:
    """Return the value of the signature header of a body sent at this moment (UNIX seconds)."""
    signed = f"{seconds}.".encode() + body
    code = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={code}"
