"""New data flows: made, copied, one of each entity."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from callsheet.connection import Connection
from callsheet.data_flow import DataFlow
from callsheet.entity import Entity, Reading
from callsheet.errors import InvalidRequest
from callsheet.flows.changing import change, placed, replanned
from callsheet.flows.context import Asker, Stores, entity_named
from callsheet.flows.labels import (
    check_label,
    check_name,
    chosen_tab_title,
    free_name,
    usual_tab_title,
)
from callsheet.flows.wish import Wish, checked_since, fulfilled
from callsheet.options import FlowOptions
from callsheet.shaping import shape

_DEFAULT_DAYS = 30
_SAME_CLICK = timedelta(seconds=10)
_KINDEST_FIRST = (
    Reading.OBJECT,
    Reading.LIST,
    Reading.SNAPSHOT,
    Reading.WALK,
    Reading.SPAN,
)
"""Short lists before long spans: eight tabs are full while the last one still waits its turn."""


@dataclass(frozen=True, slots=True)
class Made:
    """A flow that was asked for. is_new: False when one that imports the same was there."""

    flow: DataFlow
    is_new: bool


def make(
    stores: Stores,
    asker: Asker,
    connection: Connection,
    entity: Entity,
    wish: Wish,
    name: str | None = None,
) -> Made:
    """Make one more flow of this entity.

    One that imports exactly the same is answered instead, so that a double click, or a request
    that is sent again, makes one flow; `copy` makes a second one on purpose. name: wanted in any
    case; else the entity's, with a number. The flow's id follows from connection and name: of
    two that are made at the same moment under one name one wins, and whoever makes a flow again
    under the name of a removed one finds its tab.

    Raises InvalidRequest for a name or tab that another flow has.
    """
    while True:
        flows = stores.flows.of_spreadsheet(asker.spreadsheet_id)
        taken = _names(flows, connection.id)
        flow = new_flow(stores, asker, connection, entity, wish, name or free_name(entity, taken))
        twin = _twin(flows, flow, wish)
        if name is None and twin is not None:
            return Made(twin, is_new=False)
        if flow.name in taken:
            raise InvalidRequest(
                message=f"There is a flow “{name}” already. Change that, or choose another name."
            )
        flow = replanned(stores, replace(flow, tab_title=_title(flows, entity, wish)))
        if stores.flows.add(flow):
            return Made(placed(stores, flow), is_new=True)
        # Somebody was quicker by a moment: look again at what there is now.


def make_or_change(
    stores: Stores, asker: Asker, connection: Connection, entity: Entity, wish: Wish
) -> DataFlow:
    """Change the spreadsheet's flow of this entity and wake it, or make its first one.

    Raises InvalidRequest when there are several: which one is meant cannot be guessed.
    """
    forget_orphans(stores, asker.spreadsheet_id, entity)
    flows = of_entity(stores, connection, entity)
    if len(flows) > 1:
        raise InvalidRequest(
            message=f"This spreadsheet has {len(flows)} imports of {entity.label}. Change the one "
            "that you mean, or add another."
        )
    if flows:
        return change(stores, asker.spreadsheet_id, flows[0].id, wish)
    made = make(stores, asker, connection, entity, wish)
    if made.is_new:
        return made.flow
    return change(stores, asker.spreadsheet_id, made.flow.id, wish)


def copy(stores: Stores, asker: Asker, flow_id: str) -> DataFlow:
    """Make a flow like this one, with a tab of its own, and its schedule paused.

    Nobody wants the same rows twice: what differs is changed first, then it is resumed. The copy
    that a click has just made is answered to its second click. Raises NotFound.
    """
    source = stores.flows.get(asker.spreadsheet_id, flow_id)
    entity = entity_named(stores, source.entity)
    now = stores.clock.now()
    while True:
        flows = stores.flows.of_spreadsheet(asker.spreadsheet_id)
        name = free_name(entity, _names(flows, source.connection_id), source.name)
        flow = replace(
            source,
            id=flow_id_of(source.connection_id, name),
            name=name,
            label=check_label(f"{source.label[:90]} (copy)") if source.label else None,
            created_at=now,
            created_by=asker.user,
            tab_id=None,
            tab_title=usual_tab_title(shape(entity, source.options), flows),
            bookmark=None,
            deep_read_at=None,
            failures=0,
            paused_because=None,
            is_paused=True,
        )
        just_made = next((one for one in flows if _is_the_same_copy(one, flow, source)), None)
        if just_made is not None:
            return just_made
        flow = replanned(stores, flow)
        if stores.flows.add(flow):
            return flow


def one_of_each(
    stores: Stores, asker: Asker, connection: Connection, since: str | None = None
) -> tuple[list[DataFlow], list[DataFlow]]:
    """Make a flow with default choices for every entity that has none.

    since: for entities with a start date; else 30 days back. Returns the flows that were made, in
    the order in which their first runs should start, and those there were. Raises InvalidRequest.
    """
    now = stores.clock.now().astimezone(asker.zone)
    start = since or (now - timedelta(days=_DEFAULT_DAYS)).date().isoformat()
    entities = sorted(stores.catalogue.values(), key=lambda one: _KINDEST_FIRST.index(one.reading))
    wishes = [  # all of them first: a date that is none makes nothing
        Wish(since=checked_since(stores, asker, entity, start, FlowOptions())[0])
        for entity in entities
    ]
    made: list[DataFlow] = []
    there: list[DataFlow] = []
    for entity, wish in zip(entities, wishes, strict=True):
        forget_orphans(stores, asker.spreadsheet_id, entity)
        before = of_entity(stores, connection, entity)
        there += before
        if not before:
            new = make(stores, asker, connection, entity, wish)
            (made if new.is_new else there).append(new.flow)
    return made, there


def of_entity(stores: Stores, connection: Connection, entity: Entity) -> list[DataFlow]:
    """Return the connection's flows of this entity, oldest first."""
    return [
        flow
        for flow in stores.flows.of_spreadsheet(connection.spreadsheet_id)
        if (flow.entity, flow.connection_id) == (entity.name, connection.id)
    ]


