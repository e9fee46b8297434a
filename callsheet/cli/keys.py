"""`callsheet keys`: make the two secrets that a server needs."""

from __future__ import annotations

import secrets

import click
from cryptography.fernet import Fernet


@click.command()
def keys() -> None:
    """Print a new session key and a new sealing key, as lines for .env."""
    click.echo(f"CALLSHEET_SESSION_KEY={secrets.token_urlsafe(48)}")
    click.echo(f"CALLSHEET_SEALING_KEYS={Fernet.generate_key().decode()}")
