"""`callsheet estimate`: what an import would need; nothing is written."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import click

from callsheet import log as logs
from callsheet.aircall.readers import reader_for
from callsheet.catalogue import entity_named
from callsheet.cli.admin import answering
from callsheet.cli.choices import chosen_options, flow_options
from callsheet.cli.sharing import Sharing, sharing
from callsheet.clock import SystemClock
from callsheet.entity import Entity
from callsheet.estimate import Estimate, Question, estimate, summary
from callsheet.options import FlowOptions
from callsheet.settings import Settings
from callsheet.shaping import shape
from callsheet.sheets.client import ignore_wait
from callsheet.sheets.spreadsheet import open_spreadsheet
from callsheet.span import Span, parse_span
from callsheet.wiring import account_pool, aircall_client, server_key

_DEFAULT_DAYS = 30
_UTC = ZoneInfo("Etc/UTC")


@click.command("estimate")
@click.argument("entity")
@click.option("--since", help="First day, YYYY-MM-DD, whole and included. Default: 30 days ago.")
@click.option("--until", help="Last day, whole and included. Default: now.")
@click.option("--spreadsheet", help="Its time zone and what stands in it are counted in.")
@flow_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def estimate_command(
    entity: str,
    since: str | None,
    until: str | None,
    spreadsheet: str | None,
    as_json: bool,
    **choices: Any,
) -> None:
    """Say what importing ENTITY would need: rows, requests, minutes, cells.

    Asks Aircall one question and writes nothing. Days are days in the spreadsheet's time zone, or
    in UTC without one.
    """
    logs.configure("WARNING")
    with answering(as_json=as_json):
        wanted = entity_named(entity)
        found = _estimate(wanted, since, until, spreadsheet, chosen_options(wanted, choices))
        _show(found, wanted, as_json=as_json)


def _estimate(
    entity: Entity,
    since: str | None,
    until: str | None,
    spreadsheet: str | None,
    options: FlowOptions,
) -> Estimate:
    settings, clock = Settings.load(), SystemClock()
    key = server_key(settings)
    with sharing(settings, clock) as shared:
        zone, cells = _spreadsheet(shared, spreadsheet)
        now = clock.now()
        span = _span(entity, since, until, options, zone, now)
        with aircall_client(settings, key, shared.budget(key), clock, ignore_wait) as source:
            total = reader_for(source, entity, span, now=now).expect()
    question = Question(
        entity=shape(entity, options),
        total=total,
        requests_per_minute=settings.aircall_requests_per_minute,
        now=now,
        start=None if span is None else span.start,
        end=None if span is None else span.end,
        cells_in_file=cells,
    )
    return estimate(question)


def _spreadsheet(shared: Sharing, spreadsheet_id: str | None) -> tuple[ZoneInfo, int | None]:
    if spreadsheet_id is None:
        return _UTC, None
    account = account_pool(shared.settings).choose(spreadsheet_id)
    facts = open_spreadsheet(shared.google(account), spreadsheet_id).facts
    return facts.zone, facts.cells


def _span(
    entity: Entity,
    since: str | None,
    until: str | None,
    options: FlowOptions,
    zone: ZoneInfo,
    now: datetime,
) -> Span | None:
    if not entity.has_start_date:
        return None
    days = options.rolling_days or _DEFAULT_DAYS
    if since is None or options.rolling_days is not None:
        since = (now.astimezone(zone) - timedelta(days=days)).date().isoformat()
    return parse_span(since, until, zone, now)


def _show(found: Estimate, entity: Entity, *, as_json: bool) -> None:
    line = summary(found, entity.label.lower())
    if as_json:
        click.echo(json.dumps({**asdict(found), "summary": line}, ensure_ascii=False))
        return
    click.echo(f"{line[0].upper()}{line[1:]}.")
    for warning in found.warnings:
        click.echo(f"Note: {warning}")
