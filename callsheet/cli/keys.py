"""`callsheet keys`: make the two secrets that a server needs, and change over to a new one."""

from __future__ import annotations

import secrets
import sys
from collections import Counter
from collections.abc import Sequence

import click
from cryptography.fernet import Fernet

from callsheet.cli.admin import answering, open_stores, show_json
from callsheet.exits import FAILED
from callsheet.store.sealed import Fate, SealedThings
from callsheet.store.vault import Vault


@click.group(invoke_without_command=True)
@click.pass_context
def keys(context: click.Context) -> None:
    """Print a new session key and a new sealing key, as lines for .env."""
    if context.invoked_subcommand is None:
        click.echo(f"CALLSHEET_SESSION_KEY={secrets.token_urlsafe(48)}")
        click.echo(f"CALLSHEET_SEALING_KEYS={Fernet.generate_key().decode()}")


@keys.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def reseal(*, as_json: bool) -> None:
    """Seal all that is stored with the newest of CALLSHEET_SEALING_KEYS.

    Put the new key first, restart all processes, run this, then take the old key away. It may be
    broken off and repeated. Exit status 1 while something cannot be opened with any of the keys.
    """
    with answering(as_json=as_json):
        stores = open_stores()
        things = SealedThings(stores.redis, Vault(stores.settings.sealing_keys))
        counts, unreadable = Counter[Fate](), list[str]()
        for place, fate in things.reseal():
            counts[fate] += 1
            if fate is Fate.UNREADABLE:
                unreadable.append(place.what)
    _show(counts, unreadable, as_json=as_json)
    if unreadable:
        sys.exit(FAILED)


def _show(counts: Counter[Fate], unreadable: Sequence[str], *, as_json: bool) -> None:
    if as_json:
        numbers = {fate.value: counts[fate] for fate in (Fate.RESEALED, Fate.CURRENT)}
        show_json({**numbers, "unreadable": list(unreadable)})
        return
    click.echo(
        f"{counts[Fate.RESEALED]} sealed anew, {counts[Fate.CURRENT]} were sealed with the newest "
        "key already."
    )
    for what in unreadable:
        click.echo(f"Cannot be opened with any of the keys: {what}")
    if unreadable:
        click.echo(
            "Put the key back with which they were sealed, or have them saved again in the "
            "sidebar. Keep the old key until then."
        )
    else:
        click.echo("Only the first of CALLSHEET_SEALING_KEYS is needed any more.")
