"""What happens to data flows: made, changed, paused, refreshed, shown."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from backend.options import OptionsModel, reads_anew
from backend.outputs import FlowOut, RunOut, TabOut
from backend.schedules import ScheduleOut
from backend.services import Services
from backend.session import Session
from callsheet.cadence import planned
from callsheet.connection import Connection
from callsheet.data_flow import DataFlow
from callsheet.enqueue import enqueue_run
from callsheet.entity import Entity
from callsheet.errors import InvalidRequest, NotFound
from callsheet.options import FlowOptions
from callsheet.run import Run, RunState, Trigger
from callsheet.schedule import Schedule
from callsheet.span import parse_since, warnings_about

_LOOK_AT_RUNS = 5


@dataclass(frozen=True, slots=True)
class Change:
    """What a person wants of a data flow; None: as it is, or the default."""

    since: str | None = None
    schedule: Schedule | None = None
    options: FlowOptions | None = None


def entity_named(services: Services, name: str) -> Entity:
    """Return the entity. Raises InvalidRequest listing those that there are."""
    entity = services.catalogue.get(name)
    if entity is None:
        known = ", ".join(services.catalogue)
        raise InvalidRequest(
            message=f"Callsheet does not import “{name}”. Choose one of these: {known}."
        )
    return entity


def checked_since(
    services: Services,
    session: Session,
    entity: Entity,
    since: str | None,
    options: FlowOptions,
) -> tuple[str | None, list[str]]:
    """Return the start date to keep for this entity, and what to know about it.

    With a rolling window it is the window's first day now. Raises InvalidRequest when it is
    needed and missing, no date, or in the future.
    """
    if not entity.has_start_date:
        return None, []
    now = services.clock.now()
    if options.rolling_days is not None:
        first = now.astimezone(session.zone) - timedelta(days=options.rolling_days)
        since = first.date().isoformat()
    if since is None:
        raise InvalidRequest(message="Choose a start date, for example 2026-11-01.")
    return since, warnings_about(parse_since(since, session.zone, now), entity, now)


def make_or_change(
    services: Services,
    session: Session,
    connection: Connection,
    entity: Entity,
    wanted: Change,
) -> DataFlow:
    """Save the spreadsheet's one flow of this entity with these options, awake.

    Its id follows from connection and entity, so that two people who import at the same moment
    make one flow, and somebody who removed it finds its tab again.
    """
    _forget_orphans(services, session.spreadsheet_id, connection, entity)
    flow_id = _id(connection.id, entity.name)
    try:
        return change(services, session, flow_id, wanted)
    except NotFound:
        pass
    options = wanted.options or FlowOptions()
    flow = DataFlow(
        id=flow_id,
        spreadsheet_id=session.spreadsheet_id,
        connection_id=connection.id,
        entity=entity.name,
        label=entity.default_tab_title,
        since=wanted.since,
        schedule=wanted.schedule or entity.suggested_schedule(options.layout),
        zone=session.time_zone,
        options=options,
        created_at=services.clock.now(),
        created_by=session.user,
    )
    flow = _rescheduled(services, flow)
    services.flows.add(flow)
    return flow


def change(
    services: Services,
    session: Session,
    flow_id: str,
    wanted: Change,
) -> DataFlow:
    """Change what is given, and wake the flow. Raises NotFound."""

    def changed(flow: DataFlow) -> DataFlow:
        if wanted.since not in (None, flow.since) and not _still_rolls(flow, wanted):
            # The next run reads from the new start again, not from where the last one ended.
            flow = replace(flow, since=wanted.since, bookmark=None)
        if wanted.schedule is not None:
            flow = replace(flow, schedule=wanted.schedule)
        if wanted.options is not None:
            if reads_anew(flow.options, wanted.options):
                flow = replace(flow, bookmark=None)
            if flow.options.layout != wanted.options.layout:  # another table, another tab
                flow = replace(flow, tab_id=None, tab_title=None)
            flow = replace(flow, options=wanted.options)
        return _rescheduled(services, _awake(replace(flow, zone=session.time_zone)))

    return services.flows.change(session.spreadsheet_id, flow_id, changed)


def options_now(services: Services, connection: Connection, entity: Entity) -> FlowOptions:
    """Return the options of the connection's flow of this entity; the defaults without one."""
    try:
        flow = services.flows.get(connection.spreadsheet_id, _id(connection.id, entity.name))
    except NotFound:
        return FlowOptions()
    return flow.options


