"""Chaos: every process of ours and Redis killed at random, both stand-ins faulty, people clicking.

`python -m tests.integration.chaos [--seconds 240] [--seed 1]` is the long version (`make chaos`);
test_chaos.py runs a short one. What is done, and in which order, follows from the seed alone; when
exactly it happens depends on the machine.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr
from redis.exceptions import RedisError

from backend.session import SessionSigner
from callsheet.clock import SystemClock
from callsheet.data_flow import DataFlow
from callsheet.redis_server import EmbeddedRedis
from callsheet.run import Run, RunState
from callsheet.schedule import Cadence, Schedule
from callsheet.settings import Settings
from callsheet.store.client import connect
from callsheet.store.connections import ConnectionStore
from callsheet.store.deliveries import DeliveryStore
from callsheet.store.flows import FlowStore
from callsheet.store.proofs import ProofStore
from callsheet.store.runs import RunStore
from callsheet.store.schedules import Slot
from callsheet.store.vault import Vault
from callsheet.store.webhooks import WebhookStore
from callsheet.webhook import EVENT, Webhook
from tests.builders import a_connection, a_data_flow
from tests.integration.google import Viewer
from tests.integration.processes import ROOT, settings_for, stand_ins, until
from tests.integration.receivers import receiver

PER_MINUTE = 120
PROCESSES = ("worker", "worker", "worker", "scheduler", "scheduler", "web")
AIRCALL_FAULTS = ("error", "html_502", "json_503", "drop", "truncate")
GOOGLE_FAULTS = ("500", "503", "lost", "truncate", "drop")
PERSON = "chaos"


@dataclass
class Target:
    """One data flow with its spreadsheet, and the slots that it was given."""

    flow: DataFlow
    viewer: Viewer
    is_scheduled: bool
    slots: list[Slot] = field(default_factory=list)


class Chaos:
    """The whole product with its outside world; everything in it may be killed."""

    def __init__(self, stack: ExitStack, seed: int) -> None:
        self.random = random.Random(seed)
        self.done: Counter[str] = Counter()
        options = ("--calls", "1500", "--days", "60", "--arrivals-per-minute", "0")
        ports = ("--aircall-port", str(_free_port()), "--sheets-port", str(_free_port()))
        self.told = stack.enter_context(stand_ins(*ports, *options))
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="cs-"))
        self.server = EmbeddedRedis(Path(folder))
        self.server.start()
        stack.callback(self.server.stop)
        self.port = _free_port()
        self.environment = settings_for(
            self.told,
            REDIS_URL=self.server.url,
            PORT=str(self.port),
            AIRCALL_REQUESTS_PER_MINUTE=str(PER_MINUTE),
            CALLSHEET_SLICE_SECONDS="3",
            CALLSHEET_PUBLIC_URL=f"http://127.0.0.1:{self.port}",
        )
        self.settings = Settings(_env_file=None, **_fields(self.environment))
        self.redis = connect(self.settings, patient=True)
        self.running: list[subprocess.Popen[bytes] | None] = [None] * len(PROCESSES)
        stack.callback(self._end)
        self.hook = stack.enter_context(receiver())
        self.admin("aircall", "PUT", "/limits", {"per_minute": PER_MINUTE})
        self.targets = self._targets(stack)

    def admin(self, service: str, method: str, path: str, body: Any = None) -> Any:
        """Steer a stand-in."""
        base = self.told["aircall_url" if service == "aircall" else "sheets_url"]
        answer = httpx.request(method, f"{base}/_admin{path}", json=body, timeout=30)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def keep(self) -> None:
        """Start what is not running, as a process manager would."""
        for place, name in enumerate(PROCESSES):
            process = self.running[place]
            if process is None or process.poll() is not None:
                command = [sys.executable, "-m", "callsheet", name]
                self.running[place] = subprocess.Popen(command, env=self.environment, cwd=ROOT)

    def is_up(self) -> bool:
        """Whether the web process answers and knows of a worker and of a scheduler."""
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/readyz", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False

    def go_mad(self, seconds: float) -> None:
        """Do one thing after the other for so long."""
        things: list[tuple[int, Callable[[], None]]] = [
            (5, lambda: self._kill("worker")),
            (2, lambda: self._kill("scheduler")),
            (1, lambda: self._kill("web")),
            (1, self._restart_redis),
            (3, lambda: self._fault("aircall", AIRCALL_FAULTS)),
            (3, lambda: self._fault("google", GOOGLE_FAULTS)),
            (4, self._click),
            (2, self._hurry),
            (1, self._cancel),
            (4, self._slot),
            (2, self._new_call),
        ]
        weights = [weight for weight, _ in things]
        until_then = time.monotonic() + seconds
        while time.monotonic() < until_then:
            (thing,) = self.random.choices([thing for _, thing in things], weights)
            with suppress(RedisError, httpx.HTTPError):
                thing()
            time.sleep(self.random.uniform(0.2, 1.0))
            self.keep()

    def calm_down(self, seconds: float = 300) -> None:
        """End all faults, let everything that was begun end, and refresh each flow once more."""
        for service in ("aircall", "google"):
            self.admin(service, "DELETE", "/faults")
        self.keep()
        until(lambda: not self.runs.active(), seconds, "all runs are over")
        for target in self.targets:
            until(lambda t=target: self._refresh(t), 60, "the last click is taken")
        until(lambda: not self.runs.active(), seconds, "the last refreshes are over")
        until(lambda: DeliveryStore(self.redis).count() == 0, seconds, "all messages are sent")

    def assert_whole(self) -> None:
        """Every tab is what Aircall has; every slot ran once; no minute was overdrawn."""
        for target in self.targets:
            self._assert_tab(target)
            self._assert_told(target)
            if target.is_scheduled:
                self._assert_slots(target)
        log = self.admin("aircall", "GET", "/requests")["requests"]
        refused = [r for r in log if r["status"] == 429 and r["fault"] is None]
        assert refused == [], "more requests in a minute than the account may send"
        assert _fullest([r["at"] for r in log]) <= PER_MINUTE

    @property
    def runs(self) -> RunStore:
        """The runs."""
        return RunStore(self.redis)

    @property
    def flows(self) -> FlowStore:
        """The data flows."""
        return FlowStore(self.redis)

    def _targets(self, stack: ExitStack) -> list[Target]:
        since = datetime.now(UTC).replace(microsecond=0) - timedelta(days=30)
        info = json.loads(Path(self.told["service_account_file"]).read_text())
        sealing = SecretStr(self.environment["CALLSHEET_SEALING_KEYS"])
        connections = ConnectionStore(self.redis, Vault([sealing]))
        targets = []
        kinds = [("calls", False), ("calls", True), ("users", False), ("tags", True)]
        for number, (entity, is_scheduled) in enumerate(kinds):
            body = {"title": entity, "timeZone": "Etc/UTC", "editors": [info["client_email"]]}
            sheet = self.admin("google", "POST", "/spreadsheets", body)["id"]
            connection = a_connection(
                id=f"connection-{number}",
                spreadsheet_id=sheet,
                api_id=self.told["aircall_api_id"],
                service_account=info["client_email"],
            )
            connections.save(connection, self.told["aircall_api_token"])
            schedule = Schedule(Cadence.HOURLY if is_scheduled else Cadence.OFF)
            flow = a_data_flow(
                id=f"flow-{number}",
                spreadsheet_id=sheet,
                connection_id=connection.id,
                entity=entity,
                name=entity,
                since=(since + timedelta(days=number)).isoformat(),
                schedule=schedule,
                account=connection.account,
                offset=0,
            )
            self.flows.add(flow)
            ProofStore(self.redis).complete(
                ProofStore(self.redis).begin(PERSON, sheet), PERSON, sheet
            )
            viewer = Viewer(self.told, sheet)
            stack.callback(viewer.close)
            hook = Webhook(flow.id, sheet, f"{self.hook.url}/{flow.id}", "csw_x", since)
            WebhookStore(self.redis, Vault([sealing])).save(hook)
            targets.append(Target(flow, viewer, is_scheduled))
        return targets

    def _kill(self, name: str) -> None:
        places = [place for place, one in enumerate(PROCESSES) if one == name]
        process = self.running[self.random.choice(places)]
        how = self.random.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGTERM])
        if process is not None and process.poll() is None:
            process.send_signal(how)
            self.done[f"{name} {how.name}"] += 1

    def _restart_redis(self) -> None:
        if self.done["redis SIGKILL"] * 12 > sum(self.done.values()):
            return
        if self.server.process is not None:
            self.server.process.kill()
        self.server.stop()
        time.sleep(self.random.uniform(0.0, 1.0))
        self.server.start()
        self.done["redis SIGKILL"] += 1

    def _fault(self, service: str, kinds: tuple[str, ...]) -> None:
        kind = self.random.choice(kinds)
        self.admin(service, "POST", "/faults", {"kind": kind, "times": self.random.choice([1, 2])})
        self.done[f"{service} {kind}"] += 1

    def _click(self) -> None:
        target = self.random.choice([t for t in self.targets if not t.is_scheduled])
        self.done["click" if self._refresh(target) else "click refused"] += 1

    def _hurry(self) -> None:
        """Press the button of a scheduled flow whose slot is under way."""
        target = self.random.choice([t for t in self.targets if t.is_scheduled])
        if self.runs.active_of(target.flow.id) is not None:
            self.done["hurry" if self._refresh(target) else "hurry refused"] += 1

    def _cancel(self) -> None:
        active = self.runs.active()
        if active:
            run = self.random.choice(active)
            is_taken = self._press(run.spreadsheet_id, f"runs/{run.id}/cancel")
            self.done["cancel" if is_taken else "cancel refused"] += 1

    def _refresh(self, target: Target) -> bool:
        return self._press(target.flow.spreadsheet_id, f"flows/{target.flow.id}/runs")

    def _press(self, sheet: str, path: str) -> bool:
        """Press a button, through the web process; say whether it was taken."""
        signer = SessionSigner(self.settings, SystemClock())
        session, _ = signer.issue(PERSON, "chaos@example.com", sheet, "Report", "Etc/UTC")
        address = f"http://127.0.0.1:{self.port}/api/v1/{path}"
        try:
            answer = httpx.post(address, headers={"Authorization": f"Bearer {session}"}, timeout=10)
        except httpx.HTTPError:
            return False
        return answer.status_code in (200, 202)

    def _slot(self) -> None:
        """Let a slot come due, of a flow that has no run and no slot under way."""
        target = self.random.choice([t for t in self.targets if t.is_scheduled])
        if target.slots and not self._is_over(target.slots[-1]):
            return
        if any(not run.state.is_over for run in self.runs.of_flow(target.flow.id, 100)):
            return
        at = datetime.now(UTC).replace(microsecond=0)
        if target.slots and at <= target.slots[-1].at:
            return
        slot = Slot(target.flow.id, at)
        target.slots.append(slot)  # first: the answer may be lost although it is done
        self.flows.change(
            target.flow.spreadsheet_id,
            target.flow.id,
            lambda flow: replace(flow, next_run_at=at, retry_at=None),
        )
        self.done["slot"] += 1

    def _is_over(self, slot: Slot) -> bool:
        run = self.runs.find(slot.name)
        return run is not None and run.state.is_over

    def _new_call(self) -> None:
        self.admin("aircall", "POST", "/calls", {"count": self.random.randint(1, 5)})
        self.done["calls"] += 1

    def _assert_tab(self, target: Target) -> None:
        (tab,) = [t for t in target.viewer.tabs() if t != "Sheet1"]
        _, *rows = target.viewer.rows(tab)
        got = Counter(str(row[0]) for row in rows)
        assert got == Counter(self._truth(target.flow)), f"{target.flow.entity}: {tab}"

    def _truth(self, flow: DataFlow) -> list[str]:
        span = ""
        if flow.entity == "calls" and flow.since is not None:
            after = int(datetime.fromisoformat(flow.since).timestamp()) - 1
            span = f"?from={after}&to=4000000000"
        url = f"{self.told['aircall_url']}/_admin/truth/{flow.entity}{span}"
        answer = httpx.get(url, timeout=60)
        answer.raise_for_status()
        return [str(json.loads(line)["id"]) for line in answer.text.split("\n") if line]

    def _assert_told(self, target: Target) -> None:
        """The end of each run was posted, as one delivery, and counted once."""
        told: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
        for post in self.hook.posts:
            run = json.loads(post.body)
            if run["flow_id"] == target.flow.id:
                told[run["id"]].add((post.headers[EVENT], run["state"]))
        for run in self.runs.of_flow(target.flow.id, 100):
            assert [state for _, state in told[run.id]] == [run.state.value], run.id
        totals = self.runs.totals(target.flow.id)
        assert totals.runs == len(told)
        assert totals.cancelled == sum("cancelled" in str(one) for one in told.values())

    def _assert_slots(self, target: Target) -> None:
        """Each slot has the one run of its name. What is not there was never set either."""
        runs = {run.id: run for run in self.runs.of_flow(target.flow.id, 100)}
        missing = [slot.name for slot in target.slots if slot.name not in runs]
        assert missing == [], "a slot was lost"
        ended = [run for run in runs.values() if run.state.is_over]
        assert all(r.started_at is not None or r.state is RunState.CANCELLED for r in ended)
        assert not _overlaps(ended), "two runs of one flow at the same time"

    def _end(self) -> None:
        for process in self.running:
            if process is not None and process.poll() is None:
                process.kill()
                process.wait()


def wreak(seconds: float, seed: int) -> Counter[str]:
    """Go mad for so long, calm down, and look; return what was done. Raises AssertionError."""
    with ExitStack() as stack:
        chaos = Chaos(stack, seed)
        chaos.keep()
        until(chaos.is_up, 180, "web and a worker are up")
        chaos.go_mad(seconds)
        chaos.calm_down()
        chaos.assert_whole()
        lost = [
            r.id
            for t in chaos.targets
            for r in chaos.runs.of_flow(t.flow.id, 100)
            if r.state is RunState.LOST
        ]
        assert lost == []
        return chaos.done


def _overlaps(runs: list[Run]) -> bool:
    begun = [(r.started_at, r.ended_at) for r in runs]
    spans = sorted((start, end) for start, end in begun if start is not None and end is not None)
    return any(end > start for (_, end), (start, _) in itertools.pairwise(spans))


def _fullest(moments: list[float]) -> int:
    moments, first, most = sorted(moments), 0, 0
    for last, moment in enumerate(moments):
        while moment - moments[first] >= 60:
            first += 1
        most = max(most, last - first + 1)
    return most


def _fields(environment: dict[str, str]) -> dict[str, Any]:
    names = {Settings.variable(name): name for name in Settings.model_fields}
    return {names[key]: value for key, value in environment.items() if key in names}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> None:
    """The long version."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=240)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    for what, times in sorted(wreak(options.seconds, options.seed).items()):
        print(f"{times:5} {what}")
    print("Nothing was lost or doubled.")


if __name__ == "__main__":
    main()
