"""How a data flow is connected with other programs: its key, and its webhook."""

from __future__ import annotations

from flask import Blueprint

from backend.api import PREFIX, answers, api
from backend.auth import current_session
from backend.outside import (
    AttemptOut,
    EventAddressOut,
    FlowKeyOut,
    NewWebhookOut,
    OutsideOut,
    WebhookBody,
    WebhookOut,
)
from backend.services import current_services
from callsheet.data_flow import DataFlow
from callsheet.flows.outside import checked_url, event_url, host_of, new_webhook, run_url

routes = Blueprint("outside", __name__, url_prefix=f"{PREFIX}/flows/<flow_id>")


@routes.get("/outside")
@api.validate(resp=answers(401, 403, 404, HTTP_200=OutsideOut), tags=["outside"])
def show(flow_id: str) -> OutsideOut:
    """Show the address that starts the flow, and its webhook with the last tries."""
    services, flow = current_services(), _flow(flow_id)
    key = services.outside.flow_keys.find(flow.id)
    event_key = services.outside.event_keys.find(flow.id)
    webhook = services.outside.webhooks.find(flow.spreadsheet_id, flow.id)
    shown = None
    if webhook is not None:
        tries = services.outside.webhooks.attempts(flow.id)
        shown = WebhookOut(
            host=host_of(webhook.url),
            created_at=webhook.created_at,
            attempts=[AttemptOut.model_validate(one) for one in tries],
        )
    return OutsideOut(
        run_url=run_url(services.settings, flow),
        key_created_at=None if key is None else key.created_at,
        event_address_created_at=None if event_key is None else event_key.created_at,
        webhook=shown,
    )


@routes.put("/key")
@api.validate(resp=answers(401, 403, 404, HTTP_201=FlowKeyOut), tags=["outside"])
def make_key(flow_id: str) -> tuple[FlowKeyOut, int]:
    """Make a key that starts this flow and nothing else; a former key ends. It is shown once."""
    services, flow = current_services(), _flow(flow_id)
    now = services.clock.now()
    key = services.outside.flow_keys.create(flow.spreadsheet_id, flow.id, now)
    return FlowKeyOut(key=key, url=run_url(services.settings, flow), created_at=now), 201


@routes.delete("/key")
@api.validate(resp=answers(401, 403, 404, HTTP_204=None), tags=["outside"])
def revoke_key(flow_id: str) -> tuple[str, int]:
    """End the flow's key at once."""
    current_services().outside.flow_keys.revoke(_flow(flow_id).id)
    return "", 204


@routes.put("/event-address")
@api.validate(resp=answers(401, 403, 404, HTTP_201=EventAddressOut), tags=["outside"])
def make_event_address(flow_id: str) -> tuple[EventAddressOut, int]:
    """Make an address for events, such as those of Aircall's webhooks; a former one ends.

    It is shown once: who has it can have this flow refreshed, at most every five minutes.
    """
    services, flow = current_services(), _flow(flow_id)
    now = services.clock.now()
    key = services.outside.event_keys.create(flow.spreadsheet_id, flow.id, now)
    return EventAddressOut(url=event_url(services.settings, flow, key), created_at=now), 201


@routes.delete("/event-address")
@api.validate(resp=answers(401, 403, 404, HTTP_204=None), tags=["outside"])
def end_event_address(flow_id: str) -> tuple[str, int]:
    """Hear no more events: the address answers 404 from now on."""
    current_services().outside.event_keys.revoke(_flow(flow_id).id)
    return "", 204


@routes.put("/webhook")
@api.validate(resp=answers(401, 403, 404, 422, HTTP_201=NewWebhookOut), tags=["outside"])
def set_webhook(flow_id: str, json: WebhookBody) -> tuple[NewWebhookOut, int]:
    """Post the end of each run to this address from now on; the secret is shown once."""
    services, flow = current_services(), _flow(flow_id)
    url = checked_url(services.settings, json.url)
    webhook = new_webhook(flow, url, services.clock.now())
    services.outside.webhooks.save(webhook)
    return NewWebhookOut.model_validate(webhook), 201


@routes.delete("/webhook")
@api.validate(resp=answers(401, 403, 404, HTTP_204=None), tags=["outside"])
def remove_webhook(flow_id: str) -> tuple[str, int]:
    """Post no longer."""
    current_services().outside.webhooks.remove(_flow(flow_id).id)
    return "", 204


def _flow(flow_id: str) -> DataFlow:
    return current_services().flows.get(current_session().spreadsheet_id, flow_id)