def forget_orphans(stores: Stores, spreadsheet_id: str, entity: Entity) -> None:
    """Remove flows of this entity whose connection, to another company, is gone; tabs stay."""
    kept = {connection.id for connection in stores.connections.of_spreadsheet(spreadsheet_id)}
    for flow in stores.flows.of_spreadsheet(spreadsheet_id):
        if flow.entity == entity.name and flow.connection_id not in kept:
            stores.flows.remove(flow)


def flow_id_of(connection_id: str, name: str) -> str:
    """Return the id of the connection's flow of that name."""
    return hashlib.sha256(f"{connection_id}\n{name}".encode()).hexdigest()[:24]


def new_flow(
    stores: Stores, asker: Asker, connection: Connection, entity: Entity, wish: Wish, name: str
) -> DataFlow:
    """Return the flow as it would be made, without a tab's title; nothing is saved.

    Raises InvalidRequest when the name or the label is not in its form.
    """
    options = wish.options or FlowOptions()
    flow = DataFlow(
        id=flow_id_of(connection.id, name),
        spreadsheet_id=asker.spreadsheet_id,
        connection_id=connection.id,
        entity=entity.name,
        name=check_name(name),
        since=wish.since,
        schedule=entity.suggested_schedule(options.layout),
        created_at=stores.clock.now(),
        created_by=asker.user,
        options=options,
        zone=asker.zone.key,
        account=connection.account,
    )
    label = None if wish.label is None else check_label(wish.label) or ""
    return fulfilled(flow, replace(wish, label=label, tab_title=None))


def _title(flows: list[DataFlow], entity: Entity, wish: Wish) -> str:
    if wish.tab_title is None:
        return usual_tab_title(shape(entity, wish.options or FlowOptions()), flows)
    return chosen_tab_title(wish.tab_title, flows)


def _names(flows: Iterable[DataFlow], connection_id: str) -> set[str]:
    return {flow.name for flow in flows if flow.connection_id == connection_id}


def _twin(flows: Iterable[DataFlow], flow: DataFlow, wish: Wish) -> DataFlow | None:
    """Return the flow that imports exactly the same, if it is no copy that waits for changes."""
    for one in flows:
        same_tab = wish.tab_title in (None, one.tab_title)
        if same_tab and not one.is_paused and _imports_the_same(one, flow):
            return one
    return None


def _imports_the_same(one: DataFlow, other: DataFlow) -> bool:
    fields = ["connection_id", "entity", "options", "write_mode", "label"]
    if one.options.rolling_days is None:  # else the start moves on by itself
        fields.append("since")
    return all(getattr(one, field) == getattr(other, field) for field in fields)


def _is_the_same_copy(one: DataFlow, copied: DataFlow, source: DataFlow) -> bool:
    return (
        one.is_paused
        and one.name.startswith(f"{source.name}-")
        and _imports_the_same(one, copied)
        and copied.created_at - one.created_at < _SAME_CLICK
    )
