"""What a tab's making, its freshness line and its archive cost in requests to Google.

`python bench/archive.py [--rows 100000] [--months 12]`. Fills a tab of the Google stand-in with the
columns of Calls, tells how fresh it is, and moves all months but the last to archive tabs, all with
the product's own code in this process. The stand-in's time is in the seconds, Google's is not.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.harness import table
from callsheet.catalogue import CALLS
from callsheet.clock import SystemClock
from callsheet.data_flow import WriteMode
from callsheet.entity import Kind, Value
from callsheet.options import ArchiveBy
from callsheet.sheets.archiving import boundary
from callsheet.sheets.client import SheetsClient
from callsheet.sheets.freshness import Freshness
from callsheet.sheets.spreadsheet import open_spreadsheet
from callsheet.sheets.tab import Tab
from sandbox.sheets.quota import Limits
from sandbox.sheets.server import SheetsStandIn

MONTH = timedelta(days=30.4)


def main() -> None:
    """Make, fill, stamp, archive, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--months", type=int, default=12)
    given = parser.parse_args()
    with SheetsStandIn() as google, tempfile.TemporaryDirectory() as folder:
        google.state.quota.limits = Limits(enabled=False)
        info = google.service_account_info()
        key_file = Path(folder) / "key.json"
        key_file.write_text(json.dumps(info))
        sheet = google.create_spreadsheet("Bench", editors=[info["client_email"]])
        client = SheetsClient(google.url, key_file, clock=SystemClock())
        lines = list(steps(client, sheet, given.rows, given.months))
    table(["step", "reads", "writes", "MB sent", "MB received", "s"], lines)


def steps(client: SheetsClient, sheet: str, rows: int, months: int) -> list[list[str]]:
    """Do each step once; returns what each cost."""
    now = datetime.now(UTC)
    spreadsheet = open_spreadsheet(client, sheet)
    found: list[Tab] = []
    moved: list[int] = []

    def archive() -> None:
        tab = open_spreadsheet(client, sheet).tab_for("bench", CALLS)
        before = boundary(now, 1, spreadsheet.zone)
        moved.append(tab.archive(before, "started_at", ArchiveBy.MONTH))

    def stamp() -> None:
        found[0].stamp(Freshness(now, now, now + timedelta(hours=1), rows))

    steps: list[tuple[str, Callable[[], None]]] = [
        ("make the tab", lambda: found.append(spreadsheet.tab_for("bench", CALLS))),
        (f"{rows:,} rows", lambda: fill(found[0], rows, now - months * MONTH, now)),
        ("freshness line", stamp),
        ("archive", archive),
        ("archive again", archive),
    ]
    lines = [measured(client, name, do) for name, do in steps]
    lines[3][0] = f"archive {moved[0]:,} rows"
    return lines


def measured(client: SheetsClient, name: str, do: Callable[[], None]) -> list[str]:
    """Do one step and return its line of the table."""
    before = (client.reads, client.writes, client.bytes_sent, client.bytes_received)
    began = time.monotonic()
    do()
    seconds = time.monotonic() - began
    after = (client.reads, client.writes, client.bytes_sent, client.bytes_received)
    reads, writes, sent, received = (b - a for a, b in zip(before, after, strict=True))
    return [
        name,
        str(reads),
        str(writes),
        f"{sent / 1e6:.2f}",
        f"{received / 1e6:.2f}",
        f"{seconds:.1f}",
    ]


def fill(tab: Tab, rows: int, start: datetime, end: datetime) -> None:
    """Write calls that are spread evenly between two moments."""
    writer = tab.writer(WriteMode.UPDATE, expected_rows=rows)
    step = (end - start) / rows
    usual: dict[Kind, Value] = {Kind.SECONDS: 61, Kind.CENTS: 1.5, Kind.INTEGER: 7}
    for number in range(rows):
        at = start + number * step
        line = [
            at if c.kind is Kind.DATE_TIME else usual.get(c.kind, f"some {c.key}")
            for c in CALLS.columns
        ]
        writer.add([str(4_000_000_000 + number), *line[1:]])
    writer.finish()


if __name__ == "__main__":
    main()
