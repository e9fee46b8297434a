"""What the reading benchmarks share: the stand-in, measured child processes, and tables.

Imports nothing but the standard library: what a child uses at its peak is told by the system as no
less than what its parent used when it started the child.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import IO, Any
from urllib.request import Request, urlopen

ROOT = Path(__file__).parents[1]
READERS = Path(__file__).parent / "readers"

_MEGABYTE = 1024 if sys.platform != "darwin" else 1024 * 1024


@dataclass(frozen=True)
class Server:
    """A running Aircall stand-in and what opens it."""

    url: str
    api_id: str
    api_token: str

    def admin(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the stand-in's admin endpoints."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        return read_json(Request(f"{self.url}/_admin{path}", data, headers, method=method))  # noqa: S310

    def limit(self, per_minute: int | None) -> None:
        """Set how many requests a minute it takes."""
        self.admin("PUT", "/limits", {"per_minute": per_minute})

    def slow(self, seconds: float) -> None:
        """Let each answer wait so long."""
        self.admin("POST", "/faults", {"kind": "slow", "seconds": seconds, "times": None})


@dataclass(frozen=True)
class Job:
    """What a reader in a child process is to read.

    after, until: UNIX seconds; calls that started at after < s <= until. parts: the same span in
    pieces that are small enough to be paged to their end, for readers that do not cut it
    themselves. per_minute: the limit that the reader is told, None for none.
    """

    url: str
    api_id: str
    api_token: str
    after: int
    until: int
    parts: list[tuple[int, int]] = field(default_factory=list)
    per_minute: int | None = None


@dataclass(frozen=True)
class Usage:
    """What one child process cost, and what it said in its last line."""

    wall: float
    cpu: float
    peak_mb: float
    said: dict[str, Any]


@contextmanager
def stand_in(calls: int, days: int = 60) -> Iterator[Server]:
    """Run the stand-in in a process of its own, without a limit and without new calls."""
    command = [sys.executable, "-m", "sandbox", "serve", "--sheets-port", "0"]
    command += ["--aircall-port", str(free_port()), "--calls", str(calls), "--days", str(days)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline() if process.stdout else ""
        told = json.loads(line)
        server = Server(told["aircall_url"], told["aircall_api_id"], told["aircall_api_token"])
        server.limit(None)
        yield server
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def job_for(server: Server, days: int, *, parts: int = 1, per_minute: int | None = None) -> Job:
    """Return the job of reading every call of the last `days`, cut into equal parts."""
    until = int(time.time())
    after = until - days * 86_400
    edges = [after + (until - after) * i // parts for i in range(parts + 1)]
    pieces = list(pairwise(edges))
    return Job(server.url, server.api_id, server.api_token, after, until, pieces, per_minute)


def measure(
    reader: str,
    job: Any,
    *,
    python: str | Path = sys.executable,
    seconds: float = 900,
    folder: Path = READERS,
) -> Usage:
    """Run one module of a folder in a child process.

    job: a dataclass that it takes as JSON. Raises RuntimeError with what it complained of.
    """
    command = [str(python), str(folder / f"{reader}.py"), json.dumps(asdict(job))]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as complaints:
        began = time.monotonic()
        child = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=complaints)
        deadline = threading.Timer(seconds, child.kill)
        deadline.start()
        _, status, spent = os.wait4(child.pid, 0)
        wall = time.monotonic() - began
        deadline.cancel()
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            raise RuntimeError(f"{reader}: {_last_line(complaints) or f'exit {child.returncode}'}")
        said = json.loads(_last_line(out))
    return Usage(wall, spent.ru_utime + spent.ru_stime, spent.ru_maxrss / _MEGABYTE, said)


def median(usages: Sequence[Usage]) -> Usage:
    """Return the median of each figure, with what the last one said."""
    return Usage(
        statistics.median(usage.wall for usage in usages),
        statistics.median(usage.cpu for usage in usages),
        statistics.median(usage.peak_mb for usage in usages),
        usages[-1].said,
    )


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table, the first column flush left."""
    columns = list(zip(heads, *rows, strict=True))
    widths = [max(len(cell) for cell in column) for column in columns]
    for row in (heads, *rows):
        first, *others = (cell for cell in row)
        cells = [first.ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        print("  ".join(cells))


def read_json(request: Request) -> Any:
    """Return the JSON that a request is answered with."""
    with urlopen(request, timeout=60) as answer:  # noqa: S310 - always the stand-in
        return json.load(answer)


def _last_line(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode(errors="replace").strip().rpartition("\n")[-1]
