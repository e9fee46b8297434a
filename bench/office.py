"""What the benchmarks of runs share: both stand-ins, a Redis, our own processes, and data flows."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from pydantic import SecretStr
from redis import Redis

from bench.harness import ROOT, Server, free_port
from callsheet.connection import Connection
from callsheet.data_flow import DataFlow
from callsheet.enqueue import enqueue_run, new_run
from callsheet.redis_server import EmbeddedRedis
from callsheet.run import Run, Trigger
from callsheet.schedule import Cadence, Schedule
from callsheet.store.client import text_of
from callsheet.store.connections import ConnectionStore
from callsheet.store.flows import FlowStore
from callsheet.store.keys import ACTIVE_RUNS
from callsheet.store.runs import RunStore
from callsheet.store.vault import Vault


@dataclass
class Office:
    """A server of Callsheet with its outside world; flows are made as in the web process."""

    told: dict[str, str]
    redis: Redis
    environment: dict[str, str]
    stand_ins: int
    """Their process id."""
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.aircall = Server(
            self.told["aircall_url"], self.told["aircall_api_id"], self.told["aircall_api_token"]
        )
        self.runs, self.flows = RunStore(self.redis), FlowStore(self.redis)
        sealing = SecretStr(self.environment["CALLSHEET_SEALING_KEYS"])
        self.connections = ConnectionStore(self.redis, Vault([sealing]))

    def google(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the Google stand-in's admin endpoints."""
        return Server(self.told["sheets_url"], "", "").admin(method, path, body)

    def start(self, command: str) -> subprocess.Popen[bytes]:
        """Start one of our processes."""
        process = subprocess.Popen(
            [sys.executable, "-m", "callsheet", command], cwd=ROOT, env=self.environment
        )
        self.processes.append(process)
        return process

    def stop(self) -> None:
        """End our processes."""
        _end(self.processes)
        self.processes.clear()

    def company(self, name: str) -> Connection:
        """Return a connection to a company of its own, with 120 calls and a limit of its own."""
        api_id, token = f"{name}-id", f"{name}-token"
        body = {"api_id": api_id, "api_token": token, "company": name}
        self.aircall.admin("POST", "/keys", body)
        return self.connection(name, api_id, token)

    def connection(self, account: str, api_id: str, token: str) -> Connection:
        """Return a connection of a new spreadsheet."""
        info = json.loads(Path(self.told["service_account_file"]).read_text())
        body = {"title": account, "timeZone": "Etc/UTC", "editors": [info["client_email"]]}
        sheet = self.google("POST", "/spreadsheets", body)["id"]
        now = datetime.now(UTC)
        made = Connection(
            id=secrets.token_hex(8),
            spreadsheet_id=sheet,
            account=account,
            company_name=account,
            api_id=api_id,
            created_at=now,
            created_by="bench",
            service_account=info["client_email"],
        )
        self.connections.save(made, token)
        return made

    def flow(self, connection: Connection, days: float, entity: str = "calls") -> DataFlow:
        """Return a new data flow that reads so many days."""
        now = datetime.now(UTC)
        since = (now - timedelta(days=days)).isoformat(timespec="seconds")
        flow = DataFlow(
            id=secrets.token_hex(8),
            spreadsheet_id=connection.spreadsheet_id,
            connection_id=connection.id,
            entity=entity,
            name=entity,
            account=connection.account,
            since=since,
            schedule=Schedule(Cadence.OFF),
            created_at=now,
            created_by="bench",
        )
        self.flows.add(flow)
        return flow

    def click(self, flow: DataFlow, trigger: Trigger = Trigger.MANUAL) -> Run:
        """Start a run as the web process does."""
        run = new_run(flow, trigger, datetime.now(UTC))
        run, _ = self.runs.start(run)
        enqueue_run(self.redis, run, job_timeout=900)
        return run

    def ended(self, *runs: Run, seconds: float = 900) -> list[Run]:
        """Wait until these runs are over. Raises RuntimeError when they are not in time."""
        active = {one.id for one in runs}

        def are_over() -> bool:  # in one exchange: asking must not be what takes the time
            active.intersection_update(
                text_of(one) for one in self.redis.zrange(ACTIVE_RUNS, 0, -1)
            )
            return not active

        wait_for(are_over, seconds, pause=0.02 if len(runs) < 10 else 0.2)
        return [run for one in runs if (run := self.runs.find(one.id))]

    def requests(self) -> list[dict[str, Any]]:
        """Return the log of the Aircall stand-in."""
        return list(self.aircall.admin("GET", "/requests")["requests"])