def start_run(
    services: Services, flow: DataFlow, trigger: Trigger = Trigger.MANUAL
) -> tuple[Run, bool]:
    """Start a run by hand and wake the flow; or return its active run and False.

    Raises NotFound when the flow or its connection is gone.
    """
    try:
        services.connections.get(flow.spreadsheet_id, flow.connection_id)
    except NotFound as error:
        raise NotFound(str(error), message="Connect to Aircall first.") from None
    if _sleeps(flow):
        services.flows.change(
            flow.spreadsheet_id, flow.id, lambda now: _rescheduled(services, _awake(now))
        )
    run = Run(
        id=secrets.token_hex(12),
        flow_id=flow.id,
        spreadsheet_id=flow.spreadsheet_id,
        entity=flow.entity,
        trigger=trigger,
        state=RunState.QUEUED,
        created_at=services.clock.now(),
    )
    run, is_new = services.runs.start(run)
    if is_new:
        enqueue_run(services.redis, run, job_timeout=services.settings.job_timeout)
    return run, is_new


def pause_all(services: Services, spreadsheet_id: str, connection_id: str, why: str) -> None:
    """Pause every flow of a connection."""
    for flow in _of_connection(services, spreadsheet_id, connection_id):
        services.flows.change(
            spreadsheet_id,
            flow.id,
            lambda now: replace(now, paused_because=why, next_run_at=None),
        )


def resume_all(services: Services, spreadsheet_id: str, connection_id: str) -> None:
    """Wake every sleeping flow of a connection."""
    for flow in _of_connection(services, spreadsheet_id, connection_id):
        if _sleeps(flow):
            services.flows.change(
                spreadsheet_id, flow.id, lambda now: _rescheduled(services, _awake(now))
            )


def follow_zone(services: Services, session: Session) -> None:
    """Plan the spreadsheet's flows anew where its time zone has changed."""
    for flow in services.flows.of_spreadsheet(session.spreadsheet_id):
        if flow.zone != session.time_zone:
            services.flows.change(
                flow.spreadsheet_id, flow.id, partial(_in_zone, services, session)
            )


def flow_out(services: Services, flow: DataFlow) -> FlowOut:
    """Return the flow as the API shows it, with its last and its active run."""
    runs = services.runs.of_flow(flow.id, limit=_LOOK_AT_RUNS)
    last = next((run for run in runs if run.state.is_over), None)
    active = next((run for run in runs if not run.state.is_over), None)
    tab = None
    if flow.tab_id is not None:
        tab = TabOut(id=flow.tab_id, title=flow.tab_title or flow.label)
    return FlowOut(
        id=flow.id,
        connection_id=flow.connection_id,
        label=flow.label,
        entity=flow.entity,
        since=flow.since,
        schedule=ScheduleOut.of(flow.schedule),
        options=OptionsModel.model_validate(flow.options),
        tab=tab,
        next_run_at=flow.next_run_at,
        paused_because=flow.paused_because,
        last_run=None if last is None else RunOut.model_validate(last),
        active_run=None if active is None else RunOut.model_validate(active),
    )


def _still_rolls(flow: DataFlow, wanted: Change) -> bool:
    """Whether the start only moves along with the same rolling window."""
    rolling = None if wanted.options is None else wanted.options.rolling_days
    return rolling is not None and rolling == flow.options.rolling_days


def _sleeps(flow: DataFlow) -> bool:
    """Whether the schedule passes over the flow although it has a rhythm, or a person must act.

    A run that ends after its connection is gone clears the reason, but sets no next time.
    """
    unscheduled = flow.next_run_at is None and flow.schedule.step is not None
    return unscheduled or flow.paused_because is not None


def _in_zone(services: Services, session: Session, flow: DataFlow) -> DataFlow:
    flow = replace(flow, zone=session.time_zone)
    return flow if flow.next_run_at is None else _rescheduled(services, flow)


def _awake(flow: DataFlow) -> DataFlow:
    return replace(flow, paused_because=None, failures=0)


def _rescheduled(services: Services, flow: DataFlow) -> DataFlow:
    return planned(flow, services.clock.now())


def _of_connection(services: Services, spreadsheet_id: str, connection_id: str) -> list[DataFlow]:
    flows = services.flows.of_spreadsheet(spreadsheet_id)
    return [flow for flow in flows if flow.connection_id == connection_id]


def _forget_orphans(
    services: Services, spreadsheet_id: str, connection: Connection, entity: Entity
) -> None:
    """Remove flows of this entity that belonged to another company; their tabs stay."""
    for flow in services.flows.of_spreadsheet(spreadsheet_id):
        if flow.entity == entity.name and flow.connection_id != connection.id:
            services.flows.remove(flow)


def _id(connection_id: str, entity: str) -> str:
    return hashlib.sha256(f"{connection_id}\n{entity}".encode()).hexdigest()[:24]
