"""Many accounts with a limit of their own, on two workers: ours against blocking ones.

`python bench/many_accounts.py [--accounts 500] [--requests 8] [--per-minute 4] [--sample 4]`.
Every account imports calls that take `--requests` requests, two minutes' worth of its limit. Ours
steps aside while an account's minute is used up; a worker with one job an import waits in it. The
accounts read the same invented calls, each within a budget of its own, which our side keeps;
Google's quotas are lifted. All at once is more than a small machine can do with 60 a minute each:
what it can do is measured first, and a smaller limit keeps the shape.

The blocking ones are measured with a few accounts and reckoned up for all: each pair of accounts
takes them as long as the pair before.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from rq import Queue, Worker

from bench.harness import ROOT, table
from bench.office import Costs, Office, office, wait_for
from callsheet.data_flow import DataFlow
from callsheet.run import RunState, Trigger

WORKERS = 2
DAYS = 59
RESERVE = 0.2
"""Of the budget, kept for runs that a person waits for; these here nobody waits for."""

_OVER = ("finished", "failed")
_FREE = 20


@dataclass(frozen=True, slots=True)
class Shape:
    """Accounts, the requests that each needs, and what it may ask a minute."""

    accounts: int
    requests: int
    per_minute: int

    def least(self, asked: int, *, reserve: float) -> int:
        """Return the fewest seconds in which an account may ask so often."""
        a_minute = self.per_minute - int(self.per_minute * reserve)
        return (ceil(asked / a_minute) - 1) * 60


def main() -> None:
    """Measure both, one after the other, and print what was seen."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--accounts", type=int, default=500)
    parser.add_argument("--requests", type=int, default=8)
    parser.add_argument("--per-minute", type=int, default=4)
    parser.add_argument(
        "--sample", type=int, default=4, help="accounts of the blocking ones; 0: none"
    )
    options = parser.parse_args()
    shape = Shape(options.accounts, options.requests, options.per_minute)
    print(f"{os.cpu_count()} cores, load before: {os.getloadavg()[0]:.1f}")
    # One request counts, one asks for the users, the others bring 50 calls each.
    with office(calls=(shape.requests - 2) * 50, per_minute=None) as ours:
        _say_what_the_machine_can_do(ours, shape)
        ours.environment["AIRCALL_REQUESTS_PER_MINUTE"] = str(shape.per_minute)
        wall = _ours(ours, shape)
        if options.sample:
            blocking = _blocking(ours, shape, options.sample)
            print(f"blocking ÷ ours: {blocking / wall:.1f}")


def _say_what_the_machine_can_do(ours: Office, shape: Shape) -> None:
    """Import for a few accounts within their limits: what that takes is processor time alone."""
    ours.environment["AIRCALL_REQUESTS_PER_MINUTE"] = "120"
    days = DAYS * min(1, 40 / shape.requests)
    asked, wall, _ = _imports(ours, [_flow(ours, f"free-{n}", days) for n in range(_FREE)])
    can, may = asked / wall, shape.accounts * shape.per_minute
    print(
        f"Not held up by limits, this machine carries {can:.0f} requests a second, "
        "stand-ins included. "
        f"{shape.accounts} accounts may send {may:,} at once: {may / can:.0f} s of its time."
    )


