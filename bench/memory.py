"""Whether memory stays flat: a million calls read into rows that are dropped.

`python bench/memory.py [--calls 1000000]`. Prints the peak of the reading process after each
100,000 calls, as the system tells it. The aim: within 150 MB at a million.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.harness import job_for, measure, stand_in, table

DAYS = 170
AIM_MB = 150


def main() -> None:
    """Read once and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=1_000_000)
    calls = parser.parse_args().calls
    with stand_in(calls, DAYS) as server:
        usage = measure("with_callsheet", job_for(server, DAYS + 2), seconds=1_800)
        requests = server.admin("GET", "/requests/summary")["total"]
    table(
        ("calls read", "peak MB"),
        [(f"{int(count):,}", str(peak)) for count, peak in usage.said["peaks"].items()],
    )
    records = usage.said["records"]
    print(f"{records:,} of {calls:,} calls, {requests:,} requests")
    print(f"{usage.wall:.0f} s, CPU {usage.cpu:.0f} s, peak {usage.peak_mb:.0f} MB (aim {AIM_MB})")


if __name__ == "__main__":
    main()
