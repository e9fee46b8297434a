"""Google's quotas, shared: in invented time, and measured where the requests arrive."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis

from callsheet.clock import SystemClock
from callsheet.errors import DestinationRateLimited, StoreUnavailable
from callsheet.sheets.client import SheetsClient
from callsheet.store.google_quota import GoogleQuota, Way
from sandbox.sheets.quota import Limits
from sandbox.sheets.server import SheetsStandIn
from tests.integration.budget_world import BEGIN, RedisInAnyTime, World, fullest

pytestmark = pytest.mark.integration

PERIOD = 1.0


class Writing:
    """A quota as the world's runners use it: for writes alone."""

    def __init__(self, quota: GoogleQuota) -> None:
        self.quota = quota

    def take(self, _ticket: str) -> float:
        return self.quota.take("write")

    def settle(self, _ticket: str) -> None:
        self.quota.settle("write")

    def close(self, seconds: float) -> None:
        self.quota.refused("write", "WriteRequestsPerMinutePerUser", seconds)


class Project(World):
    """A Cloud project; a runner's name is `<account>/<number>`."""

    def __init__(self, redis: Redis, per_account: int, per_project: int) -> None:
        super().__init__(redis, per_account)
        self.per_project = per_project

    def budget(self, run: str, *, interactive: bool = True) -> Any:
        quota = GoogleQuota(
            self.clock,  # type: ignore[arg-type]
            f"{self.account}/{run.partition('/')[0]}",
            f"{self.account}/project",
            per_account=self.per_minute,
            per_project=self.per_project,
            run=run,
            interactive=interactive,
        )
        return Writing(quota)

    def fullest_account(self) -> int:
        """Return the most requests of one account in any rolling minute."""
        accounts = {name.partition("/")[0] for _, name in self.arrivals}
        return max(
            fullest([at for at, name in self.arrivals if name.startswith(f"{account}/")], 60.0)
            for account in accounts
        )


RUNNERS = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.sampled_from(["a/1", "a/2", "b/1", "b/2", "c/1"]),
            "interactive": st.booleans(),
            "out": st.sampled_from([0.001, 0.2, 5.0, 20.0]),
            "back": st.floats(0, 5),
            "think": st.sampled_from([0.0, 0.0, 0.5, 20.0]),
            "begins": st.floats(0, 90),
            "dies_waiting": st.integers(0, 6),
            "dies_sent": st.integers(0, 12),
            "refused": st.sampled_from([0, 0, 0, 7, 30]),
        }
    ),
    min_size=1,
    max_size=7,
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(per_account=st.integers(1, 15), per_project=st.integers(1, 30), runners=RUNNERS)
def test_no_rolling_minute_holds_more_than_an_account_and_its_project_may_send(
    redis: Redis, per_account: int, per_project: int, runners: list[dict[str, Any]]
) -> None:
    world = Project(redis, per_account, per_project)
    for runner in runners:
        world.add(**runner)
    world.live(200)

    assert world.arrivals
    assert world.fullest_account() <= per_account
    assert world.fullest() <= per_project


def test_seven_accounts_fill_their_project_and_share_it(redis: Redis) -> None:
    world = Project(redis, 60, 300)
    for account in "abcdefg":
        world.add(f"{account}/1", out=0.1, back=0.1)
    world.live(5 * 60 - 1)

    shares = world.shares(after=60)
    assert world.fullest() == 300
    assert sum(shares.values()) >= 0.97 * 4 * 300
    for share in shares.values():
        assert share == pytest.approx(sum(shares.values()) / 7, rel=0.2)
    assert sum(runner.takes for runner in world.runners) < 4 * len(world.arrivals), "no busy wait"


def test_accounts_do_not_wait_for_each_other_while_the_project_has_room(redis: Redis) -> None:
    world = Project(redis, 60, 300)
    for number in range(3):
        world.add(f"a/{number}")
    alone = world.add("b/1", begins=30, wants=50)
    world.live(120)

    assert max(alone.waited) == 0


class Two:
    """Two accounts of one project, in a time that the test sets."""

    def __init__(self, redis: Redis) -> None:
        self.clock = RedisInAnyTime(redis)
        self.one, self.other = (
            GoogleQuota(self.clock, email, "p", per_account=60, per_project=300)  # type: ignore[arg-type]
            for email in ("one", "other")
        )


