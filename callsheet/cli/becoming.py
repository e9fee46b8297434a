"""The commands that only become another process: worker, scheduler, demo, sandbox.

They import nothing of the product, which that process imports itself.
"""

from __future__ import annotations

import os
import sys
from typing import NoReturn

import click

_PASS_ON = {"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []}


@click.command()
def worker() -> None:
    """Execute imports from the queues."""
    become("worker")


@click.command()
def scheduler() -> None:
    """Enqueue refreshes that are due, and runs whose worker vanished."""
    become("worker.scheduler")


@click.command(context_settings=_PASS_ON)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def demo(arguments: tuple[str, ...]) -> None:
    """Show the main job with invented data: a spreadsheet, the sidebar, calls (PORT, 8000)."""
    become("sandbox", "demo", *arguments)


@click.command(context_settings=_PASS_ON)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def sandbox(arguments: tuple[str, ...]) -> None:
    """Run only the stand-ins of Aircall and Google; --help lists the options."""
    become("sandbox", "serve", *arguments)


def become(module: str, *arguments: str) -> NoReturn:
    """Turn this process into `python -m module`, so that signals reach it directly."""
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", module, *arguments])  # noqa: S606 - fixed list
