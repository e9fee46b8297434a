"""Deleting the tabs of a flow that is gone, because a person asked for it."""

from __future__ import annotations

from callsheet.errors import DestinationRefused
from callsheet.sheets.appearance import new_id
from callsheet.sheets.client import Guard, Json, nothing
from callsheet.sheets.spreadsheet import Spreadsheet


def delete_tabs(spreadsheet: Spreadsheet, flow_key: str, guard: Guard = nothing) -> int:
    """Delete the flow's tabs, found by their tags; return how many there were.

    Copies that a person made are not ours and stay. Sheets keeps at least one visible tab in a
    file: where ours is the only one, an empty one takes its place. Raises DestinationError.
    """
    ours = [tab.id for tab in spreadsheet.facts.ours(flow_key)]
    ours += [
        tab.id
        for tab in spreadsheet.facts.stagings()
        if tab.staging and tab.staging.flow == flow_key
    ]
    if not ours:
        return 0
    requests: list[Json] = [{"deleteSheet": {"sheetId": tab_id}} for tab_id in ours]
    try:
        _change(spreadsheet, requests, ours, guard)
    except DestinationRefused:
        if {tab.id for tab in spreadsheet.reload().tabs}.isdisjoint(ours):
            return len(ours)  # a person was quicker
        empty: Json = {"addSheet": {"properties": {"sheetId": new_id()}}}
        _change(spreadsheet, [empty, *requests], ours, guard)
    return len(ours)


def _change(
    spreadsheet: Spreadsheet, requests: list[Json], leaving: list[int], guard: Guard
) -> None:
    def happened() -> bool:
        return {tab.id for tab in spreadsheet.reload().tabs}.isdisjoint(leaving)

    spreadsheet.client.change(spreadsheet.id, requests, happened, guard)
