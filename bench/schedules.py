"""What schedules cost: memory of Redis, a tick, and how close to their time slots are handed over.

    python -m bench.schedules [--flows 100000] [--due 5000] [--ticks 3] [--without-processes]

Stores so many scheduled flows in an embedded Redis and measures: its memory per flow; a tick with
nothing due; ticks with `--due` flows due at the same moment; then, with two real scheduler
processes, `--due` slots within one minute, twice: undisturbed, and with the leading one killed in
the middle. How late a slot is: when its run stood in its queue, by the clock of Redis. Ends with an
error if a slot was lost or ran twice.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from cryptography.fernet import Fernet
from redis import Redis

from callsheet import log as logs
from callsheet.cadence import planned
from callsheet.catalogue import ENTITIES
from callsheet.clock import SystemClock
from callsheet.data_flow import DataFlow
from callsheet.redis_server import EmbeddedRedis
from callsheet.store import keys
from callsheet.store.client import text_of
from callsheet.store.flows import FlowStore
from callsheet.store.leader import Leadership
from callsheet.store.runs import RunStore
from callsheet.store.schedules import ScheduleStore, Slot
from tests.builders import a_data_flow
from worker.ticker import Ticker

ROOT = Path(__file__).parents[1]
_PER_SHEET = len(ENTITIES)
_LEAD_SECONDS = 45
"""For the processes to start and the flows to be made due."""


def main() -> None:
    """Measure and print."""
    options = _options()
    with (
        tempfile.TemporaryDirectory() as folder,
        EmbeddedRedis(Path(folder)) as server,
        Redis.from_url(server.url) as redis,
    ):
        _store(redis, options.flows)
        with Path(os.devnull).open("w") as nowhere, redirect_stderr(nowhere):
            logs.configure("INFO")  # a line a run, as in earnest
            _ticks(redis, options.due, options.ticks)
        for part, kill in () if options.without_processes else ((0, False), (1, True)):
            first = (options.ticks + part) * options.due
            _processes(redis, server.url, range(first, first + options.due), kill=kill)


def _flows(count: int, now: datetime) -> Iterator[DataFlow]:
    """Yield flows as they are stored: one of each entity a spreadsheet, all due next year."""
    entities = list(ENTITIES.values())
    for n in range(count):
        entity, sheet = entities[n % _PER_SHEET], n // _PER_SHEET
        flow = a_data_flow(
            id=f"{n:024x}",
            spreadsheet_id=f"1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs{sheet:011d}",
            connection_id=f"{sheet:024x}",
            account=f"company:{sheet}",
            entity=entity.name,
            schedule=entity.default_schedule,
            zone="Europe/Paris",
            offset=n % 3600,
            created_at=now,
        )
        yield replace(planned(flow, now), next_run_at=now + timedelta(days=365))


def _store(redis: Redis, count: int) -> None:
    flows, now = FlowStore(redis), datetime.now(UTC)
    before, started = _memory(redis), time.perf_counter()
    for flow in _flows(count, now):
        flows.add(flow)
    seconds, used = time.perf_counter() - started, _memory(redis) - before
    print(f"{count:,} scheduled flows stored in {seconds:.0f} s")
    print(f"memory of Redis: {used / count:.0f} bytes a flow, {used / 1e6:.0f} MB in all")


def _ticks(redis: Redis, due: int, ticks: int) -> None:
    ticker = Ticker(redis, SystemClock(), job_timeout=600)
    mark = Leadership(redis, "bench").take_or_keep() or ""
    idle = statistics.median(_timed(partial(ticker.tick, mark)) for _ in range(50))
    print(f"a tick with nothing due: {idle * 1000:.2f} ms")
    for n in range(ticks):
        now = datetime.now(UTC) - timedelta(seconds=1)
        _make_due(redis, range(n * due, (n + 1) * due), lambda _, now=now: now)
        mark = Leadership(redis, "bench").take_or_keep() or ""
        ours, servers = time.process_time(), _cpu(redis)
        seconds = _timed(partial(ticker.tick, mark))
        ours, servers = time.process_time() - ours, _cpu(redis) - servers
        left = ScheduleStore(redis).count(datetime.now(UTC))
        print(f"a tick with {due:,} due: {seconds:.2f} s; {left} left", end="; ")
        print(f"CPU: scheduler {ours:.2f} s, Redis {servers:.2f} s")
    Leadership(redis, "bench").give_up()


def _processes(redis: Redis, url: str, numbers: range, *, kill: bool) -> None:
    redis.delete(keys.SCHEDULER_LEASE)
    environment = os.environ | {
        "REDIS_URL": url,
        "CALLSHEET_SEALING_KEYS": Fernet.generate_key().decode(),
        "LOG_LEVEL": "WARNING",
    }
    command = [sys.executable, "-m", "callsheet", "scheduler"]
    started = [subprocess.Popen(command, env=environment, cwd=ROOT) for _ in range(2)]
    running = {process.pid: process for process in started}
    try:
        start = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=_LEAD_SECONDS)
        slots = _make_due(redis, numbers, lambda n: start + timedelta(seconds=n % 60))
        if datetime.now(UTC) > start:
            raise SystemExit("the machine is too slow: slots came before all were stored")
        _sleep_until(start + timedelta(seconds=30))
        if kill:
            leader = running.pop(_leader(redis))
            leader.kill()
            leader.wait()
        _sleep_until(start + timedelta(seconds=70))
    finally:
        for process in running.values():
            process.terminate()
            process.wait(20)
    _report(redis, slots, "the leading one killed" if kill else "undisturbed")


def _leader(redis: Redis) -> int:
    """Return the process id in the mark of the leader, `<number>|<process id>@…`."""
    return int(text_of(redis.get(keys.SCHEDULER_LEASE)).partition("|")[2].partition("@")[0])


def _report(redis: Redis, slots: list[Slot], how: str) -> None:
    runs = RunStore(redis)
    late = []
    for slot in slots:
        found = runs.of_flow(slot.flow_id)
        if [run.id for run in found] != [slot.name]:
            raise SystemExit(f"slot {slot.name} has {len(found)} runs")
        queued_at = redis.zscore(keys.queue_since(found[0].queue), found[0].id) or 0
        late.append(queued_at / 1000 - slot.at.timestamp())
    late.sort()
    parts = ", ".join(f"p{p} {late[len(late) * p // 100]:.2f} s" for p in (50, 95, 99))
    print(f"{len(slots):,} slots in a minute, two schedulers, {how}: {parts}", end="")
    print(f", last {late[-1]:.2f} s; each ran once")


def _make_due(redis: Redis, numbers: range, when: Callable[[int], datetime]) -> list[Slot]:
    flows, slots = FlowStore(redis), []
    for n in numbers:
        at = when(n)
        sheet = f"1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs{n // _PER_SHEET:011d}"
        flows.change(sheet, f"{n:024x}", lambda flow, at=at: replace(flow, next_run_at=at))
        slots.append(Slot(f"{n:024x}", at))
    return slots


def _timed(what: Callable[[], object]) -> float:
    started = time.perf_counter()
    what()
    return time.perf_counter() - started


def _sleep_until(moment: datetime) -> None:
    time.sleep(max(0.0, (moment - datetime.now(UTC)).total_seconds()))


def _cpu(redis: Redis) -> float:
    used = redis.info("cpu")
    return float(used["used_cpu_user"]) + float(used["used_cpu_sys"])


def _memory(redis: Redis) -> int:
    return int(redis.info("memory")["used_memory"])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--flows", type=int, default=100_000)
    parser.add_argument("--due", type=int, default=5_000)
    parser.add_argument("--ticks", type=int, default=3)
    parser.add_argument("--without-processes", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
