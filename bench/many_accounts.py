"""Many accounts with 60 requests a minute each, on two workers: ours against blocking ones.

`python bench/many_accounts.py [--accounts 8] [--requests 120]`. Each account imports calls that
take so many requests, so nobody can be done before the second minute begins. Ours steps aside
while an account's minute is used up; a worker with one job an import waits in it. The accounts
read the same invented calls, each within a budget of its own, which our side keeps. Ours leaves a
fifth of each minute to people who may press a button; the blocking ones use all of it.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from math import ceil
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from rq import Queue, Worker

from bench.harness import ROOT, table
from bench.office import Office, office, wait_for
from callsheet.run import RunState, Trigger

WORKERS = 2
PER_MINUTE = 60
DAYS = 59
OURS = "Callsheet"
RESERVE = 0.2
"""Of the budget, kept for runs that a person waits for; these here nobody waits for."""


def main() -> None:
    """Measure both, one after the other, and print what was seen."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--accounts", type=int, default=8)
    parser.add_argument("--requests", type=int, default=96)
    options = parser.parse_args()
    # One request counts, the others bring 50 calls each.
    with office(calls=(options.requests - 1) * 50, per_minute=None) as ours:
        ours.environment["AIRCALL_REQUESTS_PER_MINUTE"] = str(PER_MINUTE)
        rows = [_ours(ours, options.accounts), _blocking(ours, options.accounts)]
    heads = ("workers", "requests", "wall s", "least s", "over it")
    table(heads, [_shown(*row, options.accounts) for row in rows])
    print(f"blocking ÷ ours: {rows[1][2] / rows[0][2]:.1f}, with {options.accounts} accounts")


def _ours(ours: Office, accounts: int) -> tuple[str, int, float]:
    told = ours.told
    flows = []
    for number in range(accounts):
        account = f"account-{number}"
        made = ours.connection(account, told["aircall_api_id"], told["aircall_api_token"])
        flows.append(ours.flow(made, DAYS))
    ours.aircall.admin("DELETE", "/requests")
    for _ in range(WORKERS):
        ours.start("worker")
    ours.start("scheduler")
    _wait_for_workers(ours)
    began = time.monotonic()
    ended = ours.ended(*[ours.click(flow, Trigger.SCHEDULE) for flow in flows])
    wall = time.monotonic() - began
    if any(run.state is not RunState.SUCCEEDED for run in ended):
        raise RuntimeError("an import did not succeed")
    ours.stop()
    return OURS, len(ours.requests()), wall


def _blocking(ours: Office, accounts: int) -> tuple[str, int, float]:
    told = ours.told
    environment = {
        **ours.environment,
        "AIRCALL_API_ID": told["aircall_api_id"],
        "AIRCALL_API_TOKEN": told["aircall_api_token"],
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
    sheets = [ours.connection(f"b-{n}", "id", "token").spreadsheet_id for n in range(accounts)]
    began = time.monotonic()
    jobs = [queue.enqueue("bench.blocking.whole_import", sheet, since) for sheet in sheets]
    wait_for(lambda: all(job.get_status(refresh=True) in _OVER for job in jobs), 3600)
    wall = time.monotonic() - began
    if any(job.is_failed for job in jobs):
        raise RuntimeError("a blocking import failed")
    return "one job an import", len(ours.requests()), wall


def _wait_for_workers(ours: Office) -> None:
    wait_for(lambda: Worker.count(connection=ours.redis) == WORKERS, 60)


_OVER = ("finished", "failed")


def _shown(name: str, asked: int, wall: float, accounts: int) -> list[str]:
    a_minute = PER_MINUTE * (1 - RESERVE) if name == OURS else PER_MINUTE
    least = (ceil(asked / accounts / a_minute) - 1) * 60
    over = f"{(wall / least - 1) * 100:+.0f} %" if least else "-"
    return [name, str(asked), f"{wall:.1f}", str(least), over]


if __name__ == "__main__":
    main()
