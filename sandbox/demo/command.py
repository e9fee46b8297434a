"""`python -m sandbox demo`: everything in one terminal, until Ctrl-C."""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from pathlib import Path

import click

from sandbox.demo.places import PortTaken
from sandbox.demo.processes import DemoOptions, running_demo
from sandbox.demo.supervisor import ChildEnded
from sandbox.serve import World, stop_on_signals

COLOURS = {
    "aircall": "green",
    "google": "yellow",
    "redis": "red",
    "web": "cyan",
    "worker": "magenta",
    "scheduler": "blue",
    "page": "white",
}
CHECK_SECONDS = 0.5


class Terminal:
    """Prints the lines of all processes, each under its name, never mixed up."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def __call__(self, name: str, line: str) -> None:
        """Print one line of a process."""
        prefix = click.style(f"{name:>9} │ ", fg=COLOURS.get(name))
        with self._lock:
            click.echo(prefix + line)

    def say(self, text: str) -> None:
        """Print a line of our own."""
        with self._lock:
            click.echo(text)
            sys.stdout.flush()


def temporary_folder() -> tempfile.TemporaryDirectory[str]:
    """A folder for one demo; its guard removes it too, should we be killed."""
    return tempfile.TemporaryDirectory(prefix="callsheet-demo-", ignore_cleanup_errors=True)


@click.command()
@click.option(
    "--port", envvar="PORT", type=click.IntRange(1, 65535), default=8000, show_default=True
)
@click.option("--calls", type=click.IntRange(0), default=World.calls, show_default=True)
@click.option("--days", type=click.IntRange(1), default=World.days, show_default=True)
@click.option("--seed", type=int, default=World.seed, show_default=True)
@click.option("--arrivals-per-minute", type=click.FloatRange(0), default=6.0, show_default=True)
def demo(port: int, calls: int, days: int, seed: int, arrivals_per_minute: float) -> None:
    """Run Callsheet against stand-ins of Aircall and Google, with a spreadsheet page to try it."""
    began = time.monotonic()
    stop = stop_on_signals()
    terminal = Terminal()
    world = World(calls, days, seed, None, arrivals_per_minute)
    terminal.say(
        "Starting the demo: stand-ins of Aircall and Google, Redis, web, worker, scheduler …"
    )
    try:
        with (
            temporary_folder() as folder,
            running_demo(
                Path(folder), DemoOptions(port, world), terminal, remove_folder=True
            ) as running,
        ):
            took = time.monotonic() - began
            terminal.say(
                f"\n  Ready after {took:.1f} s. Open {click.style(running.page_url, bold=True)}"
                "   (Ctrl-C ends everything)\n"
            )
            while not stop.wait(CHECK_SECONDS):
                running.supervisor.check()
            terminal.say("Ending the demo …")
    except (PortTaken, ChildEnded) as error:
        raise click.ClickException(str(error)) from None
