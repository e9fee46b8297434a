"""Webhooks: thin meta, tokens in clear, and an id that only reading shows."""

from __future__ import annotations

from flask import Blueprint, Response, request

from sandbox.aircall.context import (
    answer,
    asked_for,
    bad_request,
    body_of_request,
    list_records,
    refused,
    single,
    unknown_id,
    world,
)
from sandbox.aircall.pages import ListStyle
from sandbox.aircall.records import Record
from sandbox.aircall.webhooks import MAX_WEBHOOKS, webhook_record

webhooks = Blueprint("webhooks", __name__, url_prefix="/v1/webhooks")
LIST = ListStyle("webhooks", "/v1/webhooks", meta_first=True, has_links=False, carried=())


@webhooks.get("")
def list_webhooks() -> Response:
    """Answer the webhooks under a meta without links."""
    return list_records(LIST, asked_for(LIST), list(world().directory.webhooks.values()))


@webhooks.get("/<webhook_id>")
def get_webhook(webhook_id: str) -> Response:
    """Answer one webhook, by UUID or by number."""
    hook = _find(webhook_id)
    return single("webhook", hook) if hook else unknown_id("webhook", webhook_id)


@webhooks.post("")
def create_webhook() -> Response:
    """Create a webhook; no events mean all events."""
    here, sent = world(), body_of_request()
    hooks = here.directory.webhooks
    if not sent.get("url"):
        return bad_request("url is missing")
    if len(hooks) >= MAX_WEBHOOKS:
        return refused(400, "Bad Request", "a company has at most 100 webhooks")
    hook_id = max(hooks, default=9_000_000) + 131
    created = here.clock.now()
    hooks[hook_id] = webhook_record(hook_id, sent["url"], sent.get("events", []), created)
    return _written(hooks[hook_id])


@webhooks.put("/<webhook_id>")
def update_webhook(webhook_id: str) -> Response:
    """Change a webhook; without `events` it is subscribed to all of them again."""
    hook, sent = _find(webhook_id), body_of_request()
    if hook is None:
        return unknown_id("webhook", webhook_id)
    hook.update({key: sent[key] for key in ("url", "active") if key in sent})
    hook["events"] = _events(hook["events"], sent.get("events", []))
    return _written(hook)


@webhooks.delete("/<webhook_id>")
def delete_webhook(webhook_id: str) -> Response:
    """Delete a webhook."""
    hook = _find(webhook_id)
    if hook is None:
        return unknown_id("webhook", webhook_id)
    del world().directory.webhooks[hook["id"]]
    return answer("", 204)


def _events(present: list[str], sent: list[str]) -> list[str]:
    action = request.args.get("events_action")
    if action == "add":
        return present + [event for event in sent if event not in present]
    if action == "remove":
        return [event for event in present if event not in sent]
    return sent


def _written(hook: Record) -> Response:
    return single("webhook", {key: value for key, value in hook.items() if key != "id"})


def _find(webhook_id: str) -> Record | None:
    hooks = world().directory.webhooks
    if webhook_id.isdigit():
        return hooks.get(int(webhook_id))
    return next((hook for hook in hooks.values() if hook["webhook_id"] == webhook_id), None)
