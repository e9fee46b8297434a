"""`callsheet flows outside`, `key`, `events` and `webhook`: a data flow and other programs."""

from __future__ import annotations

from typing import Any

import click
from pydantic import SecretStr

from callsheet.cli.admin import (
    ServerStores,
    answering,
    flow_called,
    for_spreadsheet,
    open_stores,
    show_json,
)
from callsheet.data_flow import DataFlow
from callsheet.flows.outside import checked_url, event_url, host_of, new_webhook, run_url
from callsheet.store.flow_keys import HEARS, FlowKeyStore
from callsheet.store.vault import Vault
from callsheet.store.webhooks import WebhookStore

_ONCE = "It is not shown again."


@click.command()
@click.argument("flow")
@for_spreadsheet
def outside(flow: str, spreadsheet_id: str, *, as_json: bool) -> None:
    """Show how FLOW is connected with other programs, and the last tries of its webhook."""
    with answering(as_json=as_json):
        stores = open_stores()
        shown = _connected(stores, flow_called(stores, spreadsheet_id, flow))
        if as_json:
            show_json(shown)
            return
        for name, value in shown.items():
            if name != "tries":
                click.echo(f"{name.replace('_', ' ')}: {value or '–'}")
        for one in shown["tries"]:
            did = "arrived" if one["is_delivered"] else "did not arrive"
            click.echo(f"  {one['at']}  {did} ({one['outcome']})")


@click.command()
@click.argument("flow")
@click.option("--revoke", is_flag=True, help="End the key instead.")
@for_spreadsheet
def key(flow: str, spreadsheet_id: str, *, revoke: bool, as_json: bool) -> None:
    """Make a key that starts FLOW and nothing else; a former one ends."""
    with answering(as_json=as_json):
        stores = open_stores()
        found, kept = flow_called(stores, spreadsheet_id, flow), FlowKeyStore(stores.redis)
        if revoke:
            kept.revoke(found.id)
            _say({"revoked": True}, "The key is revoked.", as_json=as_json)
            return
        made = kept.create(spreadsheet_id, found.id, stores.clock.now())
        url = run_url(stores.settings, found)
        said = f"{made}\nPOST with it as the bearer token to {url}. {_ONCE}"
        _say({"key": made, "url": url}, said, as_json=as_json)


@click.command()
@click.argument("flow")
@click.option("--end", is_flag=True, help="Hear no more events instead.")
@for_spreadsheet
def events(flow: str, spreadsheet_id: str, *, end: bool, as_json: bool) -> None:
    """Make an address for events that refresh FLOW, as of Aircall's webhooks; a former one ends."""
    with answering(as_json=as_json):
        stores = open_stores()
        found, kept = flow_called(stores, spreadsheet_id, flow), FlowKeyStore(stores.redis, HEARS)
        if end:
            kept.revoke(found.id)
            _say({"ended": True}, "The address hears nothing any more.", as_json=as_json)
            return
        made = kept.create(spreadsheet_id, found.id, stores.clock.now())
        url = event_url(stores.settings, found, made)
        _say({"url": url}, f"{url}\n{_ONCE}", as_json=as_json)


@click.command()
@click.argument("flow")
@click.argument("url", required=False)
@click.option("--remove", is_flag=True, help="Post no longer.")
@for_spreadsheet
def webhook(
    flow: str, url: str | None, spreadsheet_id: str, *, remove: bool, as_json: bool
) -> None:
    """Post the end of each run of FLOW to URL from now on, signed with a new secret."""
    if remove == (url is not None):
        raise click.UsageError("Give a URL, or --remove.")
    with answering(as_json=as_json):
        stores = open_stores()
        found, kept = flow_called(stores, spreadsheet_id, flow), _webhooks(stores)
        if url is None:
            kept.remove(found.id)
            _say({"removed": True}, "Nothing is posted any more.", as_json=as_json)
            return
        checked = checked_url(stores.settings, SecretStr(url))
        made = new_webhook(found, checked, stores.clock.now())
        kept.save(made)
        said = f"{made.secret}\nThe signing secret. {_ONCE}"
        _say({"url": made.url, "secret": made.secret}, said, as_json=as_json)


def _connected(stores: ServerStores, flow: DataFlow) -> dict[str, Any]:
    starts = FlowKeyStore(stores.redis).find(flow.id)
    hears = FlowKeyStore(stores.redis, HEARS).find(flow.id)
    posts = _webhooks(stores).find(flow.spreadsheet_id, flow.id)
    tries = _webhooks(stores).attempts(flow.id) if posts else []
    return {
        "run_url": run_url(stores.settings, flow),
        "key_created_at": starts and starts.created_at.isoformat(),
        "event_address_created_at": hears and hears.created_at.isoformat(),
        "webhook_host": posts and host_of(posts.url),
        "tries": [
            {"at": one.at.isoformat(), "is_delivered": one.is_delivered, "outcome": one.outcome}
            for one in tries
        ],
    }


def _webhooks(stores: ServerStores) -> WebhookStore:
    return WebhookStore(stores.redis, Vault(stores.settings.sealing_keys))


def _say(answer: dict[str, Any], said: str, *, as_json: bool) -> None:
    if as_json:
        show_json(answer)
    else:
        click.echo(said)
