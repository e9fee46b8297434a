"""What applying a file of flows would do to a spreadsheet, and doing it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from callsheet.connection import Connection
from callsheet.data_flow import DataFlow
from callsheet.errors import InvalidRequest
from callsheet.flows.changing import change, remove
from callsheet.flows.context import Asker, Stores, entity_named
from callsheet.flows.file import Entry, FlowFile, all_wrong, entry_of
from callsheet.flows.labels import check_label, chosen_tab_title
from callsheet.flows.making import make, new_flow
from callsheet.flows.options import merged
from callsheet.flows.starting import start_run
from callsheet.flows.wish import Wish, checked_since, fulfilled
from callsheet.options import FlowOptions


class Action(StrEnum):
    """What happens to a flow."""

    MAKE = "make"
    CHANGE = "change"
    KEEP = "keep"  # it is as the file says
    REMOVE = "remove"
    LEAVE = "leave"  # it is not in the file


@dataclass(frozen=True, slots=True)
class Step:
    """What applying does to one flow.

    changes: by field, what the file would say before and after (None: the default). notes: what
    to know about its start date. flow: as it is, or would be made.
    """

    action: Action
    flow: DataFlow
    changes: Mapping[str, tuple[Any, Any]]
    wish: Wish
    notes: tuple[str, ...] = ()


def plan_file(
    stores: Stores, asker: Asker, connection: Connection, file: FlowFile, *, prune: bool
) -> list[Step]:
    """Return what applying the file would do; changes nothing.

    Flows that the file does not name stay, or are removed with `prune`; their tabs stay in any
    case. Raises InvalidRequest with every problem, each with its line.
    """
    flows = [
        flow
        for flow in stores.flows.of_spreadsheet(asker.spreadsheet_id)
        if flow.connection_id == connection.id
    ]
    by_name = {flow.name: flow for flow in flows}
    steps, problems = [], []
    titles = _Titles(stores.flows.of_spreadsheet(asker.spreadsheet_id))
    for name, entry in file.entries.items():
        try:
            step = _step(stores, asker, connection, name, entry, by_name.get(name))
            titles.check(step, entry)
            steps.append(step)
        except InvalidRequest as error:
            problems.append(f"{file.at(name)}: {error.user_message}")
    if problems:
        raise all_wrong(problems)
    gone = Action.REMOVE if prune else Action.LEAVE
    rest = [flow for flow in flows if flow.name not in file.entries]
    return [*steps, *(Step(gone, flow, {}, Wish()) for flow in rest)]


def plan_flow(
    stores: Stores, asker: Asker, connection: Connection, name: str, entry: Entry
) -> Step:
    """Return what would happen to the flow of that name; changes nothing. Raises InvalidRequest."""
    flows = stores.flows.of_spreadsheet(asker.spreadsheet_id)
    of_connection = (flow for flow in flows if flow.connection_id == connection.id)
    before = next((flow for flow in of_connection if flow.name == name), None)
    step = _step(stores, asker, connection, name, entry, before)
    _Titles(flows).check(step, entry)
    return step


def apply_plan(
    stores: Stores, asker: Asker, connection: Connection, steps: list[Step], *, run: bool = True
) -> None:
    """Do what the plan says; with `run`, each new flow that is not paused is imported at once.

    Doing it again is harmless. Raises InvalidRequest, NotFound when the flows were changed by
    somebody else since the plan was made in a way that it no longer fits.
    """
    for step in steps:
        if step.action is Action.REMOVE:
            remove(stores, asker.spreadsheet_id, step.flow.id)
    for step in steps:
        if step.action is Action.CHANGE:
            change(stores, asker.spreadsheet_id, step.flow.id, step.wish)
        elif step.action is Action.MAKE:
            entity = entity_named(stores, step.flow.entity)
            made = make(stores, asker, connection, entity, step.wish, step.flow.name)
            if run and made.is_new and not made.flow.is_paused:
                start_run(stores, made.flow)


def _step(
    stores: Stores,
    asker: Asker,
    connection: Connection,
    name: str,
    entry: Entry,
    before: DataFlow | None,
) -> Step:
    entity = entity_named(stores, entry.entity)
    wish, notes = _wish(stores, asker, entry)
    if before is None:
        flow = new_flow(stores, asker, connection, entity, wish, name)
        return Step(Action.MAKE, flow, {}, wish, notes)
    if before.entity != entity.name:
        raise InvalidRequest(
            message=f"It imports {before.entity} in this spreadsheet. Give the flow of "
            f"{entity.name} another name."
        )
    if before.tab_id is not None:
        wish = replace(wish, tab_title=None)
    changes = _changes(entry_of(before, entity), entry_of(fulfilled(before, wish), entity))
    return Step(Action.CHANGE if changes else Action.KEEP, before, changes, wish, notes)


def _wish(stores: Stores, asker: Asker, entry: Entry) -> tuple[Wish, tuple[str, ...]]:
    """Return everything that the entry says: what it leaves out is the default."""
    entity = entity_named(stores, entry.entity)
    options = merged(entity, FlowOptions(), entry.options())
    since, notes = checked_since(stores, asker, entity, entry.since, options)
    suggested = entity.suggested_schedule(options.layout)
    wish = Wish(
        since=since,
        schedule=suggested if entry.schedule is None else entry.schedule.value(),
        options=options,
        write_mode=entry.write_mode,
        label=check_label(entry.label or "") or "",
        tab_title=entry.tab,
        is_paused=entry.paused,
    )
    return wish, tuple(notes)


class _Titles:
    """Whose tab is whose, while the flows of a file are looked at one after the other."""

    def __init__(self, flows: list[DataFlow]) -> None:
        self._owners = {flow.id: flow for flow in flows}

    def check(self, step: Step, entry: Entry) -> None:
        """Raise InvalidRequest when the title that a tab would get is another flow's."""
        flow = step.flow
        if entry.tab is None or flow.tab_id is not None:
            return
        others = [one for one in self._owners.values() if one.id != flow.id]
        title = chosen_tab_title(entry.tab, others)
        self._owners[flow.id] = replace(flow, tab_title=title)


def _changes(before: dict[str, Any], after: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    names = list(dict.fromkeys([*before, *after]))
    return {
        name: (before.get(name), after.get(name))
        for name in names
        if before.get(name) != after.get(name)
    }
