"""What one slice costs: processor time of worker, Redis and stand-ins, and whether memory grows.

`python bench/slice_cost.py [--accounts 40] [--rounds 5]`. One worker refreshes one data flow of
each account, round after round. A refresh with nothing new is one slice with few requests, so
what is left is what every slice costs: picking the run, the job, signing in, opening the file.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from rq import Worker

from bench.harness import table
from bench.office import Costs, Office, office, rss_mb, wait_for
from callsheet.data_flow import DataFlow
from callsheet.run import RunState, Trigger


def main() -> None:
    """Measure and print what was seen."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--accounts", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with office(calls=3_000, per_minute=None) as ours:
        told = ours.told
        flows = []
        for number in range(options.accounts):
            made = ours.connection(
                f"account-{number}", told["aircall_api_id"], told["aircall_api_token"]
            )
            flows.append(ours.flow(made, 0.5))
        worker = ours.start("worker")
        ours.start("scheduler")
        wait_for(lambda: Worker.count(connection=ours.redis), 60)
        rows = [_round(ours, worker.pid, n, flows) for n in range(options.rounds + 1)]
    heads = ("round", "slices", "s", "worker ms", "redis ms", "stand-ins ms", "aircall", "google")
    table((*heads, "rss MB"), rows)


def _round(ours: Office, pid: int, number: int, flows: list[DataFlow]) -> list[str]:
    """Return what one refresh of every flow took; per slice, but for the memory."""
    ours.aircall.admin("DELETE", "/requests")
    ours.google("DELETE", "/requests")
    before, began = Costs.now(ours, [pid]), time.monotonic()
    runs = [ours.click(flow, Trigger.SCHEDULE) for flow in flows]
    ended = ours.ended(*runs)
    wall, spent = time.monotonic() - began, Costs.now(ours, [pid]) - before
    if any(run.state is not RunState.SUCCEEDED for run in ended):
        raise RuntimeError("a refresh did not succeed")
    slices = sum(run.slices for run in ended)
    counted = ours.google("GET", "/requests")["counters"].values()
    asked = sum(kind["requests"] for kind in counted)
    each = [spent.workers, spent.redis, spent.stand_ins]
    return [
        "first import" if number == 0 else f"refresh {number}",
        str(slices),
        f"{wall:.1f}",
        *(f"{1000 * seconds / slices:.1f}" for seconds in each),
        *(f"{n / slices:.1f}" for n in (len(ours.requests()), asked)),
        f"{rss_mb(pid):.1f}",
    ]


if __name__ == "__main__":
    main()
