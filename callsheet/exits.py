"""How a process ends: the exit status that an error means, and its one sentence."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from callsheet.errors import CallsheetError, ConfigError, RequestError

FAILED = 1
USAGE = 2


def exit_status(error: CallsheetError) -> int:
    """Return 2 for what the caller can mend in the command or the settings, else 1."""
    return USAGE if isinstance(error, ConfigError | RequestError) else FAILED


def as_json_object(error: CallsheetError) -> dict[str, str]:
    """Return what a program is told of an error: code, sentence, what helps."""
    return {
        "code": error.code,
        "message": error.user_message,
        "recovery": error.recovery.value,
    }


@contextmanager
def one_sentence() -> Iterator[None]:
    """End the process with the sentence of an error of ours, and the exit status that it means."""
    try:
        yield
    except CallsheetError as error:
        click.echo(f"callsheet: {error.user_message}", err=True)
        sys.exit(exit_status(error))