@pytest.mark.parametrize("way", ["read", "write"])
def test_a_429_closes_that_quota_and_no_other(redis: Redis, way: Way) -> None:
    two = Two(redis)
    word, opposite = ("Read", "write") if way == "read" else ("Write", "read")

    assert two.one.refused(way, f"{word}RequestsPerMinutePerUser", None) == 60

    assert two.one.take(way) == 60
    assert two.one.take(opposite) == two.other.take(way) == 0  # type: ignore[arg-type]


def test_a_429_of_the_project_closes_all_its_accounts(redis: Redis) -> None:
    two = Two(redis)

    assert two.one.refused("write", "WriteRequestsPerMinutePerProject", 7.0) == 7

    assert two.one.take("write") == two.other.take("write") == 7
    two.clock.set(BEGIN + 7.01)
    assert two.one.take("write") == two.other.take("write") == 0


def test_without_redis_nothing_is_sent() -> None:
    away = Redis.from_url("redis://127.0.0.1:1/0")
    quota = GoogleQuota(away, "one", "p", per_account=60, per_project=300)

    with pytest.raises(StoreUnavailable):
        quota.take("read")
    quota.settle("read")


@pytest.fixture
def google() -> Iterator[SheetsStandIn]:
    with SheetsStandIn() as running:
        running.state.quota.limits = Limits(enabled=False)
        yield running


def client(google: SheetsStandIn, folder: Path, redis: Redis, name: str, **more: Any) -> Any:
    """A client of its own, 10 reads a second for the account and 25 for the project."""
    info = google.service_account_info(f"{name}@callsheet-sandbox.iam.gserviceaccount.com")
    file = folder / f"{name}.json"
    file.write_text(json.dumps(info))
    quota = GoogleQuota(
        redis, info["client_email"], "project", per_account=10, per_project=25, period=PERIOD
    )
    return SheetsClient(google.url, file, clock=SystemClock(), quota=quota, **more)


def test_threads_of_three_accounts_keep_both_quotas(
    google: SheetsStandIn, redis: Redis, tmp_path: Path
) -> None:
    clients = {f"{name}{n}": client(google, tmp_path, redis, name) for name in "abc" for n in "12"}
    sheet = google.create_spreadsheet(
        "x", editors=[c.service_account_email for c in clients.values()]
    )
    sent: dict[str, list[float]] = {name: [] for name in "abc"}
    end = time.monotonic() + 5 * PERIOD

    def read(name: str) -> None:
        while time.monotonic() < end:
            clients[name].read_file(sheet, "spreadsheetId")
            sent[name[0]].append(time.monotonic())

    threads = [threading.Thread(target=read, args=[name]) for name in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    exchanges = [e["at"] for e in google.state.traffic.report(500)["recent"] if "/v4/" in e["path"]]
    assert len(exchanges) == sum(c.reads for c in clients.values()) >= 4 * 25
    assert fullest(exchanges, PERIOD) <= 25
    assert min(len(moments) for moments in sent.values()) >= 20


def test_a_wait_is_told_and_may_be_refused(
    google: SheetsStandIn, redis: Redis, tmp_path: Path
) -> None:
    """A run steps aside instead of holding its worker; whoever comes next takes its slot."""
    google.state.faults.add({"kind": "429_user", "path": "/v4/", "times": 1})
    told: list[float] = []

    def step_aside(seconds: float) -> None:
        told.append(seconds)
        raise DestinationRateLimited("stepped aside")

    impatient = client(google, tmp_path, redis, "a", on_wait=step_aside)
    sheet = google.create_spreadsheet("x", editors=[impatient.service_account_email])
    with pytest.raises(DestinationRateLimited, match="stepped aside"):
        impatient.read_file(sheet, "spreadsheetId")

    assert told == [pytest.approx(PERIOD, abs=0.1)]
    assert impatient.reads == 1
    waiters = [key for key in redis.keys("*waiters") if redis.hlen(key)]
    assert waiters == []
    client(google, tmp_path, redis, "a").read_file(sheet, "spreadsheetId")
