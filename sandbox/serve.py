"""Runs the stand-ins of Aircall and Google in the foreground and tells how to reach them."""

from __future__ import annotations

import json
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType

import click

from sandbox.aircall.server import AircallStandIn
from sandbox.sheets.server import SheetsStandIn

DEMO_TITLE = "Call centre report"


@dataclass
class Addresses:
    """The line of JSON: where the stand-ins are and what opens them."""

    aircall_url: str | None = None
    aircall_api_id: str | None = None
    aircall_api_token: str | None = None
    sheets_url: str | None = None
    service_account_file: str | None = None
    access_token: str | None = None
    spreadsheet_id: str | None = None


@dataclass(frozen=True)
class World:
    """How much the Aircall stand-in holds."""

    calls: int = 5_000
    days: int = 90
    seed: int = 1
    samples: Path | None = None
    arrivals_per_minute: float = 0.0


@contextmanager
def serving(aircall_port: int, sheets_port: int, world: World) -> Iterator[Addresses]:
    """Run the stand-ins whose port is not 0, for as long as the block lasts."""
    addresses = Addresses()
    with ExitStack() as stack:
        if aircall_port:
            stack.callback(_start_aircall(aircall_port, world, addresses))
        if sheets_port:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="callsheet-")))
            stack.callback(_start_sheets(sheets_port, folder, addresses))
        yield addresses


def _start_aircall(port: int, world: World, addresses: Addresses) -> Callable[[], None]:
    aircall = AircallStandIn(
        port,
        calls=world.calls,
        days=world.days,
        seed=world.seed,
        samples_dir=world.samples,
        arrivals_per_minute=world.arrivals_per_minute,
    )
    aircall.start()
    addresses.aircall_url = aircall.url
    addresses.aircall_api_id = aircall.api_id
    addresses.aircall_api_token = aircall.api_token
    return aircall.stop


def _start_sheets(port: int, folder: Path, addresses: Addresses) -> Callable[[], None]:
    sheets = SheetsStandIn(port)
    sheets.start()
    account = sheets.service_account_info()
    key_file = folder / "service-account.json"
    key_file.touch(mode=0o600)
    key_file.write_text(json.dumps(account), encoding="utf-8")
    addresses.sheets_url = sheets.url
    addresses.service_account_file = str(key_file)
    addresses.access_token = sheets.access_token()
    addresses.spreadsheet_id = sheets.create_spreadsheet(
        DEMO_TITLE, editors=[account["client_email"]]
    )
    return sheets.stop


def stop_on_signals() -> threading.Event:
    """An event that SIGINT and SIGTERM set, so that everything is tidied up before the end."""
    stop = threading.Event()

    def ask(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGINT, ask)
    signal.signal(signal.SIGTERM, ask)
    return stop


@click.command()
@click.option("--aircall-port", type=click.IntRange(0, 65535), required=True, help="0: no Aircall.")
@click.option("--sheets-port", type=click.IntRange(0, 65535), required=True, help="0: no Google.")
@click.option("--calls", type=click.IntRange(0), default=World.calls, show_default=True)
@click.option("--days", type=click.IntRange(1), default=World.days, show_default=True)
@click.option("--seed", type=int, default=World.seed, show_default=True)
@click.option(
    "--samples",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Serve the JSON files of this folder instead of generated data.",
)
@click.option(
    "--arrivals-per-minute",
    type=click.FloatRange(0),
    default=World.arrivals_per_minute,
    show_default=True,
    help="New calls while it runs.",
)
def serve(
    aircall_port: int,
    sheets_port: int,
    calls: int,
    days: int,
    seed: int,
    samples: Path | None,
    arrivals_per_minute: float,
) -> None:
    """Run the stand-ins of Aircall and Google until interrupted."""
    stop = stop_on_signals()
    world = World(calls, days, seed, samples, arrivals_per_minute)
    try:
        with serving(aircall_port, sheets_port, world) as addresses:
            click.echo(json.dumps(asdict(addresses)))
            stop.wait()
    except OSError as error:
        raise click.ClickException(f"The stand-ins could not start: {error}") from error
