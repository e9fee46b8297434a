"""Callsheet: its own writer, in update mode."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from bench.writers.invented import COLUMNS, HEADERS, job, refreshed, row, say
from callsheet.clock import SystemClock
from callsheet.data_flow import WriteMode
from callsheet.entity import Column, Entity, Kind, Value
from callsheet.sheets.client import SheetsClient
from callsheet.sheets.quota import LocalQuota
from callsheet.sheets.spreadsheet import open_spreadsheet


def main() -> None:
    """Import, or refresh."""
    told = job()
    clock = SystemClock()
    key_file = Path(told["key_file"])
    client = SheetsClient(told["url"], key_file, clock=clock, quota=LocalQuota(clock, 100_000))
    tab = open_spreadsheet(client, told["spreadsheet"]).tab_for("bench", entity(), told["title"])
    rows = told["rows"]
    refreshes = told["phase"] == "refresh"
    writer = tab.writer(
        WriteMode(told["mode"]),
        expected_rows=None if refreshes else rows,
        newest_first=told["newest_first"],
    )
    for number, changed in brought(told):
        writer.add(row(number, changed=changed))
    writer.finish()
    say(
        reads=client.reads,
        writes=client.writes,
        sent=client.bytes_sent,
        received=client.bytes_received,
        counts=[writer.added, writer.updated, writer.unchanged],
    )


def brought(told: dict[str, Any]) -> Any:
    """Return the numbers of the rows that this run brings."""
    if told["phase"] == "refresh":
        return refreshed(told["rows"], told["changed"], told["new"])
    return ((number, False) for number in range(told["rows"]))


def entity() -> Entity:
    """Return an entity of the columns of the invented calls."""
    columns = tuple(
        Column(key, header, unread, Kind(kind))
        for (key, kind), header in zip(COLUMNS, HEADERS, strict=True)
    )
    return Entity("calls", "Calls", "", "/v1/calls", "calls", columns)


def unread(_record: object, _context: object) -> Value:
    """The rows are ready."""
    return None


if __name__ == "__main__":
    main()
