"""What the commands that look after a server share: its stores, a spreadsheet, tables, answers."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import click
from redis import Redis
from redis.exceptions import RedisError

from callsheet import log as logs
from callsheet.catalogue import ENTITIES
from callsheet.clock import Clock, SystemClock
from callsheet.data_flow import DataFlow
from callsheet.entity import Entity
from callsheet.errors import CallsheetError, NotFound, StoreUnavailable
from callsheet.exits import as_json_object, exit_status
from callsheet.flows.context import Administrator
from callsheet.settings import Settings
from callsheet.store.client import connect, require_answer
from callsheet.store.connections import ConnectionStore
from callsheet.store.flows import FlowStore
from callsheet.store.runs import RunStore
from callsheet.store.vault import Vault

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class ServerStores:
    """The stores of the server that the settings describe."""

    settings: Settings
    redis: Redis
    connections: ConnectionStore
    flows: FlowStore
    runs: RunStore
    clock: Clock
    catalogue: Mapping[str, Entity]


def open_stores() -> ServerStores:
    """Connect to the server's Redis. Raises ConfigError, StoreUnavailable."""
    logs.configure("WARNING")
    settings = Settings.load()
    redis = connect(settings)
    require_answer(redis, settings)
    return ServerStores(
        settings=settings,
        redis=redis,
        connections=ConnectionStore(redis, Vault(settings.sealing_keys)),
        flows=FlowStore(redis),
        runs=RunStore(redis),
        clock=SystemClock(),
        catalogue=ENTITIES,
    )


def administrator(stores: ServerStores, spreadsheet_id: str) -> Administrator:
    """Return who asks: somebody at the server, by the clock of the spreadsheet.

    Its time zone is the one that the sidebar has told last; UTC before it was ever opened.
    """
    flows = stores.flows.of_spreadsheet(spreadsheet_id)
    return Administrator(spreadsheet_id, ZoneInfo(flows[-1].zone if flows else "Etc/UTC"))


def for_spreadsheet(command: Command) -> Command:
    """Add --spreadsheet and --json to a command."""
    shown_as = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
    spreadsheet = click.option(
        "--spreadsheet",
        "spreadsheet_id",
        required=True,
        metavar="ID",
        help="The spreadsheet: the long part of its address.",
    )
    return spreadsheet(shown_as(command))


@contextmanager
def answering(*, as_json: bool) -> Iterator[None]:
    """Turn an error of ours into its sentence, or one JSON object, and the exit status."""
    try:
        try:
            yield
        except RedisError as error:
            raise StoreUnavailable(type(error).__name__) from None
    except CallsheetError as error:
        if as_json:
            show_json({"error": as_json_object(error)})
        else:
            click.echo(f"callsheet: {error.user_message}", err=True)
        sys.exit(exit_status(error))


def show_json(answer: Any) -> None:
    """Print one JSON object."""
    click.echo(json.dumps(answer, ensure_ascii=False, indent=2))


def show_table(headers: Sequence[str], rows: Sequence[Sequence[str]], empty: str) -> None:
    """Print rows below their headers, or a sentence when there are none."""
    if not rows:
        click.echo(empty)
        return
    table = [headers, *rows]
    widths = [max(len(row[place]) for row in table) for place in range(len(headers))]
    for row in table:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(cells).rstrip())


def flow_called(stores: ServerStores, spreadsheet_id: str, name: str) -> DataFlow:
    """Return the spreadsheet's flow of that name or id. Raises NotFound."""
    for flow in stores.flows.of_spreadsheet(spreadsheet_id):
        if name in (flow.name, flow.id):
            return flow
    raise NotFound(
        message=f"There is no flow “{name[:40]}” in this spreadsheet. `callsheet flows list` "
        "shows those that there are."
    )


def next_refresh(flow: DataFlow) -> str:
    """Return when the flow is refreshed next, by the spreadsheet's clock, or why it is not."""
    if flow.is_paused:
        return "paused"
    if flow.paused_because is not None:
        return "waits for a person"
    if flow.next_run_at is None:
        return "only by hand"
    return f"{flow.next_run_at.astimezone(ZoneInfo(flow.zone)):%Y-%m-%d %H:%M}"