def _ours(ours: Office, shape: Shape) -> float:
    flows = [_flow(ours, f"account-{number}") for number in range(shape.accounts)]
    asked, wall, spent = _imports(ours, flows)
    least = shape.least(asked // shape.accounts, reserve=RESERVE)
    arrivals = sorted(entry["at"] for entry in ours.requests())
    a_minute = shape.per_minute - int(shape.per_minute * RESERVE)
    first = arrivals[min(len(arrivals), shape.accounts * a_minute) - 1] - arrivals[0]
    slices = sum(run.slices for flow in flows for run in ours.runs.of_flow(flow.id))
    heads = ("accounts", "requests", "slices", "wall s", "least s", "over it", "first share s")
    row = (shape.accounts, asked, slices, f"{wall:.1f}", least, _over(wall, least), f"{first:.1f}")
    table(heads, [[str(cell) for cell in row]])
    cost = (spent.workers, spent.scheduler, spent.redis, spent.stand_ins)
    each = [f"{1000 * seconds / slices:.1f}" for seconds in cost]
    heads = ("processor ms a slice", "workers", "scheduler", "redis", "stand-ins", "cores used")
    used = sum(cost) / wall / (os.cpu_count() or 1)
    table(heads, [["", *each, f"{100 * used:.0f} %"]])
    return wall


def _imports(ours: Office, flows: list[DataFlow]) -> tuple[int, float, Costs]:
    """Import all flows: requests, seconds, and what our processes spent."""
    ours.aircall.admin("DELETE", "/requests")
    workers = [ours.start("worker").pid for _ in range(WORKERS)]
    scheduler = ours.start("scheduler").pid
    _wait_for_workers(ours)
    before, began = Costs.now(ours, workers, scheduler), time.monotonic()
    ended = ours.ended(*[ours.click(flow, Trigger.SCHEDULE) for flow in flows])
    wall, spent = time.monotonic() - began, Costs.now(ours, workers, scheduler) - before
    if any(run.state is not RunState.SUCCEEDED for run in ended):
        raise RuntimeError("an import did not succeed")
    ours.stop()
    return sum(run.counts.source_requests for run in ended), wall, spent


def _blocking(ours: Office, shape: Shape, sample: int) -> float:
    """Return the seconds that blocking workers would take for all accounts."""
    environment = {
        **ours.environment,
        "AIRCALL_API_ID": ours.told["aircall_api_id"],
        "AIRCALL_API_TOKEN": ours.told["aircall_api_token"],
        "PYTHONPATH": str(ROOT),
    }
    ours.aircall.admin("DELETE", "/requests")
    command = [sys.executable, "-m", "rq.cli", "worker", "bench", "--quiet"]
    command += ["--url", environment["REDIS_URL"]]
    for _ in range(WORKERS):
        ours.processes.append(subprocess.Popen(command, cwd=ROOT, env=environment))
    _wait_for_workers(ours)
    since = (datetime.now(UTC) - timedelta(days=DAYS)).isoformat(timespec="seconds")
    queue = Queue("bench", connection=ours.redis, default_timeout=3600)
    sheets = [ours.connection(f"b-{n}", "id", "token").spreadsheet_id for n in range(sample)]
    began = time.monotonic()
    jobs = [queue.enqueue("bench.blocking.whole_import", sheet, since) for sheet in sheets]
    wait_for(lambda: all(job.get_status(refresh=True) in _OVER for job in jobs), 3600, pause=0.2)
    wall = time.monotonic() - began
    if any(job.is_failed for job in jobs):
        raise RuntimeError("a blocking import failed")
    least = shape.least(len(ours.requests()) // sample, reserve=0) * ceil(sample / WORKERS)
    for_all = wall * ceil(shape.accounts / WORKERS) / ceil(sample / WORKERS)
    print(
        f"One job an import, {sample} accounts measured: {wall:.1f} s (its own least: {least} s); "
        f"reckoned for {shape.accounts} accounts: {for_all:,.0f} s"
    )
    return for_all


def _flow(ours: Office, account: str, days: float = DAYS) -> DataFlow:
    told = ours.told
    made = ours.connection(account, told["aircall_api_id"], told["aircall_api_token"])
    return ours.flow(made, days)


def _wait_for_workers(ours: Office) -> None:
    wait_for(lambda: Worker.count(connection=ours.redis) == WORKERS, 60)


def _over(wall: float, least: float) -> str:
    return f"{(wall / least - 1) * 100:+.0f} %" if least else "-"


if __name__ == "__main__":
    main()
