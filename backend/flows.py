"""Data flows as the API takes and shows them; their rules are in callsheet/flows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from backend.flow_outputs import FlowOut, TabOut
from backend.inputs import FlowChange
from backend.outputs import RunOut
from backend.services import Services
from callsheet.data_flow import DataFlow
from callsheet.entity import Entity
from callsheet.flows.context import Asker, entity_named
from callsheet.flows.labels import label_of
from callsheet.flows.options import OptionsModel, merged
from callsheet.flows.schedules import ScheduleOut
from callsheet.flows.wish import Wish, checked_since
from callsheet.options import FlowOptions
from callsheet.run import Run
from callsheet.schedule_text import placement
from callsheet.store.freshness import FreshnessStore

_LOOK_AT_RUNS = 3
"""An active run is the newest; the one before it is over. One more, for clocks that differ."""


def wish_of(
    services: Services,
    asker: Asker,
    entity: Entity,
    body: FlowChange,
    current: FlowOptions,
    since: str | None,
) -> tuple[Wish, list[str]]:
    """Return what a body wants, checked, and what to know about its start date.

    current: the options of which what is left out stays. since: the start date there is. Raises
    InvalidRequest.
    """
    options, start, warnings = None, None, list[str]()
    if body.since is not None or body.options is not None or since is None:
        options = merged(entity, current, body.options)
        start, warnings = checked_since(services, asker, entity, body.since or since, options)
    wish = Wish(
        since=start,
        schedule=None if body.schedule is None else body.schedule.value(),
        options=options,
        write_mode=body.write_mode,
        label=body.label,
        tab_title=body.tab,
    )
    return wish, warnings


def flow_out(services: Services, flow: DataFlow) -> FlowOut:
    """Return the flow as the API shows it, with its last and its active run."""
    return flows_out(services, [flow])[0]


def flows_out(services: Services, flows: Sequence[DataFlow]) -> list[FlowOut]:
    """As `flow_out`, for many flows in as many exchanges with Redis as for one."""
    runs = services.runs.of_flows([flow.id for flow in flows], limit=_LOOK_AT_RUNS)
    stale = FreshnessStore(services.redis).stale_since(flows)
    imports = services.flows.counts_of_accounts(flow.account for flow in flows)
    return [
        _out(services, flow, around, since, imports[flow.account])
        for flow, around, since in zip(flows, runs, stale, strict=True)
    ]


def _out(
    services: Services,
    flow: DataFlow,
    runs: Sequence[Run],
    stale_since: datetime | None,
    imports: int,
) -> FlowOut:
    last = next((run for run in runs if run.state.is_over), None)
    active = next((run for run in runs if not run.state.is_over), None)
    label = label_of(flow, entity_named(services, flow.entity))
    return FlowOut(
        id=flow.id,
        name=flow.name,
        connection_id=flow.connection_id,
        label=label,
        label_is_chosen=flow.label is not None,
        entity=flow.entity,
        since=flow.since,
        schedule=ScheduleOut.of(flow.schedule),
        placement=placement(flow.schedule, flow.offset, imports),
        options=OptionsModel.model_validate(flow.options),
        write_mode=flow.write_mode,
        tab=None if flow.tab_id is None else TabOut(id=flow.tab_id, title=flow.tab_title or label),
        next_run_at=flow.next_run_at,
        is_retried=flow.next_run_at is not None and flow.next_run_at == flow.retry_at,
        stale_since=stale_since,
        is_paused=flow.is_paused,
        paused_because=flow.paused_because,
        last_run=None if last is None else RunOut.model_validate(last),
        active_run=None if active is None else RunOut.model_validate(active),
    )
