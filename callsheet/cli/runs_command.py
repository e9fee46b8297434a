"""`callsheet runs`: what runs now and what ran, cancelled and followed live."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict, fields
from datetime import datetime
from itertools import chain
from typing import Any, TypeVar

import click

from callsheet.cli.admin import (
    ServerStores,
    answering,
    flow_called,
    for_spreadsheet,
    open_stores,
    show_json,
    show_table,
)
from callsheet.errors import NotFound
from callsheet.exits import FAILED
from callsheet.flows.ending import cancel as cancel_run
from callsheet.run import Run, RunState, Totals
from callsheet.store import codec

Command = TypeVar("Command", bound=Callable[..., Any])

_HEADERS = ("RUN", "ENTITY", "STATE", "TRIGGER", "QUEUE", "STARTED", "ROWS", "TIME LEFT")
_TOTALS = ("FLOW", *(f.name.replace("_", " ").upper() for f in fields(Totals)))
_LOOK_SECONDS = 0.3
_AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def runs() -> None:
    """List, show, cancel and follow runs. Times are in UTC."""


@runs.command("list")
@click.option("--spreadsheet", "spreadsheet_id", metavar="ID", help="All runs of its data flows.")
@click.option("--flow", metavar="FLOW", help="Only those of one data flow of the spreadsheet.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000))
@_AS_JSON
def list_(spreadsheet_id: str | None, flow: str | None, limit: int, *, as_json: bool) -> None:
    """List the runs that are not over; with --spreadsheet all of its own, newest first."""
    if flow is not None and spreadsheet_id is None:
        raise click.UsageError("--flow goes with --spreadsheet.")
    with answering(as_json=as_json):
        stores = open_stores()
        found = _runs(stores, spreadsheet_id, flow, limit)
        if as_json:
            show_json({"runs": [_plain(run) for run in found]})
        else:
            show_table(_HEADERS, [_row(run) for run in found], "No runs.")


@runs.command()
@for_spreadsheet
def totals(spreadsheet_id: str, *, as_json: bool) -> None:
    """Show what all runs of each data flow came to, those that are forgotten included.

    Of single runs the last 100 of each flow are kept.
    """
    with answering(as_json=as_json):
        stores = open_stores()
        flows = stores.flows.of_spreadsheet(spreadsheet_id)
        found = [(flow.name, asdict(stores.runs.totals(flow.id))) for flow in flows]
        if as_json:
            show_json({"flows": [{"name": name, **sums} for name, sums in found]})
        else:
            rows = [[name, *map(_counted, sums.values())] for name, sums in found]
            show_table(_TOTALS, rows, "No data flows in this spreadsheet.")


@runs.command()
@click.argument("run_id", metavar="RUN")
@_AS_JSON
def show(run_id: str, *, as_json: bool) -> None:
    """Show all that is known of RUN."""
    with answering(as_json=as_json):
        shown = _plain(_run(open_stores(), run_id))
        if as_json:
            show_json(shown)
            return
        for name, value in shown.items():
            if value not in (None, [], ""):
                click.echo(f"{name.replace('_', ' ')}: {_words(value)}")


@runs.command()
@click.argument("run_id", metavar="RUN")
@_AS_JSON
def cancel(run_id: str, *, as_json: bool) -> None:
    """Cancel RUN. What it has written stays, and its tab is whole."""
    with answering(as_json=as_json):
        stores = open_stores()
        before = _run(stores, run_id)
        run = cancel_run(stores, before)
        if as_json:
            show_json(_plain(run))
        elif before.state.is_over:
            click.echo(f"Run {run.id} was over already: {run.state.value}.")
        elif run.state.is_over:
            click.echo(f"Run {run.id} is cancelled.")
        else:
            click.echo(f"Run {run.id} stops within seconds.")


@runs.command()
@click.argument("run_id", metavar="RUN")
@_AS_JSON
def watch(run_id: str, *, as_json: bool) -> None:
    """Follow RUN live until it is over; exit status 0 if it succeeded.

    With --json each change is one line.
    """
    with answering(as_json=as_json):
        stores = open_stores()
        run, last = _run(stores, run_id), ""
        while True:
            line = json.dumps(_plain(run), ensure_ascii=False) if as_json else _line(run)
            if line != last:
                click.echo(line)
                last = line
            if run.state.is_over:
                break
            stores.clock.sleep(_LOOK_SECONDS)
            run = _run(stores, run_id)
    if run.state is not RunState.SUCCEEDED:
        sys.exit(FAILED)


def _runs(
    stores: ServerStores, spreadsheet_id: str | None, flow: str | None, limit: int
) -> list[Run]:
    if spreadsheet_id is None:
        return stores.runs.active(limit)
    if flow is not None:
        return stores.runs.of_flow(flow_called(stores, spreadsheet_id, flow).id, limit)
    flows = stores.flows.of_spreadsheet(spreadsheet_id)
    found = chain.from_iterable(stores.runs.of_flows([flow.id for flow in flows], limit))
    return sorted(found, key=lambda run: run.created_at, reverse=True)[:limit]


def _run(stores: ServerStores, run_id: str) -> Run:
    run = stores.runs.find(run_id)
    if run is None:
        raise NotFound(
            message=f"There is no run “{run_id[:60]}”. `callsheet runs list` shows those that are "
            "not over, with --spreadsheet also the others."
        )
    return run


def _plain(run: Run) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(codec.dump(run))
    return plain


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{k.replace('_', ' ')} {v}" for k, v in value.items() if v is not None)
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value)


def _row(run: Run) -> list[str]:
    queue = "–" if run.state.is_over else run.queue.value
    started, left = _moment(run.started_at), _left(run)
    return [
        run.id,
        run.entity,
        run.state.value,
        run.trigger.value,
        queue,
        started,
        _rows(run),
        left,
    ]


def _line(run: Run) -> str:
    """Return how far the run is, as one line."""
    parts = [run.state.value]
    if run.error is not None:
        parts.append(run.error.message)
    elif run.state is RunState.WAITING and run.resume_at is not None:
        parts.append(f"goes on at {run.resume_at:%H:%M:%S} UTC")
    elif not run.state.is_over and run.state is not RunState.QUEUED:
        parts.append(run.progress.phase.value)
    if run.progress.rows_received:
        parts.append(f"{_rows(run)} rows")
    if run.progress.rows_per_minute is not None and not run.state.is_over:
        parts.append(f"{run.progress.rows_per_minute:,} a minute")
        parts.append(f"{_left(run)} left")
    if run.state is RunState.SUCCEEDED:
        counts = run.counts
        parts.append(f"{counts.rows_added:,} added, {counts.rows_updated:,} updated")
    return " · ".join(parts)


def _counted(number: int) -> str:
    return f"{number:,}"


def _rows(run: Run) -> str:
    progress = run.progress
    if progress.rows_expected is None or run.state.is_over:
        return f"{progress.rows_received:,}"
    return f"{progress.rows_received:,} of {progress.rows_expected:,}"


def _left(run: Run) -> str:
    seconds = run.progress.seconds_left
    if seconds is None or run.state.is_over:
        return "–"
    return f"{seconds} s" if seconds < 120 else f"{seconds // 60} min"


def _moment(moment: datetime | None) -> str:
    return "–" if moment is None else f"{moment:%Y-%m-%d %H:%M:%S}"
