"""Reading under a limit: how close to the least possible time, and how politely.

`python bench/limited.py [--calls 7000] [--per-minute 60] [--peers dlt,airbyte]`. The stand-in
refuses what is above the limit within any rolling minute, as Aircall does. The least possible time
for n requests is a whole minute for each full minute's worth before the last request. Peers do not
know the limit; without --peers only ours is run.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from math import ceil
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench import peers
from bench.harness import Server, job_for, measure, stand_in, table

DAYS = 62
ROOM = 9_500
"""So many calls are one window for us; the bench stays below."""


def main() -> None:
    """Run the readers one after the other and print what the stand-in saw of each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=7_000, help=f"at most {ROOM}")
    parser.add_argument("--per-minute", type=int, default=60)
    parser.add_argument("--peers", default="")
    options = parser.parse_args()
    if options.calls > ROOM:
        parser.error(f"choose at most {ROOM} calls")
    readers = {"callsheet": Path(sys.executable)}
    readers.update(peers.pythons(options.peers))
    with stand_in(options.calls) as server:
        rows = [one(server, reader, readers[reader], options.per_minute) for reader in readers]
    heads = ("reader", "records", "requests", "allowed", "429s", "fullest minute")
    table((*heads, "wall s", "least s", "over it", "note"), rows)


def one(server: Server, reader: str, python: Path, per_minute: int) -> Sequence[str]:
    """Read once from a fresh minute; return the row of the table."""
    server.limit(None)
    server.admin("DELETE", "/requests")
    server.limit(per_minute)
    job = job_for(server, DAYS, per_minute=per_minute)
    records, wall, note = 0, 0.0, ""
    try:
        usage = measure(f"with_{reader}", job, python=python)
        records, wall = usage.said["records"], usage.wall
    except RuntimeError as error:
        note = f"failed: {str(error).partition(': ')[2][:60]}"
    seen = server.admin("GET", "/requests/summary")
    refused = seen["by_status"].get("429", 0)
    least = (seen["total"] - refused - 1) // per_minute * 60
    return (
        reader,
        str(records),
        str(seen["total"]),
        str(ceil(records / 50) + 2 + 1) if records else "-",
        str(refused),
        str(seen["fullest_minute"]),
        f"{wall:.1f}",
        str(least),
        f"{(wall / least - 1) * 100:+.1f} %" if wall and least else "-",
        note,
    )


if __name__ == "__main__":
    main()
