"""An import in slices: it steps aside between pages, and goes on from its checkpoint."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from callsheet.aircall.budget import LocalBudget
from callsheet.aircall.client import AircallClient
from callsheet.catalogue import ENTITIES
from callsheet.checkpoint import Checkpoint, StepAside, SteppedAside
from callsheet.clock import SystemClock
from callsheet.connection import AircallKey
from callsheet.data_flow import WriteMode
from callsheet.options import FlowOptions
from callsheet.order import Order, Outcome
from callsheet.page_memory import Answer
from callsheet.pipeline import import_entity
from callsheet.run import Progress
from callsheet.sheets.client import SheetsClient
from callsheet.sheets.tab import Tab
from callsheet.store import codec
from sandbox.aircall.server import AircallStandIn
from sandbox.sheets.server import SheetsStandIn
from tests.integration.google import Viewer

pytestmark = pytest.mark.integration


@dataclass
class Notebook:
    """A memory that can lose everything."""

    pages: dict[str, Answer] = field(default_factory=dict)

    def recall(self, question: str) -> Answer | None:
        return self.pages.get(question)

    def keep(self, question: str, answer: Answer) -> None:
        self.pages[question] = answer


@dataclass
class Sliced:
    """Steps aside after so many pages of this slice, until it is told to hold."""

    pages: int
    holds: bool = False

    def progressed(self, progress: Progress) -> None:
        pass

    def opened(self, zone: str) -> None:
        pass

    def begins(self, checkpoint: Checkpoint) -> Checkpoint:
        return checkpoint

    def written(self, tab: Tab, until: datetime | None) -> None:
        pass

    def noted(self, checkpoint: Checkpoint) -> None:
        pass

    def guard(self) -> None:
        pass

    def pause(self) -> None:
        self.pages -= 1
        if self.pages <= 0 and not self.holds:
            raise StepAside

    def hold(self) -> None:
        self.holds = True

    def roster(self) -> frozenset[str] | None:
        return None

    def roster_read(self, users: Iterable[str]) -> None:
        pass


class Rig:
    """1,200 calls in 20 days, 350 contacts, one spreadsheet."""

    def __init__(self, aircall: AircallStandIn, google: SheetsStandIn, folder: Path) -> None:
        self.aircall, self.google = aircall, google
        info = google.service_account_info()
        self.key_file = folder / "key.json"
        self.key_file.write_text(json.dumps(info))
        sheet = google.create_spreadsheet("Report", editors=[info["client_email"]])
        self.viewer = Viewer(
            {"sheets_url": google.url, "access_token": google.access_token()}, sheet
        )
        self.since = (datetime.now(UTC) - timedelta(days=19)).isoformat()

    def order(self, name: str, **more: Any) -> Order:
        entity = ENTITIES[name]
        return Order(entity, self.viewer.spreadsheet_id, "flow", "Table", since=self.since, **more)

    def in_slices(self, order: Order, pages: int, *, forgets: bool = False) -> tuple[Outcome, int]:
        """Import with a new client for each slice; return the outcome and how many there were."""
        memory, checkpoint = Notebook(), None
        for number in range(1, 200):
            try:
                return self._slice(order, memory, checkpoint, pages), number
            except SteppedAside as aside:
                text = codec.dump(aside.checkpoint)  # as it travels through Redis
                checkpoint = codec.load(Checkpoint, text)
            if forgets:
                memory.pages.clear()
        raise AssertionError("it never ends")

    def _slice(
        self, order: Order, memory: Notebook, checkpoint: Checkpoint | None, pages: int
    ) -> Outcome:
        clock = SystemClock()
        key = AircallKey(self.aircall.api_id, self.aircall.api_token)
        google = SheetsClient(self.google.url, self.key_file, clock=clock)
        with AircallClient(
            self.aircall.url, key, LocalBudget(1_000_000, clock), clock=clock, memory=memory
        ) as source:
            return import_entity(
                order,
                source,
                google,
                clock=clock,
                watcher=Sliced(pages),
                checkpoint=checkpoint,
            )

    def keys(self) -> list[str]:
        return sorted(str(row[0]) for row in self.viewer.rows("Table")[1:])

    def truth(self, name: str, until: datetime) -> list[str]:
        after = int(datetime.fromisoformat(self.since).timestamp()) - 1
        bounds = f"?from={after}&to={int(until.timestamp())}" if name == "calls" else ""
        text = httpx.get(f"{self.aircall.url}/_admin/truth/{name}{bounds}").text
        return sorted(str(json.loads(line)["id"]) for line in text.split("\n") if line)


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[AircallStandIn, SheetsStandIn]]:
    world = {"calls": 1200, "days": 20, "arrivals_per_minute": 0}
    with AircallStandIn(rate_limit=None, **world) as aircall, SheetsStandIn() as google:
        httpx.put(f"{google.url}/_admin/quota", json={"enabled": False}).raise_for_status()
        yield aircall, google


@pytest.fixture
def rig(servers: tuple[AircallStandIn, SheetsStandIn], tmp_path: Path) -> Iterator[Rig]:
    rig = Rig(*servers, tmp_path)
    yield rig
    rig.viewer.close()


@pytest.mark.parametrize("mode", list(WriteMode))
@pytest.mark.parametrize("pages", [1, 3, 7])
def test_calls_in_slices_are_the_same_and_cost_no_request_more(
    rig: Rig, mode: WriteMode, pages: int
) -> None:
    order = rig.order("calls", mode=mode)

    outcome, slices = rig.in_slices(order, pages)

    expected = rig.truth("calls", outcome.began_at)
    assert rig.keys() == expected
    assert slices > 1
    received = outcome.counts.rows_received
    assert received == outcome.quality.received == outcome.quality.total == len(expected)
    assert outcome.counts.rows_added == len(expected)
    assert outcome.counts.source_requests == 1 + -(-len(expected) // 50)


@pytest.mark.parametrize("name", ["contacts", "users", "tags", "teams"])
def test_lists_and_walks_in_slices_are_whole(rig: Rig, name: str) -> None:
    outcome, _ = rig.in_slices(rig.order(name), 2)

    assert rig.keys() == rig.truth(name, outcome.began_at)
    assert outcome.counts.rows_removed == 0
    assert outcome.quality.received == outcome.counts.rows_added


@pytest.mark.parametrize("mode", list(WriteMode))
def test_a_memory_that_forgets_costs_requests_but_no_row(rig: Rig, mode: WriteMode) -> None:
    outcome, _ = rig.in_slices(rig.order("calls", mode=mode), 4, forgets=True)

    assert rig.keys() == rig.truth("calls", outcome.began_at)


def test_what_arrives_between_two_slices_is_left_to_the_next_run(rig: Rig) -> None:
    order = rig.order("calls")
    before = datetime.now(UTC)

    first, _ = rig.in_slices(order, 5)
    httpx.post(f"{rig.aircall.url}/_admin/calls", json={"count": 5}).raise_for_status()
    second, _ = rig.in_slices(rig.order("calls", bookmark=first.began_at), 5)

    assert first.began_at >= before
    assert second.counts.rows_added == 5
    assert rig.keys() == rig.truth("calls", second.began_at)


def test_a_history_in_slices_has_one_interval_an_agent(rig: Rig) -> None:
    order = rig.order("user_availabilities", options=FlowOptions(layout="history"))

    outcome, _ = rig.in_slices(order, 1)

    rows = rig.viewer.rows("Table")[1:]
    assert len({row[1] for row in rows}) == len(rows) == outcome.counts.rows_added
