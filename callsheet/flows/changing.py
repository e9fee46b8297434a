"""Data flows that are there: changed, paused, resumed, removed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from callsheet.cadence import planned
from callsheet.connection import Connection
from callsheet.data_flow import DataFlow
from callsheet.errors import InvalidRequest
from callsheet.flows.context import Stores
from callsheet.flows.ending import cancel
from callsheet.flows.labels import check_label, chosen_tab_title
from callsheet.flows.wish import Wish, fulfilled
from callsheet.store.placing import place_again


def change(stores: Stores, spreadsheet_id: str, flow_id: str, wish: Wish) -> DataFlow:
    """Change what is wished, and wake the flow unless a person has paused it.

    Raises NotFound; InvalidRequest for a tab that another flow has, or another title for a tab
    that is there.
    """
    return change_as(stores, spreadsheet_id, flow_id, lambda _: wish)


def change_as(
    stores: Stores, spreadsheet_id: str, flow_id: str, wish_for: Callable[[DataFlow], Wish]
) -> DataFlow:
    """As `change`, where the wish depends on the flow as it is at that moment.

    Of two changes at once both happen, one after the other; `wish_for` may be asked again.
    Raises as `change`, and what `wish_for` raises.
    """

    def changed(flow: DataFlow) -> DataFlow:
        wish = wish_for(flow)
        if wish.label is not None:
            wish = replace(wish, label=check_label(wish.label) or "")
        if wish.tab_title is not None:
            wish = replace(wish, tab_title=_new_title(stores, flow, wish.tab_title))
        return _awake(fulfilled(flow, wish))

    return _changed(stores, spreadsheet_id, flow_id, changed)


def pause(stores: Stores, spreadsheet_id: str, flow_id: str) -> DataFlow:
    """Let the flow's schedule rest until a person resumes it. Raises NotFound."""
    return _changed(stores, spreadsheet_id, flow_id, lambda flow: replace(flow, is_paused=True))


def resume(stores: Stores, spreadsheet_id: str, flow_id: str) -> DataFlow:
    """Let the flow's schedule go on, whoever or whatever has paused it. Raises NotFound."""
    return _changed(
        stores, spreadsheet_id, flow_id, lambda flow: _awake(replace(flow, is_paused=False))
    )


def remove(stores: Stores, spreadsheet_id: str, flow_id: str, *, with_tab: bool = False) -> None:
    """Forget the flow and its schedule, and cancel its run; its tab stays, whole.

    with_tab: a worker then deletes that. Raises NotFound.
    """
    flow = stores.flows.get(spreadsheet_id, flow_id)
    now = stores.clock.now()
    stores.flows.remove(flow, delete_tab_at=now if with_tab else None)
    run = stores.runs.active_of(flow.id)
    if run is not None:
        cancel(stores, run)
    place_again(stores.redis, flow.account, now)


def pause_all(stores: Stores, connection: Connection, why: str) -> None:
    """Let every flow of a connection wait for a person, with the reason."""
    for flow in _of_connection(stores, connection):
        stores.flows.change(
            flow.spreadsheet_id,
            flow.id,
            lambda now: replanned(stores, replace(now, paused_because=why)),
        )
    place_again(stores.redis, connection.account, stores.clock.now())


def resume_all(stores: Stores, connection: Connection) -> None:
    """Wake every sleeping flow of a connection, whose company may have another account now."""
    for flow in _of_connection(stores, connection):
        if flow.account != connection.account:
            stores.flows.change(
                flow.spreadsheet_id, flow.id, lambda now: replace(now, account=connection.account)
            )
        wake(stores, flow)


def wake(stores: Stores, flow: DataFlow) -> None:
    """Let the flow's schedule go on unless a person has paused it; nothing if it does."""
    if _sleeps(flow):
        _changed(stores, flow.spreadsheet_id, flow.id, _awake)


def replanned(stores: Stores, flow: DataFlow) -> DataFlow:
    """Return the flow with its next refresh set anew."""
    return planned(flow, stores.clock.now())


def placed(stores: Stores, flow: DataFlow) -> DataFlow:
    """Return the flow as it lies once its account's flows have their places. Raises NotFound."""
    place_again(stores.redis, flow.account, stores.clock.now())
    return stores.flows.get(flow.spreadsheet_id, flow.id)


def _changed(
    stores: Stores, spreadsheet_id: str, flow_id: str, how: Callable[[DataFlow], DataFlow]
) -> DataFlow:
    """Change the flow; its next refresh stays unless the change is about that."""
    before: list[DataFlow] = []

    def changed(flow: DataFlow) -> DataFlow:
        before[:] = [flow]
        new = how(flow)
        return replanned(stores, new) if _rests(new) != _rests(flow) or _sleeps(flow) else new

    flow = stores.flows.change(spreadsheet_id, flow_id, changed)
    return flow if _claim(flow) == _claim(before[0]) else placed(stores, flow)


def _rests(flow: DataFlow) -> tuple[object, ...]:
    """Return what the next refresh depends on, beside the flow's place."""
    return flow.schedule, flow.zone, flow.is_paused, flow.paused_because


def _claim(flow: DataFlow) -> tuple[object, ...]:
    """Return what the places of the account's flows depend on."""
    is_scheduled = flow.next_run_at is not None
    return is_scheduled, is_scheduled and flow.offset is None, flow.schedule, flow.zone


def tab_is_there() -> InvalidRequest:
    """Return the refusal of another title for a tab that is made."""
    return InvalidRequest(
        message="The tab is there already. Rename it in the spreadsheet: Callsheet follows."
    )


def _new_title(stores: Stores, flow: DataFlow, wanted: str) -> str:
    if flow.tab_id is not None and wanted != flow.tab_title:
        raise tab_is_there()
    flows = stores.flows.of_spreadsheet(flow.spreadsheet_id)
    return chosen_tab_title(wanted, [one for one in flows if one.id != flow.id])


def _sleeps(flow: DataFlow) -> bool:
    """Whether the schedule passes over the flow although it has a rhythm, or a person must act.

    A run that ends after its connection is gone clears the reason, but sets no next time.
    """
    unscheduled = flow.next_run_at is None and flow.schedule.step is not None
    return (unscheduled and not flow.is_paused) or flow.paused_because is not None


def _awake(flow: DataFlow) -> DataFlow:
    return replace(flow, paused_because=None, failures=0)


def _of_connection(stores: Stores, connection: Connection) -> list[DataFlow]:
    flows = stores.flows.of_spreadsheet(connection.spreadsheet_id)
    return [flow for flow in flows if flow.connection_id == connection.id]
