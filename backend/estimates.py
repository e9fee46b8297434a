"""What an import would need, asked before it is started: one request to Aircall at the most."""

from __future__ import annotations

from datetime import datetime, timedelta

from backend.inputs import EstimateBody
from backend.outputs import EstimateOut
from backend.services import Services
from backend.session import Session
from callsheet.entity import Entity
from callsheet.estimate import Estimate, Question, detail, estimate, headline, summary
from callsheet.flows.context import connection_of, entity_named
from callsheet.flows.options import merged
from callsheet.flows.wish import checked_since
from callsheet.options import Filters, FlowOptions
from callsheet.shaping import shape
from callsheet.span import Span, parse_span


def estimate_for(services: Services, session: Session, body: EstimateBody) -> EstimateOut:
    """Return what this import would need.

    Raises InvalidRequest, NotFound without a connection, SourceError when Aircall does not answer
    now or its request limit is in use.
    """
    entity = entity_named(services, body.entity)
    options = merged(entity, FlowOptions(), body.options)
    connection = connection_of(services, session.spreadsheet_id)
    now = services.clock.now()
    span = _span(services, session, entity, body.since, options)
    key = services.connections.key_of(connection)
    per_minute = connection.own_requests_per_minute(services.settings.aircall_requests_per_minute)
    question = Question(
        entity=shape(entity, options),
        total=services.count(key, connection, entity, span),
        requests_per_minute=per_minute,
        now=now,
        start=None if span is None else span.start,
    )
    found = estimate(question)
    words = detail(found, per_minute)
    if options.filters != Filters():
        words += " Filters are applied after reading, so fewer rows arrive."
    return _out(found, entity, words, now.astimezone(session.zone))


def _span(
    services: Services,
    session: Session,
    entity: Entity,
    since: str | None,
    options: FlowOptions,
) -> Span | None:
    kept, _ = checked_since(services, session, entity, since, options)
    if kept is None:
        return None
    return parse_span(kept, None, session.zone, services.clock.now())


def _out(found: Estimate, entity: Entity, words: str, now: datetime) -> EstimateOut:
    days = found.suggested_days
    return EstimateOut(
        entity=found.entity,
        rows=found.rows,
        requests=found.requests,
        minutes=found.minutes,
        columns=found.columns,
        cells=found.cells,
        share=found.share,
        crosses_six_months=found.crosses_six_months,
        suggested_days=days,
        # Today is one of them.
        suggested_since=None if days is None else (now - timedelta(days=days - 1)).date(),
        warnings=list(found.warnings),
        headline=headline(found, entity.label.lower()),
        detail=words,
        summary=summary(found, entity.label.lower()),
    )
