"""How quickly the API answers at a steady rate: percentiles of each kind of request.

`python bench/api.py [--per-second 50] [--seconds 20] [--flows 20]`. Starts an embedded Redis, the
web process as `callsheet web` starts it, and the stand-ins; makes a spreadsheet with that many data
flows of nine entities, each with a run that waits. Requests are sent at their moments, whether
earlier ones were answered or not (an open loop), so a slow answer cannot hide behind a slower rate;
the time is from that moment to the last byte.

Two rows tell what the machine adds: how late a process that only sleeps wakes up (every 5 ms), and
a PING of Redis from it (every 20 ms).
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from multiprocessing import Process, Queue
from pathlib import Path
from typing import Any

import httpx
from cryptography.fernet import Fernet
from pydantic import SecretStr
from redis import Redis

sys.path.insert(0, str(Path(__file__).parents[1]))

from backend.session import SessionSigner
from bench.harness import ROOT, free_port, table
from bench.machine import cpu_seconds, ready_seconds, watch_machine
from callsheet.catalogue import ENTITIES
from callsheet.clock import SystemClock
from callsheet.connection import Connection
from callsheet.data_flow import DataFlow
from callsheet.redis_server import EmbeddedRedis
from callsheet.run import Run, RunState, Trigger
from callsheet.schedule import Cadence, Schedule
from callsheet.settings import Settings
from callsheet.store.connections import ConnectionStore
from callsheet.store.endings import EndingStore, Sequel
from callsheet.store.flow_keys import FlowKeyStore
from callsheet.store.flows import FlowStore
from callsheet.store.proofs import ProofStore
from callsheet.store.runs import RunStore
from callsheet.store.vault import Vault

HISTORY = 5
"""Runs of each flow that are over."""

HOME = "bench-spreadsheet"
USER = "bench-user"
SENDERS = 32


class Office:
    """The web process, and what stands in its Redis."""

    def __init__(self, url: str, session: str, flow_ids: list[str]) -> None:
        self.url, self.session, self.flow_ids = url, session, flow_ids
        self.pid = 0
        self.redis_url = ""

    def requests(self) -> list[tuple[str, str, str, str]]:
        """Return the mixture: name, method, path, token. Watching a run is most of it."""
        first = f"/api/v1/flows/{self.flow_ids[0]}"
        mixture = [("overview", "GET", "/api/v1/overview", self.session)]
        mixture += [("list of flows", "GET", "/api/v1/flows", self.session)]
        mixture += [("a run", "GET", "/api/v1/runs/RUN", self.session)] * 5
        mixture += [("refresh now", "POST", f"{first}/runs", self.session)] * 2
        mixture += [("flow key, wrong", "POST", f"{first}/runs", "csk_wrong")]
        return mixture


def settings_of(redis_url: str, port: int, account_file: str) -> dict[str, str]:
    """Return the environment of the web process."""
    return {
        "REDIS_URL": redis_url,
        "PORT": str(port),
        "CALLSHEET_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "CALLSHEET_SESSION_KEY": "only-for-benchmarks-" * 3,
        "CALLSHEET_SEALING_KEYS": Fernet.generate_key().decode(),
        "CALLSHEET_IDENTITY_AUDIENCE": "bench",
        "CALLSHEET_LOG_LEVEL": "WARNING",
        "GOOGLE_SERVICE_ACCOUNT_FILE": account_file,
    }


@contextmanager
def running(command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """Run one of our commands and end it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "callsheet", *command],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def office(flows: int) -> Iterator[Office]:
    """Run everything, with a spreadsheet in use."""
    with tempfile.TemporaryDirectory(prefix="cs-") as folder:
        ports = [f"--{one}-port={free_port()}" for one in ("aircall", "sheets")]
        with (
            EmbeddedRedis(Path(folder)) as server,
            running(["sandbox", *ports, "--calls", "10"], {}) as sandbox,
        ):
            told = json.loads(sandbox.stdout.readline() if sandbox.stdout else "")
            port = free_port()
            environment = settings_of(server.url, port, told["service_account_file"])
            with running(["web"], environment) as web, Redis.from_url(server.url) as redis:
                place = furnish(redis, environment, port, flows)
                place.pid, place.redis_url = web.pid, server.url
                wait_for(f"{place.url}/healthz")
                yield place


def furnish(redis: Redis, environment: dict[str, str], port: int, flows: int) -> Office:
    """Make the spreadsheet's connection, flows, key, session and proof."""
    now = datetime.now(UTC)
    account = json.loads(Path(environment["GOOGLE_SERVICE_ACCOUNT_FILE"]).read_text())[
        "client_email"
    ]
    vault = Vault([SecretStr(environment["CALLSHEET_SEALING_KEYS"])])
    connection = Connection(
        id="bench-connection",
        spreadsheet_id=HOME,
        account="company:bench",
        company_name="Bench",
        api_id="id",
        created_at=now,
        created_by=USER,
        service_account=account,
    )
    ConnectionStore(redis, vault).save(connection, "bench-token")
    names = list(ENTITIES)
    ids = [f"bench-flow-{number}" for number in range(flows)]
    for number, flow_id in enumerate(ids):
        FlowStore(redis).add(
            DataFlow(
                id=flow_id,
                spreadsheet_id=HOME,
                connection_id=connection.id,
                entity=names[number % len(names)],
                name=flow_id,
                since="2026-11-01",
                schedule=Schedule(Cadence.HOURLY),
                created_at=now,
                created_by=USER,
            )
        )
        have_history(redis, flow_id, names[number % len(names)], now)
    proofs = ProofStore(redis)
    proofs.complete(proofs.begin(USER, HOME), USER, HOME)
    FlowKeyStore(redis).create(HOME, ids[0], now)
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]
        session_key=SecretStr(environment["CALLSHEET_SESSION_KEY"]),
    )
    signer = SessionSigner(settings, SystemClock())
    session, _ = signer.issue(USER, "bench@example.com", HOME, "Bench", "Europe/Paris")
    return Office(f"http://127.0.0.1:{port}", session, ids)


