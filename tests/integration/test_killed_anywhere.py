"""A slice is killed, or loses an answer of Redis, at one command after the other: nothing doubles.

What is counted, told, posted and planned after a run happens once, wherever the kill falls.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr
from redis import Redis

from callsheet.delivery import Channel, Delivery
from callsheet.redis_server import EmbeddedRedis
from callsheet.run import QueueName, Run, RunState, Trigger
from callsheet.store import codec, keys
from callsheet.store.connections import ConnectionStore
from callsheet.store.counters import RUNS, Counters
from callsheet.store.deliveries import DeliveryStore
from callsheet.store.flows import FlowStore
from callsheet.store.notices import NoticeStore
from callsheet.store.runs import RunStore
from callsheet.store.subscriptions import SubscriptionStore
from callsheet.store.vault import Vault
from callsheet.store.webhooks import WebhookStore
from callsheet.webhook import Webhook
from tests.builders import a_connection, a_data_flow, a_run
from tests.integration.conftest import Outside
from tests.integration.google import Viewer
from tests.integration.processes import ROOT, settings_for
from tests.integration.redis_proxy import Harm, RedisProxy

pytestmark = pytest.mark.integration

STEP = 23
"""Every so manieth command of a slice is tried, and of its last ones a good part."""


@dataclass
class Bench:
    """A process that does slices behind a proxy, and one spreadsheet with a flow of Tags."""

    redis: Redis
    proxy: RedisProxy
    outside: Outside
    vault: Vault
    slicer: subprocess.Popen[str]

    def prepare(self, *, token: str | None = None) -> str:
        """Empty Redis, and start a run of a new flow; return its spreadsheet."""
        self.redis.flushall()
        body = {"title": "Report", "timeZone": "Etc/UTC", "editors": [self.outside.service_account]}
        home = str(self.outside.google("POST", "/spreadsheets", body).json()["id"])
        connection = a_connection(
            spreadsheet_id=home, api_id=self.outside.addresses["aircall_api_id"]
        )
        right = self.outside.addresses["aircall_api_token"]
        ConnectionStore(self.redis, self.vault).save(connection, token or right)
        now = datetime.now(UTC)
        FlowStore(self.redis).add(
            a_data_flow(spreadsheet_id=home, entity="tags", since=None, next_run_at=now)
        )
        SubscriptionStore(self.redis, self.vault).set_slack(home, "https://slack.example/x")
        hook = Webhook("flow-1", home, "https://hook.example/x", "csw_x", now)
        WebhookStore(self.redis, self.vault).save(hook)
        RunStore(self.redis).start(
            a_run(
                spreadsheet_id=home,
                entity="tags",
                trigger=Trigger.SCHEDULE,
                queue=QueueName.SCHEDULED,
                created_at=now,
            )
        )
        return home

    def slice(self, at: int = 0, harm: Harm = Harm.BEFORE) -> int:
        """Let one job begin, with this harm; return how its process ended."""
        assert self.slicer.stdin is not None
        assert self.slicer.stdout is not None
        self.slicer.stdin.write("slice\n")
        self.slicer.stdin.flush()
        self.proxy.victim(int(self.slicer.stdout.readline()))
        self.proxy.plan(at, harm)
        self.slicer.stdin.write("go\n")
        self.slicer.stdin.flush()
        return int(self.slicer.stdout.readline())

    def go_on(self) -> Run:
        """Do what the janitor and further jobs would; return the run when it is over."""
        for _ in range(5):
            self.take_back()
            run = RunStore(self.redis).find("run-1")
            assert run is not None
            if run.state.is_over:
                return run
            self.slice()
        raise AssertionError(f"the run does not end: {run}")

    def take_back(self) -> None:
        """Let fifteen seconds pass: leases and locks end, and the janitor looks."""
        for line in (keys.HELD, keys.WAITING):
            for run_id in self.redis.zrange(line, 0, -1):
                self.redis.zadd(line, {run_id: 1})
        for pattern in (keys.tab_lock("*", "*"), keys.page_asked("*")):
            for key in self.redis.keys(pattern):
                self.redis.delete(key)
        RunStore(self.redis).wake()

    def deliveries(self) -> list[Delivery]:
        """What waits in the outbox."""
        found = [DeliveryStore(self.redis).find(d.decode()) for d in self._outbox()]
        return [one for one in found if one is not None]

    def _outbox(self) -> list[bytes]:
        return list(self.redis.zrange(keys.DELIVERIES, 0, -1))

    def assert_nothing_is_left(self) -> None:
        """No trace of an active run."""
        for key in (keys.ACTIVE_RUNS, keys.PLACES, keys.HELD, keys.WAITING, keys.CANCELLING):
            assert not self.redis.exists(key), key
        for key in (keys.owner("run-1"), keys.checkpoint("run-1"), keys.active_run("flow-1")):
            assert not self.redis.exists(key), key
        for queue in QueueName:
            assert not self.redis.exists(keys.queue_since(queue), keys.queue_accounts(queue))


@pytest.fixture(scope="module")
def bench(outside: Outside, redis_server: EmbeddedRedis) -> Iterator[Bench]:
    outside.calm()
    folder = Path(tempfile.mkdtemp(prefix="cs-"))
    server = Path(redis_server.url.removeprefix("unix://"))
    proxy = RedisProxy(server, folder / "proxy")
    environment = settings_for(outside.addresses, REDIS_URL=f"unix://{proxy.path}")
    slicer = subprocess.Popen(
        [sys.executable, "-m", "tests.integration.slices"],
        env=environment,
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    vault = Vault([SecretStr(environment["CALLSHEET_SEALING_KEYS"])])
    with slicer, Redis.from_url(redis_server.url) as redis:
        yield Bench(redis, proxy, outside, vault, slicer)
        redis.flushall()
        slicer.kill()
    proxy.close()
    shutil.rmtree(folder)


def _moments(bench: Bench, harm: Harm) -> list[int]:
    """Numbers of commands of a slice to which nothing happens; other ones for each harm."""
    assert bench.slice() == 0
    names, offset = bench.proxy.names, list(Harm).index(harm)
    end = len(names) - names[::-1].index("HINCRBYFLOAT")  # where what follows is counted
    return sorted({*range(2 + 5 * offset, end, STEP), *range(end - 12 + offset, end + 9, 4)})


@pytest.mark.parametrize("harm", Harm)
def test_a_run_that_succeeds_does_so_once(bench: Bench, harm: Harm) -> None:
    bench.prepare()
    for at in _moments(bench, harm):
        home = bench.prepare()

        bench.slice(at, harm)
        run = bench.go_on()

        where = f"{harm} {bench.proxy.names[-1:]} number {at}"
        assert (run.state, run.error) == (RunState.SUCCEEDED, None), where
        _assert_once(bench, run, where)
        viewer = Viewer(bench.outside.addresses, home)
        (tab,) = [title for title in viewer.tabs() if title != "Sheet1"]
        ids = [row[0] for row in viewer.rows(tab)[1:]]
        viewer.close()
        assert len(ids) == len(set(ids)) == run.progress.rows_expected, where
        flow = FlowStore(bench.redis).get(home, "flow-1")
        assert flow.tab_title == tab
        assert [one.channel for one in bench.deliveries()] == [Channel.WEBHOOK], where


@pytest.mark.parametrize("harm", Harm)
def test_a_run_that_fails_is_counted_told_and_posted_once(bench: Bench, harm: Harm) -> None:
    bench.prepare(token="wrong")
    for at in _moments(bench, harm):
        home = bench.prepare(token="wrong")

        bench.slice(at, harm)
        run = bench.go_on()

        where = f"{harm} number {at}"
        assert run.state is RunState.FAILED, where
        _assert_once(bench, run, where)
        flow = FlowStore(bench.redis).get(home, "flow-1")
        assert flow.failures == 1, where
        assert run.error is not None
        assert flow.paused_because == run.error.message
        assert flow.next_run_at is None
        assert len(NoticeStore(bench.redis).of_spreadsheet(home)) == 1
        channels = sorted(one.channel for one in bench.deliveries())
        assert channels == [Channel.SLACK, Channel.WEBHOOK], where


def test_a_run_that_kills_its_workers_is_given_up_told_and_posted_once(bench: Bench) -> None:
    bench.prepare()
    bench.slice()
    has_begun = bench.proxy.names.index("ZSCORE") + 2  # when it has looked up the flow
    home = bench.prepare()
    for _ in range(9):
        assert bench.slice(has_begun, Harm.BEFORE) == -9
        bench.take_back()

    bench.slice()

    run = RunStore(bench.redis).find("run-1")
    assert run is not None
    assert (run.state, run.error and run.error.code) == (RunState.LOST, "run_lost")
    _assert_once(bench, run, "lost")
    flow = FlowStore(bench.redis).get(home, "flow-1")
    assert flow.failures == 1
    assert flow.retry_at is not None
    assert flow.next_run_at == flow.retry_at


def _assert_once(bench: Bench, run: Run, where: str) -> None:
    bench.assert_nothing_is_left()
    totals = RunStore(bench.redis).totals("flow-1")
    assert (totals.runs, totals.rows_received) == (1, run.counts.rows_received), where
    counted = Counters(bench.redis).read()
    assert sum(n for labels, n in counted.items() if labels[0] == RUNS) == 1, where
    (posted,) = [one for one in bench.deliveries() if one.channel is Channel.WEBHOOK]
    assert f'"state":"{run.state.value}"' in posted.text, where
    assert codec.load(Run, bench.redis.get(keys.run("run-1")) or b"") == run
