"""Deliver events to a webhook on demand: in any order, twice, late, with a wrong token."""

from __future__ import annotations

from flask import Response

from sandbox.aircall.admin.panel import admin, told
from sandbox.aircall.call_text import Flags
from sandbox.aircall.context import body_of_request, unknown_id, world
from sandbox.aircall.deliveries import Sending, document_of, event_body, send
from sandbox.aircall.records import Record


@admin.post("/webhooks/<int:hook_id>/deliver")
def deliver(hook_id: int) -> Response:
    """Post events, given as `{"event", "id"}` in the order of sending, and tell how it went."""
    here, sent = world(), body_of_request()
    hook = here.directory.webhooks.get(hook_id)
    if hook is None:
        return unknown_id("webhook", hook_id)
    known = {key: sent[key] for key in Sending.__slots__ if key in sent}
    sending = Sending(**known)
    results: list[Record] = []
    for wanted in sent.get("events", []):
        document = _document(wanted["event"], int(wanted["id"]))
        if document is None:
            return unknown_id(wanted["event"], wanted["id"])
        token = sending.token or hook["token"]
        body = event_body(wanted["event"], document, token, here.now())
        results += send(hook, body, sending)
    return told({"deliveries": results, "active": hook["active"]})


def _document(event: str, record_id: int) -> Record | None:
    here = world()
    if not event.startswith("call."):
        return document_of(here.directory, event, record_id)
    ref = here.book.find(record_id, here.now())
    return here.book.record(ref, Flags(), here.now()) if ref else None
