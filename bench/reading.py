"""Reading calls into rows: ours beside a plain httpx loop, dlt and Airbyte, on the same server.

`python bench/reading.py [--calls 20000] [--peers httpx,dlt,airbyte] [--runs 3] [--source NAME]
[--latency 0]`.
Every run is a whole child process. The readers take turns, so that a busy moment meets them all;
each figure is the median. The source is the stand-in itself, or its answers repeated from memory
(bench/replay.py), or one after the other. latency: seconds that the stand-in lets each answer wait,
as a server far away does. Targets are reported, never asserted.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.request import Request

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench import peers
from bench.harness import (
    Job,
    Server,
    Usage,
    free_port,
    job_for,
    measure,
    median,
    read_json,
    stand_in,
    table,
)

OURS = "callsheet"
DAYS = 62
TARGETS = {"httpx": "CPU not above it", "dlt": "3 × its throughput", "airbyte": "6 ×"}
ROOM = 8_000
"""Calls in one part: fewer than the 10,000 that can be paged, with room for a busy week."""


def main() -> None:
    """Measure and print."""
    options = parse()
    readers = {OURS: Path(sys.executable), **peers.pythons(options.peers)}
    with stand_in(options.calls) as server:
        job = job_for(server, DAYS, parts=options.calls // ROOM + 1)
        if "httpx" in readers:
            compare_rows(job)
            _requests_at(server)  # forgets them
        if options.latency:
            server.slow(options.latency)
        if options.source in ("stand-in", "both"):
            print(f"\n{options.calls} calls from the stand-in, median of {options.runs} runs")
            report(run(readers, job, options.runs, lambda: _requests_at(server)))
        if options.source in ("replay", "both"):
            with replaying(server) as (url, requests):
                again = replace(job, url=url)
                for reader, python in readers.items():  # fills the memory
                    measure(f"with_{reader}", again, python=python)
                requests()
                print(f"\n{options.calls} calls repeated from memory, {options.runs} runs")
                report(run(readers, again, options.runs, requests))
    print("", *peers.versions(), sep="\n")


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=20_000)
    parser.add_argument("--peers", default="httpx,dlt,airbyte")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--latency", type=float, default=0.0)
    parser.add_argument("--source", choices=("stand-in", "replay", "both"), default="both")
    return parser.parse_args()


def compare_rows(job: Job) -> None:
    """Say whether the plain loop builds the same rows as we do: the comparison rests on it."""
    said = measure("agree", job).said
    print(f"Of {said['rows']} rows, {said['different']} differ between ours and the httpx loop.")


def run(
    readers: dict[str, Path], job: Job, runs: int, requests: Callable[[], int]
) -> dict[str, tuple[Usage, int]]:
    """Let the readers take turns; return the medians and the requests of the last turn."""
    usages: dict[str, list[Usage]] = {reader: [] for reader in readers}
    sent = dict.fromkeys(readers, 0)
    for _ in range(runs):
        for reader, python in readers.items():
            usages[reader].append(measure(f"with_{reader}", job, python=python))
            sent[reader] = requests()
    return {reader: (median(usages[reader]), sent[reader]) for reader in readers}


def report(results: dict[str, tuple[Usage, int]]) -> None:
    """Print the figures of each reader and how ours compare."""
    ours = results[OURS][0]
    rows: list[Sequence[str]] = []
    for reader, (usage, requests) in results.items():
        records = usage.said["records"]
        rows.append(
            (
                reader,
                f"{usage.wall:.2f}",
                f"{usage.cpu:.2f}",
                f"{usage.cpu / records * 1_000_000:.1f}",
                f"{usage.peak_mb:.0f}",
                str(requests),
                str(records),
                f"{usage.wall / ours.wall:.2f}",
                f"{usage.cpu / ours.cpu:.2f}",
                TARGETS.get(reader, ""),
            )
        )
    heads = ("reader", "wall s", "CPU s", "CPU ms/1000", "peak MB", "requests", "records")
    table((*heads, "ours faster ×", "CPU ÷ ours", "aim"), rows)


@contextmanager
def replaying(server: Server) -> Iterator[tuple[str, Callable[[], int]]]:
    """Run the server that repeats answers; yields its address and what counts its requests."""
    port = free_port()
    program = str(Path(__file__).with_name("replay.py"))
    process = subprocess.Popen(
        [sys.executable, program, server.url, str(port)], stdout=subprocess.PIPE
    )
    url = f"http://127.0.0.1:{port}"
    try:
        if process.stdout:
            process.stdout.readline()
        yield url, lambda: int(read_json(Request(f"{url}/_replay"))["total"])  # noqa: S310
    finally:
        process.terminate()
        process.wait(10)


def _requests_at(server: Server) -> int:
    total = int(server.admin("GET", "/requests/summary")["total"])
    server.admin("DELETE", "/requests")
    return total


if __name__ == "__main__":
    main()
