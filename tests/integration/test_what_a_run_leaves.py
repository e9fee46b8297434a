"""What options make of a tab from one run to the next, in this process, against both stand-ins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from redis import Redis

from callsheet.checkpoint import Checkpoint
from callsheet.clock import SystemClock
from callsheet.data_flow import WriteMode
from callsheet.options import Filters, FlowOptions, WhenGone
from callsheet.order import Order
from callsheet.run import Trigger
from callsheet.store import keys
from callsheet.store.pages import FetchStore
from sandbox.aircall.server import AircallStandIn
from sandbox.sheets.server import SheetsStandIn
from tests.builders import a_data_flow, a_run
from tests.integration.test_pipeline import Rig
from worker.stopping import Stopping
from worker.watching import Limits, RunWatcher

pytestmark = pytest.mark.integration


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    aircall = AircallStandIn(calls=300, days=9, arrivals_per_minute=0, rate_limit=None)
    with aircall, SheetsStandIn() as google:
        made = Rig(aircall, google, tmp_path)
        yield made
        made.viewer.close()


def fault(rig: Rig, **rule: object) -> None:
    httpx.post(f"{rig.aircall.url}/_admin/faults", json=rule).raise_for_status()


def rolling(order: Order, days: int, when: WhenGone) -> Order:
    return replace(order, options=FlowOptions(rolling_days=days, when_rolled_out=when))


def test_what_falls_out_of_a_rolling_window_stays_or_goes_as_chosen(rig: Rig) -> None:
    everything = rig.run(rolling(rig.order, 9, WhenGone.KEEP)).counts.rows_added
    rig.run(rolling(rig.order, 3, WhenGone.KEEP))
    kept = rig.ids_in_tab()
    outcome = rig.run(rolling(rig.order, 3, WhenGone.REMOVE))

    assert len(kept) == everything
    assert outcome.span is not None
    first = outcome.span.start.timestamp()
    young = {key for key, call in rig.truth().items() if call["started_at"] >= first}
    assert set(rig.ids_in_tab()) == young
    assert outcome.counts.rows_removed == everything - len(young) > 0


def test_snapshots_stay_when_the_call_no_longer_passes_the_filters(rig: Rig) -> None:
    order = replace(rig.order, mode=WriteMode.APPEND)
    missed = FlowOptions(filters=Filters(outcomes=("missed",)))
    voicemail = FlowOptions(filters=Filters(outcomes=("voicemail",)))

    rig.run(replace(order, options=missed))
    before = rig.ids_in_tab()
    outcome = rig.run(replace(order, options=voicemail))

    assert before
    assert rig.ids_in_tab()[: len(before)] == before
    assert (outcome.counts.rows_removed, outcome.counts.rows_added) == (
        0,
        len(rig.ids_in_tab()) - len(before),
    )


def test_odd_records_are_counted_and_told_and_all_others_arrive(rig: Rig) -> None:
    fault(rig, kind="new_field", path="per_page=50", times=1, nth=3)
    fault(rig, kind="missing_id", path="per_page=50", times=1, nth=5)
    fault(rig, kind="unknown_enum", path="per_page=50", times=1, nth=7, field="status")
    outcome = rig.run()

    assert len(rig.ids_in_tab()) == len(rig.truth()) - 1
    assert outcome.quality.without_id == 1
    assert sorted(outcome.warnings) == [
        "1 calls came without an id and were passed over.",
        "Aircall sent a field that Callsheet does not know, “x_new_field”; it was passed over.",
        "Aircall sent an unknown value “something_new” in status; it was kept as text.",
    ]


class Overcounting(httpx.HTTPTransport):
    """The way to an Aircall that counts two calls more than it gives."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = super().handle_request(request)
        answer.read()
        body = answer.json()
        body["meta"]["total"] += 2
        return httpx.Response(answer.status_code, json=body)


def test_what_aircall_counts_and_does_not_give_is_told(rig: Rig) -> None:
    outcome = rig.run(transport=Overcounting())

    assert len(rig.ids_in_tab()) == len(rig.truth()) == outcome.quality.received
    assert (outcome.quality.missing, outcome.quality.total) == (2, outcome.quality.received + 2)
    assert [one for one in outcome.warnings if "Aircall counts 2 calls more than it gave" in one]


def test_pages_from_before_the_last_run_do_not_turn_the_tab_back(redis: Redis) -> None:
    now = datetime.now(UTC)
    fetches = FetchStore(redis)
    earlier = fetches.join("company:1", "tags:", None, now - timedelta(seconds=60), timedelta())

    def joined(bookmark: datetime | None) -> Checkpoint:
        flow = a_data_flow(entity="tags", since=None, bookmark=bookmark, deep_read_at=now)
        run = a_run(trigger=Trigger.SCHEDULE)
        redis.set(keys.owner(run.id), "worker")
        limits = Limits(20, Stopping())
        watcher = RunWatcher(redis, run, flow, "worker", SystemClock(), limits)
        watcher.account = "company:1"
        return watcher.begins(Checkpoint(now))

    assert joined(None).fetch == earlier.id
    assert joined(now - timedelta(seconds=70)).fetch == earlier.id
    assert joined(now - timedelta(seconds=50)).fetch != earlier.id
