"""Deliveries to webhooks: the bodies of events, and a sender that retries and gives up."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from dataclasses import dataclass

from sandbox.aircall.directory import Directory
from sandbox.aircall.records import Record, compact, project

TIMEOUT_SECONDS = 5.0
_CALL = (
    "id", "direct_link", "direction", "status", "missed_call_reason", "started_at", "answered_at",
    "ended_at", "duration", "cost", "hangup_cause", "voicemail", "recording", "asset", "raw_digits",
    "user", "number", "archived", "teams", "comments", "tags", "transferred_to", "transferred_by",
)  # fmt: skip
_USER = (
    "id", "direct_link", "name", "email", "available", "availability_status", "language",
    "wrap_up_time",
)  # fmt: skip
_NUMBER = (
    "id", "direct_link", "name", "digits", "country", "time_zone", "open", "availability_status",
    "is_ivr", "live_recording_activated", "messages",
)  # fmt: skip
_CONTACT = (
    "id", "direct_link", "first_name", "last_name", "company_name", "information", "is_shared",
    "created_at", "updated_at", "emails", "phone_numbers",
)  # fmt: skip
_MAY_BE_ABSENT = ("user", "transferred_to", "transferred_by")
_GREETINGS_TOLD = 6


@dataclass(frozen=True, slots=True)
class Sending:
    """How deliveries go out: how often, how late, how many tries."""

    times: int = 1
    delay: float = 0.0
    attempts: int = 1
    retry_wait: float = 0.1
    disable_after: int = 50
    token: str | None = None


def event_body(event: str, document: Record, token: str, now: int) -> Record:
    """Return the body of a delivery."""
    noun = event.split(".")[0]
    shape = {"call": _call, "contact": _contact, "user": _user, "number": _number}.get(noun, dict)
    data = shape(document)
    if event == "contact.deleted":
        data.update(emails=[], phone_numbers=[])
    return {"resource": noun, "event": event, "timestamp": now, "token": token, "data": data}


def send(hook: Record, body: Record, sending: Sending) -> list[Record]:
    """Post a body as told, and disable the webhook after lasting failure."""
    results: list[Record] = []
    time.sleep(sending.delay)
    for _ in range(sending.times):
        for attempt in range(1, sending.attempts + 1):
            status = _post(hook["url"], body)
            ok = 200 <= status < 300
            results.append({"event": body["event"], "attempt": attempt, "status": status})
            hook["active"] = ok or (hook["active"] and attempt < sending.disable_after)
            if ok:
                break
            time.sleep(sending.retry_wait)
    return results


def document_of(directory: Directory, event: str, record_id: int) -> Record | None:
    """Return the document an event of a person, line or contact is about."""
    noun = event.split(".")[0]
    if noun == "user" and record_id in directory.users:
        return {**directory.users[record_id], "numbers": list(directory.numbers.values())[:1]}
    if noun == "number" and record_id in directory.numbers:
        return {**directory.numbers[record_id], "users": list(directory.users.values())[:2]}
    return directory.contacts.get(record_id) if noun == "contact" else None


def _post(url: str, body: Record) -> int:
    """Return the status of the answer, 0 if there was none."""
    headers = {"Content-Type": "application/json"}
    asked = urllib.request.Request(url, compact(body).encode(), headers)  # noqa: S310 - a test's own receiver
    try:
        with urllib.request.urlopen(asked, timeout=TIMEOUT_SECONDS) as answered:  # noqa: S310 - same
            return int(answered.status)
    except urllib.error.HTTPError as refused:
        return refused.code
    except OSError:
        return 0


def _call(call: Record) -> Record:
    data = {key: ({**call, "hangup_cause": None})[key] for key in _CALL}
    for key in _MAY_BE_ABSENT:
        data[key] = _user(data[key]) if data[key] else None
    data["number"] = _number(data["number"]) if data["number"] else None
    data["tags"] = [_tag(tag) for tag in data["tags"]]
    return {k: v for k, v in data.items() if v is not None or k not in _MAY_BE_ABSENT}


def _tag(tag: Record) -> Record:
    by = _user(tag["tagged_by"]) if tag["tagged_by"] else {}
    return {"id": tag["id"], "name": tag["name"], "tagged_by": by, "tagged_at": tag["created_at"]}


def _user(user: Record) -> Record:
    data = {key: user[key] for key in _USER if key in user}
    return {**data, "numbers": list(map(_number, user["numbers"]))} if "numbers" in user else data


def _number(number: Record) -> Record:
    greetings = dict(list(number["messages"].items())[:_GREETINGS_TOLD])
    data = {**project(number, _NUMBER), "messages": greetings}
    return {**data, "users": list(map(_user, number["users"]))} if "users" in number else data


def _contact(contact: Record) -> Record:
    return project(contact, _CONTACT)
