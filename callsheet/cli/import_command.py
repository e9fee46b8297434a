"""`callsheet import`: one import in this process, without queue, and without Redis if need be."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from callsheet import log as logs
from callsheet.catalogue import entity_named
from callsheet.checkpoint import Checkpoint
from callsheet.cli.choices import chosen_options, flow_key, flow_options
from callsheet.cli.sharing import sharing
from callsheet.clock import SystemClock
from callsheet.data_flow import WriteMode
from callsheet.entity import Entity
from callsheet.errors import CallsheetError
from callsheet.estimate import singular
from callsheet.exits import as_json_object, exit_status
from callsheet.order import Order, Outcome
from callsheet.pipeline import import_entity, instant
from callsheet.quality import sentences
from callsheet.run import Progress
from callsheet.settings import Settings
from callsheet.shaping import shape
from callsheet.span import Span
from callsheet.wiring import account_pool, aircall_client, server_key

if TYPE_CHECKING:
    from callsheet.checkpoint import Checkpoint
    from callsheet.sheets.tab import Tab

_DEFAULT_DAYS = 30


@dataclass(slots=True)
class _Terminal:
    """Shows progress on one line of a terminal; silent elsewhere."""

    enabled: bool
    guard: Callable[[], None]
    last: Progress | None = None

    def progressed(self, progress: Progress) -> None:
        self.last = progress
        if self.enabled:
            expected = "?" if progress.rows_expected is None else f"{progress.rows_expected:,}"
            share = progress.rows_received / max(1, progress.rows_expected or 1)
            bar = ("█" * int(24 * min(1.0, share))).ljust(24, "░")
            line = f"\r{bar} {progress.rows_received:,} of {expected}  {progress.phase.value}"
            click.echo(f"{line:<78}", nl=False, err=True)

    def waiting(self, seconds: float) -> None:
        if self.enabled:
            done = self.last.rows_received if self.last else 0
            line = f"\r{done:,} so far; waiting {seconds:.0f} s for a request limit"
            click.echo(f"{line:<78}", nl=False, err=True)

    def opened(self, zone: str) -> None:
        """No schedule goes by its clock."""

    def begins(self, checkpoint: Checkpoint) -> Checkpoint:
        """Begin right here: nothing is shared."""
        return checkpoint

    def written(self, tab: Tab, until: datetime | None) -> None:
        """Nothing to remember: a repeated import finds its rows by id."""

    def noted(self, checkpoint: Checkpoint) -> None:
        """A repeated import begins anew."""

    def pause(self) -> None:
        """Nobody else waits for this process."""

    def hold(self) -> None:
        """It never steps aside."""

    def roster(self) -> frozenset[str] | None:
        """Nothing is known from an earlier import."""
        return None

    def roster_read(self, users: Iterable[str]) -> None:
        """Nothing is kept for a later import."""

    def close(self) -> None:
        if self.enabled and self.last is not None:
            click.echo("", err=True)


@click.command("import")
@click.argument("entity")
@click.option("--spreadsheet", required=True, help="Id of the spreadsheet (in its address).")
@click.option(
    "--since",
    help="First day, YYYY-MM-DD, whole and included. Default: 30 days ago. Only for entities "
    "with a start date (calls); the others are read whole.",
)
@click.option("--until", help="Last day, whole and included. Default: now.")
@click.option("--tab", "tab_title", help="Title of the tab. Default: “Aircall – <entity>”.")
@click.option(
    "--mode",
    type=click.Choice([mode.value for mode in WriteMode]),
    default=WriteMode.UPDATE.value,
    show_default=True,
    help="update: change and add rows by id. replace: this window and nothing else. append: "
    "another row, with the time of reading, for each record that is new or has changed.",
)
@flow_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object at the end.")
def import_command(
    entity: str,
    spreadsheet: str,
    mode: str,
    as_json: bool,
    **given: Any,
) -> None:
    """Import ENTITY from Aircall into a tab of its own; run again, it updates the same tab.

    Days are days in the spreadsheet's time zone; instants in ISO 8601 are accepted too.
    """
    began = time.monotonic()
    report: dict[str, Any] = _empty_report(entity, spreadsheet)
    try:
        order = _order(entity_named(entity), spreadsheet, WriteMode(mode), given)
        report |= _succeeded(_import(order, report))
    except CallsheetError as error:
        report["error"] = as_json_object(error)
        failure: CallsheetError | None = error
    else:
        failure = None
    report["seconds"] = round(time.monotonic() - began, 3)
    _show(report, as_json=as_json)
    if failure is not None:
        sys.exit(exit_status(failure))


def _order(entity: Entity, spreadsheet_id: str, mode: WriteMode, given: dict[str, Any]) -> Order:
    options = chosen_options(entity, given)
    title = given["tab_title"]
    since = given["since"]
    if entity.has_start_date and since is None:
        since = (SystemClock().now() - timedelta(days=_DEFAULT_DAYS)).date().isoformat()
    return Order(
        entity=entity,
        spreadsheet_id=spreadsheet_id,
        flow_key=flow_key(entity, options.layout, title),
        tab_title=title or shape(entity, options).default_tab_title,
        since=since,
        until=given["until"],
        mode=mode,
        options=options,
    )


def _import(order: Order, report: dict[str, Any]) -> Outcome:
    settings = Settings.load()
    logs.configure("WARNING")
    clock = SystemClock()
    key = server_key(settings)
    account = account_pool(settings).choose(order.spreadsheet_id)
    with (
        sharing(settings, clock) as shared,
        shared.only_writer(order.spreadsheet_id, order.flow_key) as guard,
    ):
        terminal = _Terminal(enabled=sys.stderr.isatty(), guard=guard)
        google = shared.google(account, terminal.waiting)
        budget = shared.budget(key, terminal.waiting)
        source = aircall_client(settings, key, budget, clock, terminal.waiting)
        try:
            return import_entity(order, source, google, clock=clock, watcher=terminal)
        finally:
            source.close()
            terminal.close()
            report["source_requests"] = source.requests
            report["destination_requests"] = google.requests
            report["rows_received"] = terminal.last.rows_received if terminal.last else 0


def _empty_report(entity: str, spreadsheet_id: str) -> dict[str, Any]:
    return {
        "state": "failed",
        "entity": entity,
        "spreadsheet_id": spreadsheet_id,
        "tab": None,
        "window": None,
        "rows_received": 0,
        "rows_added": 0,
        "rows_updated": 0,
        "rows_unchanged": 0,
        "rows_removed": 0,
        "source_requests": 0,
        "destination_requests": 0,
        "seconds": 0.0,
        "warnings": [],
        "quality": None,
        "error": None,
    }


def _succeeded(outcome: Outcome) -> dict[str, Any]:
    counts = outcome.counts
    return {
        "state": "succeeded",
        "tab": {"id": outcome.tab_id, "title": outcome.tab_title},
        "window": _window(outcome.span),
        "rows_received": counts.rows_received,
        "rows_added": counts.rows_added,
        "rows_updated": counts.rows_updated,
        "rows_unchanged": counts.rows_unchanged,
        "rows_removed": counts.rows_removed,
        "source_requests": counts.source_requests,
        "destination_requests": counts.destination_requests,
        "warnings": list(outcome.warnings),
        "quality": {**asdict(outcome.quality), "sentences": sentences(outcome.quality)},
    }


def _window(span: Span | None) -> dict[str, str] | None:
    return None if span is None else {"from": instant(span.start), "to": instant(span.end)}


def _show(report: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(report, ensure_ascii=False))
        return
    for warning in report["warnings"]:
        click.echo(f"Note: {warning}", err=True)
    if report["error"]:
        click.echo(f"callsheet: {report['error']['message']}", err=True)
        return
    removed = f"{report['rows_removed']:,} removed, " if report["rows_removed"] else ""
    rows = report["entity"].replace("_", " ")
    rows = singular(rows) if report["rows_received"] == 1 else rows
    click.echo(
        f"{report['rows_received']:,} {rows} in tab “{report['tab']['title']}”: "
        f"{report['rows_added']:,} added, {report['rows_updated']:,} updated, "
        f"{report['rows_unchanged']:,} unchanged, {removed}in {report['seconds']:.1f} s "
        f"({report['source_requests']} requests to Aircall, "
        f"{report['destination_requests']} to Google)."
    )
