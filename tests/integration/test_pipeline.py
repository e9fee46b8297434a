"""The pipeline in this process, against both stand-ins: the wall, moving calls, the budget."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest

from callsheet.aircall.budget import LocalBudget
from callsheet.aircall.client import AircallClient
from callsheet.catalogue import CALLS
from callsheet.checkpoint import Checkpoint
from callsheet.clock import SystemClock
from callsheet.connection import AircallKey
from callsheet.data_flow import WriteMode
from callsheet.errors import InvalidRequest, LeaseLost, SpreadsheetFull
from callsheet.options import FlowOptions
from callsheet.order import Order, Outcome
from callsheet.pipeline import import_entity
from callsheet.run import Progress
from callsheet.sheets.archiving import boundary
from callsheet.sheets.client import SheetsClient
from callsheet.sheets.file import MAX_CELLS
from callsheet.sheets.tab import Tab
from sandbox.aircall.server import AircallStandIn
from sandbox.sheets.server import SheetsStandIn
from tests.integration.google import Viewer

pytestmark = pytest.mark.integration

TAB = "Aircall – Calls"


@dataclass
class Watching:
    """Remembers what it hears, and stops the import at the n-th write if told so."""

    stop_at_write: int | None = None
    bookmarks: list[datetime] = field(default_factory=list)
    heard: list[Progress] = field(default_factory=list)
    writes: int = 0

    def progressed(self, progress: Progress) -> None:
        self.heard.append(progress)

    def opened(self, zone: str) -> None:
        assert zone == "Europe/Paris"

    def begins(self, checkpoint: Checkpoint) -> Checkpoint:
        return checkpoint

    def written(self, tab: Tab, until: datetime | None) -> None:
        assert tab.title == TAB
        if until is not None:
            self.bookmarks.append(until)

    def noted(self, checkpoint: Checkpoint) -> None:
        assert checkpoint.written_until == (self.bookmarks[-1] if self.bookmarks else None)

    def pause(self) -> None:
        pass

    def hold(self) -> None:
        pass

    def roster(self) -> frozenset[str] | None:
        return None

    def roster_read(self, users: Iterable[str]) -> None:
        pass

    def guard(self) -> None:
        self.writes += 1
        if self.writes == self.stop_at_write:
            raise LeaseLost("stopped by the test")


class Rig:
    """One Aircall of 13,000 calls in 60 days, one Google, one spreadsheet."""

    def __init__(self, aircall: AircallStandIn, google: SheetsStandIn, folder: Path) -> None:
        self.aircall, self.google = aircall, google
        info = google.service_account_info()
        self.key_file = folder / "key.json"
        self.key_file.write_text(json.dumps(info))
        self.sheet_id = google.create_spreadsheet(
            "Report", time_zone="Europe/Paris", editors=[info["client_email"]]
        )
        world = {"sheets_url": google.url, "access_token": google.access_token()}
        self.viewer = Viewer(world, self.sheet_id)
        self.since = datetime.now(UTC).replace(microsecond=0) - timedelta(days=59)
        self.order = Order(CALLS, self.sheet_id, "flow", TAB, self.since.isoformat())

    def run(
        self,
        order: Order | None = None,
        watching: Watching | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> Outcome:
        clock = SystemClock()
        key = AircallKey(self.aircall.api_id, self.aircall.api_token)
        google = SheetsClient(self.google.url, self.key_file, clock=clock)
        budget = LocalBudget(1_000_000, clock)
        url = self.aircall.url
        with AircallClient(url, key, budget, clock=clock, transport=transport) as source:
            return import_entity(
                order or self.order, source, google, clock=clock, watcher=watching or Watching()
            )

    def truth(self) -> dict[str, dict[str, object]]:
        answer = httpx.get(
            f"{self.aircall.url}/_admin/truth/calls",
            params={"from": int(self.since.timestamp()) - 1, "to": 4_000_000_000},
            timeout=60,
        )
        records = [json.loads(line) for line in answer.text.split("\n") if line]
        return {str(record["id"]): record for record in records}

    def ids_in_tab(self) -> list[str]:
        return [row[0] for row in self.viewer.rows(TAB)[1:]]


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    aircall = AircallStandIn(
        calls=13_000, days=60, seed=7, arrivals_per_minute=0, rate_limit=None, burst=600
    )
    with aircall, SheetsStandIn() as google:
        made = Rig(aircall, google, tmp_path)
        yield made
        made.viewer.close()


def test_more_than_ten_thousand_calls_arrive_each_once_and_within_the_budgeted_requests(
    rig: Rig,
) -> None:
    watching = Watching()
    outcome = rig.run(watching=watching)
    expected = rig.truth()

    assert len(expected) > 12_000
    assert sorted(rig.ids_in_tab()) == sorted(expected)
    assert outcome.counts.rows_received == outcome.counts.rows_added == len(expected)
    windows = len(set(watching.bookmarks))
    assert outcome.counts.source_requests <= -(-len(expected) // 50) + 2 * windows + 1
    assert watching.bookmarks == sorted(watching.bookmarks)
    assert watching.heard[-1].rows_received == watching.heard[-1].rows_expected == len(expected)
    assert outcome.warnings == ()


def test_stopped_at_any_write_and_run_again_nothing_is_lost_or_doubled(rig: Rig) -> None:
    order = replace(rig.order, since=(rig.since + timedelta(days=50)).isoformat())
    stopped = 0
    for stop_at in range(1, 8):
        watching = Watching(stop_at_write=stop_at)
        try:
            rig.run(order, watching)
        except LeaseLost:
            stopped += 1
            continue
        break
    outcome = rig.run(order)

    ids = rig.ids_in_tab()
    assert len(ids) == len(set(ids)) == outcome.counts.rows_received
    assert outcome.counts.rows_added == 0
    assert stopped >= 2


def test_a_refresh_looks_back_a_day_and_no_further(rig: Rig) -> None:
    watching = Watching()
    rig.run(watching=watching)
    yesterday = datetime.now(UTC) - timedelta(hours=20)
    recent, old = _one_call_each_side(rig, yesterday)
    for call_id in (recent, old):
        httpx.put(
            f"{rig.aircall.url}/_admin/calls/{call_id}/archived", json={"archived": True}
        ).raise_for_status()

    outcome = rig.run(replace(rig.order, bookmark=watching.bookmarks[-1]))

    header, *rows = rig.viewer.rows(TAB)
    archived = {row[0]: row[header.index("Archived")] for row in rows}
    assert archived[recent] is True
    assert archived[old] is False
    assert outcome.counts.rows_received < 1500
    assert 1 <= outcome.counts.rows_updated < 20  # a few more are finalised while we look


def test_at_the_end_the_tab_says_how_fresh_it_is(rig: Rig) -> None:
    due = datetime.now(UTC) + timedelta(hours=1)
    order = replace(rig.order, since=(rig.since + timedelta(days=57)).isoformat())

    outcome = rig.run(replace(order, next_refresh=due))

    tab = rig.google.state.books[rig.sheet_id].tab(outcome.tab_id)
    assert tab is not None
    note = tab.grid.style(0, 0).attributes["note"]
    zone = rig.google.state.books[rig.sheet_id].properties["timeZone"]
    assert f"Rows: {outcome.counts.rows_added:,}\n" in note
    assert f"{due.astimezone(ZoneInfo(zone)):%Y, %H:%M} (if this header is red" in note
    assert len(tab.list("conditionalFormats")) == 1


def test_a_freshness_line_that_is_refused_does_not_fail_the_run(rig: Rig) -> None:
    order = replace(rig.order, since=(rig.since + timedelta(days=57)).isoformat())

    class Locking(Watching):
        """Locks the headers as soon as the rows are in the tab."""

        def written(self, tab: Tab, until: datetime | None) -> None:
            if not self.bookmarks:
                header = {"sheetId": tab.id, "startRowIndex": 0, "endRowIndex": 1}
                locked = {"range": header, "editors": {"users": ["owner@callsheet.example"]}}
                rig.google.edit(rig.sheet_id, {"addProtectedRange": {"protectedRange": locked}})
            super().written(tab, until)

    outcome = rig.run(order, Locking())

    [warning] = outcome.warnings
    assert "Everything was imported, but the note" in warning
    assert len(rig.ids_in_tab()) == outcome.counts.rows_added > 0


def test_a_file_too_full_is_told_before_anything_is_made_with_what_would_fit(rig: Rig) -> None:
    room = 1_500 * len(CALLS.columns)
    grid = {"rowCount": MAX_CELLS - room - 26_000, "columnCount": 1}
    big = {"title": "Big", "gridProperties": grid}
    rig.google.edit(rig.sheet_id, {"addSheet": {"properties": big}})
    tabs = list(rig.viewer.tabs())

    with pytest.raises(SpreadsheetFull) as refused:
        rig.run()

    told = refused.value.user_message
    assert "enough for 1,500 rows" in told
    assert re.search(r"The last [67] days or so would fit: from 20\d\d-", told)
    assert list(rig.viewer.tabs()) == tabs


def test_old_calls_move_to_archive_tabs_and_do_not_come_back(rig: Rig) -> None:
    since = (rig.since + timedelta(days=57)).isoformat()
    first = rig.run(replace(rig.order, since=since))
    tab = rig.google.state.books[rig.sheet_id].tab(first.tab_id)
    assert tab is not None
    old = rig.ids_in_tab()[:40]
    rows = [[int(cell) - 400] for cell in (row[4] for row in rig.viewer.rows(TAB)[1:41])]
    with rig.google.state.change(rig.sheet_id) as book:
        changed = book.tab(first.tab_id)
        assert changed is not None
        changed.grid.put(1, 4, rows)
    archiving = replace(rig.order, since=since, options=FlowOptions(archive_months=12))

    outcome = rig.run(replace(archiving, bookmark=datetime.now(UTC)))
    again = rig.run(replace(archiving, bookmark=datetime.now(UTC)))

    archived = [
        row[0]
        for title in rig.viewer.tabs()
        if title.startswith(f"{TAB} – 20")
        for row in rig.viewer.rows(title)[1:]
    ]
    assert archived == old
    assert set(rig.ids_in_tab()).isdisjoint(old)
    assert "40 older rows were moved to archive tabs." in outcome.warnings
    assert again.counts.rows_added == 0
    assert not [each for each in again.warnings if "archive" in each]


def test_what_is_archived_is_not_read_again_even_from_the_start(rig: Rig) -> None:
    rig.run(replace(rig.order, since=(rig.since + timedelta(days=57)).isoformat()))
    archiving = replace(rig.order, options=FlowOptions(archive_months=1))
    now = datetime.now(UTC).astimezone(ZoneInfo("Europe/Paris"))
    border = boundary(now, 1, ZoneInfo("Europe/Paris"))
    rig.run(replace(archiving, since=(rig.since + timedelta(days=57)).isoformat()))

    outcome = rig.run(replace(archiving, since=(border - timedelta(days=1)).isoformat()))

    assert outcome.span is not None
    assert outcome.span.start == border


@pytest.mark.parametrize("mode", [WriteMode.REPLACE, WriteMode.APPEND])
def test_an_archive_goes_with_update_mode_only(rig: Rig, mode: WriteMode) -> None:
    order = replace(rig.order, mode=mode, options=FlowOptions(archive_months=1))

    with pytest.raises(InvalidRequest, match="update"):
        rig.run(order)


def test_an_answer_that_loses_a_row_while_we_page_is_read_again(rig: Rig) -> None:
    order = replace(rig.order, since=(rig.since + timedelta(days=57)).isoformat())
    fault = {"kind": "delete_mid_walk", "path": "per_page=50", "times": 1}
    httpx.post(f"{rig.aircall.url}/_admin/faults", json=fault).raise_for_status()

    rig.run(order)

    start = int((rig.since + timedelta(days=57)).timestamp())
    there = {key for key, call in rig.truth().items() if int(str(call["started_at"])) >= start}
    assert there <= set(rig.ids_in_tab())


def _one_call_each_side(rig: Rig, moment: datetime) -> tuple[str, str]:
    calls = sorted(rig.truth().values(), key=lambda call: int(str(call["started_at"])))
    done = [c for c in calls if c["status"] == "done" and not c["archived"]]
    recent = next(c for c in done if int(str(c["started_at"])) > moment.timestamp())
    border = (moment - timedelta(hours=10)).timestamp()
    old = next(c for c in reversed(done) if int(str(c["started_at"])) < border)
    return str(recent["id"]), str(old["id"])
