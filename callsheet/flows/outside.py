"""A data flow and other programs: the addresses that reach it, and where its runs are told."""

from __future__ import annotations

import secrets
from datetime import datetime
from urllib.parse import urlsplit

from pydantic import SecretStr

from callsheet.data_flow import DataFlow
from callsheet.errors import AddressRefused
from callsheet.outgoing.address import checked_form
from callsheet.settings import Settings
from callsheet.webhook import SECRET_PREFIX, Webhook

API = "/api/v1"
"""What the paths of the API begin with."""


def run_url(settings: Settings, flow: DataFlow) -> str:
    """Return what other programs POST to, with the flow's key, to start a run."""
    return f"{settings.public_url}{API}/flows/{flow.id}/runs"


def event_url(settings: Settings, flow: DataFlow, key: str) -> str:
    """Return the address to which events are posted; the key in it is a secret."""
    return f"{settings.public_url}{API}/events/{flow.id}/{key}"


def checked_url(settings: Settings, url: SecretStr) -> str:
    """Return an address that we may post to. Raises AddressRefused for its form.

    Where its name leads is checked at each post, for it can change.
    """
    return checked_form(url.get_secret_value(), on_this_machine=settings.is_on_this_machine)


def new_webhook(flow: DataFlow, url: str, now: datetime) -> Webhook:
    """Return a webhook with a secret of its own."""
    secret = SECRET_PREFIX + secrets.token_urlsafe(32)
    return Webhook(flow.id, flow.spreadsheet_id, url, secret, now)


def host_of(url: str) -> str:
    """Return the host of an address, which may be shown."""
    host = urlsplit(url).hostname
    if host is None:
        raise AddressRefused("stored address without a host")
    return host
