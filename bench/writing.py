"""Writing: requests, bytes, CPU and memory of the writer, beside gspread and gspread-dataframe.

`python bench/writing.py [--imports 10000,100000] [--refresh 100000] [--memory 25000,250000]
[--peers gspread,gspread-dataframe]`. Each run is a process of its own against the Google stand-in,
which counts the requests and their bytes; all get the same rows. An empty list leaves a part out.
"""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.request import Request

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.harness import ROOT, Usage, free_port, measure, read_json, table
from bench.peers import pythons, versions

WRITERS = Path(__file__).parent / "writers"
OURS = "with_callsheet"
HEADS = ("run", "reads", "writes", "MB sent", "MB received", "wall s", "CPU s", "peak MB")
MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Task:
    """What one writer is to do. style: how gspread is used."""

    url: str
    key_file: str
    spreadsheet: str
    phase: str
    rows: int
    title: str = "Calls"
    mode: str = "update"
    newest_first: bool = False
    changed: int = 50
    new: int = 50
    style: str = "rows"


@dataclass(frozen=True)
class Counted:
    """What the stand-in counted during one run, and what the process cost."""

    reads: int
    writes: int
    sent: int
    received: int
    largest: int
    usage: Usage

    @property
    def requests(self) -> int:
        """Reads and writes."""
        return self.reads + self.writes

    def cells(self, name: str) -> tuple[str, ...]:
        """Return a row of the table."""
        usage = self.usage
        return (
            name,
            f"{self.reads:,}",
            f"{self.writes:,}",
            f"{self.sent / MEGABYTE:.2f}",
            f"{self.received / MEGABYTE:.2f}",
            f"{usage.wall:.1f}",
            f"{usage.cpu:.1f}",
            f"{usage.peak_mb:.0f}",
        )


class Google:
    """The stand-in in a process of its own, without quota."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        account = self._admin("POST", "/accounts", {"email": "bench@example.com"})
        self.email = account["client_email"]
        self.key_file = folder / "key.json"
        self.key_file.write_text(json.dumps(account), encoding="utf-8")
        self._admin("PUT", "/quota", {"enabled": False})

    def task(self, phase: str, rows: int, **more: Any) -> Task:
        """Return a task in a spreadsheet of its own."""
        given = {"title": "Bench", "editors": [self.email]}
        made = self._admin("POST", "/spreadsheets", given)
        file = made.get("id") or made["spreadsheetId"]
        return Task(self.url, str(self.key_file), file, phase, rows, **more)

    def run(self, writer: str, task: Task, python: str | Path = sys.executable) -> Counted:
        """Run a writer and count."""
        self._admin("DELETE", "/requests")
        usage = measure(writer, task, python=python, folder=WRITERS)
        report = self._admin("GET", "/requests?last=500")
        kinds = {k: c for k, c in report["counters"].items() if not k.startswith("files.")}
        asked = [c["requests"] for kind, c in kinds.items() if reads(kind)]
        sent, received = (sum(c[name] for c in kinds.values()) for name in ("bytesIn", "bytesOut"))
        writes = sum(c["requests"] for c in kinds.values()) - sum(asked)
        largest = max((call["bytes_in"] for call in report["recent"]), default=0)
        return Counted(sum(asked), writes, sent, received, largest, usage)

    def forget(self, task: Task) -> None:
        """Delete a file."""
        self._admin("DELETE", f"/spreadsheets/{task.spreadsheet}")

    def _admin(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        return read_json(Request(f"{self.url}/_admin{path}", data, headers, method=method))  # noqa: S310


@contextmanager
def google() -> Iterator[Google]:
    """Run the stand-in."""
    command = [sys.executable, "-m", "sandbox", "serve", "--aircall-port", "0"]
    command += ["--sheets-port", str(free_port())]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        told = json.loads(process.stdout.readline() if process.stdout else "")
        with tempfile.TemporaryDirectory() as folder:
            yield Google(told["sheets_url"], Path(folder))
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)


def reads(kind: str) -> bool:
    """Whether Google counts a kind of request as a read."""
    method = kind.rpartition(".")[2]
    return method.startswith(("get", "batchGet", "search"))


def numbers(text: str) -> list[int]:
    """Read a list with commas."""
    return [int(part) for part in text.split(",") if part]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--imports", type=numbers, default=[10_000, 100_000])
    parser.add_argument("--refresh", type=numbers, default=[100_000])
    parser.add_argument("--memory", type=numbers, default=[25_000, 250_000])
    parser.add_argument("--peers", default="gspread,gspread-dataframe")
    given = parser.parse_args()
    imports(given.imports)
    for rows in given.refresh:
        refreshes(rows, given.peers)
    memory(given.memory)


def imports(sizes: Sequence[int]) -> None:
    """First imports of ours, both orders."""
    rows = []
    for size in sizes:
        for newest_first in (False, True):
            with google() as server:
                task = server.task("import", size, newest_first=newest_first)
                found = server.run(OURS, task)
            order = ", newest first" if newest_first else ""
            rows.append((*found.cells(f"import of {size:,}{order}"), f"{found.largest:,}"))
    if rows:
        table((*HEADS, "largest request"), rows)


def refreshes(size: int, peers: str) -> None:
    """The same refresh by all writers, each into a tab with the same rows."""
    found: dict[str, Counted] = {}
    for name, writer, python, more in contestants(peers):
        with google() as server:
            task = server.task("import", size, **more)
            server.run(OURS if writer == OURS else "filled", task)
            found[name] = server.run(writer, replace(task, phase="refresh"), python)
    print(f"\nRefresh: 50 changed and 50 new in {size:,} rows")
    ours = found["Callsheet"]
    rows = [
        (
            *counted.cells(name),
            f"{counted.largest:,}",
            f"{counted.requests / ours.requests:.1f}",
            f"{counted.usage.wall / ours.usage.wall:.1f}",
        )
        for name, counted in found.items()
    ]
    table((*HEADS, "largest request", "its requests ÷ ours", "its time ÷ ours"), rows)
    print(*versions(), sep="\n")


def contestants(peers: str) -> Iterator[tuple[str, str, str | Path, dict[str, Any]]]:
    """Yield name, module, interpreter and settings."""
    yield "Callsheet", OURS, sys.executable, {}
    for peer, python in pythons(peers).items():
        if peer == "gspread":
            yield "gspread, changed rows one by one", "with_gspread", python, {"style": "rows"}
            yield "gspread, the table in 500s", "with_gspread", python, {"style": "table"}
        else:
            yield peer, f"with_{peer.replace('-', '_')}", python, {}


def memory(sizes: Sequence[int]) -> None:
    """Peaks of our process at several sizes."""
    rows = []
    for size in sizes:
        with google() as server:
            task = server.task("import", size)
            first = server.run(OURS, task)
            again = server.run(OURS, replace(task, phase="refresh"))
            whole = server.run(OURS, task)
        rows.append((f"{size:,}", *(f"{c.usage.peak_mb:.0f}" for c in (first, again, whole))))
    if rows:
        print("\nMemory, peak MB")
        table(("rows", "import", "refresh of 100 rows", "all rows read again"), rows)


if __name__ == "__main__":
    main()
