"""Refreshing a tab of 100,000 calls when nothing has happened: how much is asked of Aircall.

`python bench/quiet_refresh.py [--calls 100000]`. Imports everything into a tab of the Google
stand-in, then refreshes from the bookmark, both with the product's pipeline in this process. Prints
the requests of the refresh beside what its look-back window needs: one to count the window and one
for each 50 calls in it.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import ceil
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.harness import Server, table
from bench.readers.ours import NoBudget
from callsheet.aircall.client import AircallClient
from callsheet.catalogue import entity_named
from callsheet.clock import SystemClock
from callsheet.connection import AircallKey
from callsheet.pipeline import Order, Outcome, import_entity
from callsheet.sheets.client import SheetsClient
from sandbox.aircall.server import AircallStandIn
from sandbox.sheets.server import SheetsStandIn

DAYS = 90


class Bookmark:
    """Follows an import and keeps the bookmark."""

    def __init__(self) -> None:
        self.until: datetime | None = None

    def progressed(self, progress: object) -> None:
        """Nobody is watching."""

    def written(self, tab: object, until: datetime) -> None:
        """Keep it."""
        del tab
        self.until = until

    def guard(self) -> None:
        """Nothing stops the import."""


def main() -> None:
    """Import, refresh, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=100_000)
    calls = parser.parse_args().calls
    aircall = AircallStandIn(calls=calls, days=DAYS, arrivals_per_minute=0, rate_limit=None)
    with aircall, SheetsStandIn() as google, tempfile.TemporaryDirectory() as folder:
        account = google.service_account_info()
        key_file = Path(folder, "key.json")
        key_file.write_text(json.dumps(account), encoding="utf-8")
        sheet = google.create_spreadsheet("Bench", editors=[account["client_email"]])
        since = datetime.now(UTC).replace(microsecond=0) - timedelta(days=DAYS + 1)
        order = Order(entity_named("calls"), sheet, "bench", "Calls", since.isoformat())
        kept = Bookmark()
        rows = [row("import", *run(order, aircall, google.url, key_file, kept))]
        order = replace(order, bookmark=kept.until)
        outcome, seconds = run(order, aircall, google.url, key_file, kept)
        rows.append(row("refresh", outcome, seconds))
        inside = counted(aircall, outcome)
    heads = ("run", "records", "unchanged", "Aircall requests", "Google requests", "wall s")
    table(heads, rows)
    print(f"The look-back window holds {inside} calls and needs {ceil(inside / 50) + 1} requests.")


def run(
    order: Order, aircall: AircallStandIn, google_url: str, key_file: Path, kept: Bookmark
) -> tuple[Outcome, float]:
    """Run the order once; return its outcome and the seconds."""
    clock = SystemClock()
    key = AircallKey(aircall.api_id, aircall.api_token)
    google = SheetsClient(google_url, key_file, clock=clock)
    began = time.monotonic()
    with AircallClient(aircall.url, key, NoBudget(), clock=clock) as source:
        outcome = import_entity(order, source, google, clock=clock, watcher=kept)
    return outcome, time.monotonic() - began


def row(name: str, outcome: Outcome, seconds: float) -> tuple[str, ...]:
    """Return a row of the table."""
    counts = outcome.counts
    figures = (counts.rows_received, counts.rows_unchanged)
    requests = (counts.source_requests, counts.destination_requests)
    return (name, *(f"{figure:,}" for figure in (*figures, *requests)), f"{seconds:.1f}")


def counted(aircall: AircallStandIn, outcome: Outcome) -> int:
    """Ask the stand-in how many calls the refresh's span really has."""
    server = Server(aircall.url, aircall.api_id, aircall.api_token)
    start, end = (int(m.timestamp()) - 1 for m in (outcome.span.start, outcome.span.end))
    return int(server.admin("GET", f"/truth/calls/count?from={start}&to={end}")["total"])


if __name__ == "__main__":
    main()
