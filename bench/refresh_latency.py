"""From the click on "Refresh now" to the first request at Aircall, idle and during a backfill.

`python bench/refresh_latency.py [--clicks 30] [--workers 2]`. Each click starts a run as the web
process does; the stand-in's log tells when its first request arrived. In the second part every
worker is busy with long imports of other accounts: of so many that some always have requests left
in their minute.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.harness import table
from bench.office import Office, office, wait_for
from callsheet.connection import Connection
from callsheet.data_flow import DataFlow
from callsheet.run import RunState, Trigger
from callsheet.store.keys import HELD


def main() -> None:
    """Measure both and print what was seen."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clicks", type=int, default=30)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    with office(calls=60_000, per_minute=None) as ours:
        for _ in range(options.workers):
            ours.start("worker")
        ours.start("scheduler")
        mine = ours.company("mine")
        flow = ours.flow(mine, 1)
        ours.ended(ours.click(flow))
        rows = [_row("idle workers", _clicks(ours, mine, flow, options.clicks))]
        backfills = _backfills(ours, 30 * options.workers)
        rows.append(_row("during backfills", _clicks(ours, mine, flow, options.clicks)))
        going = sum(not _is_over(ours, run) for run in backfills)
    table(("clicks", "of them", "busy workers", "median ms", "p95 ms", "longest ms"), rows)
    print(f"{going} of {len(backfills)} backfills were still going on at the end")


def _clicks(ours: Office, mine: Connection, flow: DataFlow, count: int) -> list[tuple[float, int]]:
    """Return the milliseconds of each click, and how many workers were busy when it came."""
    found = []
    for number in range(count):
        time.sleep(0.2 + 0.037 * (number % 7))
        ours.aircall.admin("DELETE", "/requests")
        busy = ours.redis.zcard(HELD)
        clicked = time.time()
        run = ours.click(flow)
        ours.ended(run)
        first = min(r["at"] for r in ours.requests() if r["company"] == mine.account)
        found.append(((first - clicked) * 1000, busy))
    return sorted(found)


def _backfills(ours: Office, count: int) -> list[str]:
    """Keep every worker busy with long imports; return their runs' ids."""
    told = ours.told
    ids = []
    for number in range(count):
        account = f"other-{number}"
        other = ours.connection(account, told["aircall_api_id"], told["aircall_api_token"])
        ids.append(ours.click(ours.flow(other, 59), Trigger.SCHEDULE).id)
    wait_for(lambda: any(_is_running(ours, run) for run in ids), 30)
    time.sleep(2)
    return ids


def _is_running(ours: Office, run_id: str) -> bool:
    run = ours.runs.find(run_id)
    return run is not None and run.state is RunState.RUNNING


def _is_over(ours: Office, run_id: str) -> bool:
    run = ours.runs.find(run_id)
    return run is None or run.state.is_over


def _row(name: str, found: list[tuple[float, int]]) -> list[str]:
    at = [found[len(found) // 2], found[int(len(found) * 0.95)], found[-1]]
    busy = sum(count for _, count in found) / len(found)
    return [name, str(len(found)), f"{busy:.1f}", *(f"{value:.0f}" for value, _ in at)]


if __name__ == "__main__":
    main()
