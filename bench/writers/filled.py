"""A tab filled with the invented calls, plain: where the refresh of a peer begins."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from bench.writers.invented import HEADERS, cells, job, say
from callsheet.clock import SystemClock
from callsheet.sheets.client import SheetsClient
from callsheet.sheets.quota import LocalQuota

PORTION = 4_000
TAB = 7


def main() -> None:
    """Fill a new tab."""
    told = job()
    clock = SystemClock()
    key_file = Path(told["key_file"])
    client = SheetsClient(told["url"], key_file, clock=clock, quota=LocalQuota(clock, 100_000))
    grid = {"rowCount": told["rows"] + 1, "columnCount": len(HEADERS)}
    properties = {"sheetId": TAB, "title": told["title"], "gridProperties": grid}
    client.change(told["spreadsheet"], [{"addSheet": {"properties": properties}}], lambda: False)
    client.write_ranges(told["spreadsheet"], [{"range": "Calls!A1", "values": [HEADERS]}])
    for start in range(0, told["rows"], PORTION):
        lines = [cells(number) for number in range(start, min(told["rows"], start + PORTION))]
        where = f"{told['title']}!A{start + 2}"
        client.write_ranges(told["spreadsheet"], [{"range": where, "values": lines}])
    say()


if __name__ == "__main__":
    main()
