"""How close the request budget comes to the least possible time, and what it costs.

    python -m bench.budget [--requests 400] [--per-minute 60] [--period 60] [--runs 1] [--threads 1]

Reads pages from a stand-in that refuses what goes over the same limit in any rolling period, once
within the budget of one process and once within the shared one in Redis. Prints the wall time
against the least possible, the 429s received, the script calls a request and the CPU (of this
process: client and stand-in together). A shorter period makes it quick; latencies weigh more then.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
import threading
import time
from pathlib import Path

import httpx
from redis import Redis

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from callsheet.aircall.budget import Budget, LocalBudget  # noqa: E402 - after the path is set
from callsheet.aircall.client import AircallClient  # noqa: E402
from callsheet.clock import SystemClock  # noqa: E402
from callsheet.connection import AircallKey  # noqa: E402
from callsheet.redis_server import EmbeddedRedis  # noqa: E402
from callsheet.store.budget import SharedBudget  # noqa: E402
from sandbox.aircall import limits  # noqa: E402
from sandbox.aircall.server import AircallStandIn  # noqa: E402


def main() -> None:
    """Measure both budgets and print a line for each."""
    options = _options()
    limits.WINDOW_SECONDS = options.period
    least = (math.ceil(options.requests / options.per_minute) - 1) * options.period
    print(f"{options.requests} requests, {options.per_minute} in {options.period:g} s")
    print(f"{options.runs} runs of {options.threads} threads; least possible {least:g} s")
    heads = (("seconds", 10), ("of least", 10), ("429s", 6), ("fullest", 9))
    more = (("scripts/request", 17), ("CPU ms/request", 16))
    print(f"{'budget':<8}" + "".join(f"{head:>{width}}" for head, width in heads + more))
    with tempfile.TemporaryDirectory() as folder, EmbeddedRedis(Path(folder)) as server:
        if options.runs == 1:
            local = LocalBudget(
                options.per_minute, SystemClock(), elapsed=time.monotonic, period=options.period
            )
            _measure("local", [local], None, options, least)
        with Redis.from_url(server.url) as redis:
            shared: list[Budget] = [
                SharedBudget(
                    redis, "bench", options.per_minute, run=f"run-{n}", period=options.period
                )
                for n in range(options.runs)
            ]
            _measure("shared", shared, redis, options, least)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    parser.add_argument("--requests", type=int, default=400)
    parser.add_argument("--per-minute", type=int, default=60)
    parser.add_argument("--period", type=float, default=60.0)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


def _measure(
    name: str,
    budgets: list[Budget],
    redis: Redis | None,
    options: argparse.Namespace,
    least: float,
) -> None:
    with AircallStandIn(
        calls=10, days=1, arrivals_per_minute=0, rate_limit=options.per_minute
    ) as aircall:
        scripts, began, cpu = _script_calls(redis), time.monotonic(), time.process_time()
        _read_all(aircall, budgets, options)
        seconds, cpu = time.monotonic() - began, time.process_time() - cpu
        log = httpx.get(f"{aircall.url}/_admin/requests").json()
    refused = log["summary"]["by_status"].get("429", 0)
    fullest = _fullest([entry["at"] for entry in log["requests"]], options.period)
    each = (_script_calls(redis) - scripts) / options.requests
    print(
        f"{name:<8}{seconds:>10.2f}{seconds / max(least, 1e-9):>10.3f}{refused:>6}{fullest:>9}"
        f"{each:>17.2f}{1000 * cpu / options.requests:>16.2f}"
    )


def _read_all(aircall: AircallStandIn, budgets: list[Budget], options: argparse.Namespace) -> None:
    key = AircallKey(aircall.api_id, aircall.api_token)
    clients = [AircallClient(aircall.url, key, budget) for budget in budgets]
    readers = options.runs * options.threads

    def read(number: int) -> None:
        share = range(number, options.requests, readers)
        for _ in share:
            clients[number % options.runs].page("/v1/tags", "tags", {})

    threads = [threading.Thread(target=read, args=(number,)) for number in range(readers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for client in clients:
        client.close()


def _script_calls(redis: Redis | None) -> int:
    if redis is None:
        return 0
    stats = redis.info("commandstats")
    return int(stats.get("cmdstat_evalsha", {}).get("calls", 0))


def _fullest(moments: list[float], period: float) -> int:
    most = first = 0
    for last, moment in enumerate(moments):
        while moment - moments[first] >= period:
            first += 1
        most = max(most, last - first + 1)
    return most


if __name__ == "__main__":
    main()