def have_history(redis: Redis, flow_id: str, entity: str, now: datetime) -> None:
    """Give a flow its last runs."""
    runs = RunStore(redis)
    for number in range(HISTORY):
        began = now - timedelta(hours=HISTORY - number)
        run = Run(
            id=f"{flow_id}-{number}",
            flow_id=flow_id,
            spreadsheet_id=HOME,
            entity=entity,
            trigger=Trigger.SCHEDULE,
            state=RunState.RUNNING,
            created_at=began,
        )
        runs.start(run)
        runs.pick("bench")
        over = run.moved(RunState.SUCCEEDED, started_at=began, ended_at=began)
        EndingStore(redis).end(over, "bench", lambda scene: Sequel(scene.flow, scene.notice))


def wait_for(url: str) -> None:
    """Return when this address answers."""
    for _ in range(300):
        try:
            if httpx.get(url).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise RuntimeError("the web process did not start")


def load(place: Office, per_second: int, seconds: int) -> dict[str, list[tuple[float, int]]]:
    """Send requests at that rate; return latency (seconds) and status by kind."""
    run_id = start_runs(place)
    due: queue.Queue[tuple[float, tuple[str, str, str, str]] | None] = queue.Queue()
    results: dict[str, list[tuple[float, int]]] = defaultdict(list)
    senders = [
        threading.Thread(target=send, args=(place, due, results, run_id)) for _ in range(SENDERS)
    ]
    for sender in senders:
        sender.start()
    machine = Process(target=watch_machine, args=(place.redis_url, seconds, pauses := Queue()))
    machine.start()
    mixture, began = place.requests(), time.monotonic() + 0.5
    for number in range(per_second * seconds):
        moment = began + number / per_second
        time.sleep(max(0.0, moment - time.monotonic()))
        due.put((moment, mixture[number % len(mixture)]))
    for _ in senders:
        due.put(None)
    for sender in senders:
        sender.join()
    results.update(pauses.get())
    machine.join()
    return results


def start_runs(place: Office) -> str:
    """Have each flow's run waiting; return the id of one."""
    with httpx.Client(base_url=place.url, headers=bearer(place.session)) as client:
        answers = [client.post(f"/api/v1/flows/{flow_id}/runs") for flow_id in place.flow_ids]
        for _ in range(20):  # both processes are warm
            client.get("/api/v1/overview").raise_for_status()
    return str(answers[0].json()["id"])


def bearer(token: str) -> dict[str, str]:
    """Return the header that carries a token."""
    return {"Authorization": f"Bearer {token}"}


def send(
    place: Office,
    due: queue.Queue[Any],
    results: dict[str, list[tuple[float, int]]],
    run_id: str,
) -> None:
    """Send what is due, over one connection."""
    with httpx.Client(base_url=place.url, timeout=30) as client:
        while (one := due.get()) is not None:
            moment, (name, method, path, token) = one
            answer = client.request(method, path.replace("RUN", run_id), headers=bearer(token))
            results[name].append((time.monotonic() - moment, answer.status_code))


def report(results: dict[str, list[tuple[float, int]]]) -> None:
    """Print a line for each kind, and one for all."""
    asked = [one for name, some in results.items() if name[0] != "(" for one in some]
    every = {**results, "all": asked}
    rows = []
    for name, some in every.items():
        times = sorted(taken for taken, _ in some)
        cuts = statistics.quantiles(times, n=100, method="inclusive")
        statuses = ", ".join(str(status) for status in sorted({status for _, status in some} - {0}))
        marks = [f"{cuts[at] * 1000:.1f}" for at in (49, 94, 98)]
        rows.append([name, str(len(some)), *marks, f"{times[-1] * 1000:.0f}", statuses])
    table(["request", "sent", "p50 ms", "p95 ms", "p99 ms", "longest ms", "status"], rows)


def main() -> None:
    """Start, load, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--per-second", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--flows", type=int, default=20)
    options = parser.parse_args()
    with office(options.flows) as place:
        before = cpu_seconds(place.pid), ready_seconds(place.pid)
        results = load(place, options.per_second, options.seconds)
        after = cpu_seconds(place.pid), ready_seconds(place.pid)
    busy = os.getloadavg()[0]
    requests = options.per_second * options.seconds
    spent, lost = ((b - a) * 1000 / requests for a, b in zip(before, after, strict=True))
    print(f"{options.per_second} requests a second, {options.flows} flows; load {busy:.1f}")
    print(f"the web process had a processor for {spent:.1f} ms a request, and waited {lost:.1f} ms")
    report(results)


if __name__ == "__main__":
    main()
