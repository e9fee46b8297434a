"""What a machine gave to the processes that are measured, to tell its part of a figure (Linux)."""

from __future__ import annotations

import os
import time
from multiprocessing import Queue
from pathlib import Path
from typing import Any

from redis import Redis


def cpu_seconds(pid: int) -> float:
    """Return the processor time that a process and its children have had (Linux)."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    own = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    ticks = int(own[11]) + int(own[12])  # utime, stime: fields 14 and 15 of proc(5)
    return ticks / os.sysconf("SC_CLK_TCK") + sum(cpu_seconds(int(child)) for child in children)


def ready_seconds(pid: int) -> float:
    """Return how long threads of a process and its children were ready, with no processor free."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    own = sum(int(one.read_text().split()[1]) for one in threads)  # nanoseconds, proc(5)
    return own / 1e9 + sum(ready_seconds(int(child)) for child in children)


def watch_machine(redis_url: str, seconds: int, pauses: Queue[Any]) -> None:
    """Note how late this process wakes up, and how long Redis takes to answer it."""
    late, pinged = list[tuple[float, int]](), list[tuple[float, int]]()
    with Redis.from_url(redis_url) as redis:
        redis.ping()
        until = time.monotonic() + 0.5 + seconds
        while (now := time.monotonic()) < until:
            time.sleep(0.005)
            woken = time.monotonic()
            late.append((woken - now - 0.005, 0))
            if len(late) % 4 == 0:
                redis.ping()
                pinged.append((time.monotonic() - woken, 0))
    pauses.put({"(waking up)": late, "(PING of Redis)": pinged})