@dataclass(frozen=True, slots=True)
class Costs:
    """Processor seconds since each process began, with those of its children.

    Read from /proc: Linux only.
    """

    workers: float
    redis: float
    stand_ins: float
    scheduler: float = 0.0

    @classmethod
    def now(cls, ours: Office, workers: list[int], scheduler: int | None = None) -> Costs:
        """Return what these process ids have cost until now."""
        server = int(ours.redis.info("server")["process_id"])
        return cls(
            sum(map(_cpu, workers)),
            _cpu(server),
            _cpu(ours.stand_ins),
            _cpu(scheduler) if scheduler else 0.0,
        )

    def __sub__(self, other: Costs) -> Costs:
        """Return what was spent since `other`."""
        return Costs(
            self.workers - other.workers,
            self.redis - other.redis,
            self.stand_ins - other.stand_ins,
            self.scheduler - other.scheduler,
        )


def rss_mb(pid: int) -> float:
    """Return the memory of a process, in MB."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096 / 1e6


def _cpu(pid: int) -> float:
    """Return the processor seconds of a process, its ended children and its living ones."""
    own = Path(f"/proc/{pid}")
    try:
        times = own.joinpath("stat").read_text().rpartition(")")[2].split()[11:15]
        children = own.joinpath(f"task/{pid}/children").read_text().split()
    except (FileNotFoundError, ProcessLookupError):  # it has ended: its parent counts it
        return 0.0
    return sum(map(int, times)) / os.sysconf("SC_CLK_TCK") + sum(_cpu(int(c)) for c in children)


@contextmanager
def office(*, calls: int, per_minute: int | None, **settings: str) -> Iterator[Office]:
    """Run everything but our own processes, and end all of it. Google's quotas are lifted."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cs-")))
        redis = stack.enter_context(EmbeddedRedis(folder))
        ports = ["--sheets-port", str(free_port()), "--aircall-port", str(free_port())]
        world = ["--calls", str(calls), "--days", "60", "--arrivals-per-minute", "0"]
        told, pid = _sandbox(stack, [*ports, *world])
        environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            "REDIS_URL": redis.url,
            "AIRCALL_API_URL": told["aircall_url"],
            "AIRCALL_REQUESTS_PER_MINUTE": str(per_minute or 120),
            "SHEETS_API_URL": told["sheets_url"],
            "GOOGLE_SERVICE_ACCOUNT_FILE": told["service_account_file"],
            "CALLSHEET_SEALING_KEYS": Fernet.generate_key().decode(),
            "CALLSHEET_LOG_LEVEL": "WARNING",
            "GOOGLE_REQUESTS_PER_MINUTE": "100000",
            "GOOGLE_PROJECT_REQUESTS_PER_MINUTE": "100000",
            **settings,
        }
        ours = Office(told, stack.enter_context(Redis.from_url(redis.url)), environment, pid)
        ours.aircall.limit(per_minute)
        ours.google("PUT", "/quota", {"enabled": False})
        stack.callback(_end, ours.processes)
        yield ours


def wait_for(condition: Callable[[], Any], seconds: float, pause: float = 0.02) -> Any:
    """Return the first truthy answer. Raises RuntimeError when there is none in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer := condition():
            return answer
        time.sleep(pause)
    raise RuntimeError(f"not within {seconds:.0f} s")


def _sandbox(stack: ExitStack, options: list[str]) -> tuple[dict[str, str], int]:
    command = [sys.executable, "-m", "sandbox", "serve", *options]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    stack.callback(_end, [process])
    told: dict[str, str] = json.loads(process.stdout.readline() if process.stdout else "")
    return told, process.pid


def _end(processes: list[Any]) -> None:
    for process in processes:
        process.terminate()
    for process in processes:
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
