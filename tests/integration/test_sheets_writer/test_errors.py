"""Refusals of Google become our errors, in words that say what to do, and nothing half written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from callsheet.data_flow import WriteMode
from callsheet.errors import (
    CallsheetError,
    DestinationRateLimited,
    DestinationUnavailable,
    GoogleCredentialsRejected,
    NoEditAccess,
    SpreadsheetFull,
    SpreadsheetNotFound,
    TabMissing,
    TabProtected,
)
from callsheet.retry import RetryPolicy
from callsheet.sheets.client import SheetsClient
from callsheet.sheets.proof import take_proof
from callsheet.sheets.spreadsheet import open_spreadsheet
from sandbox.sheets.quota import Limits
from sandbox.sheets.server import SERVICE_ACCOUNT, SheetsStandIn
from tests.integration.test_sheets_writer.world import CALLS, FLOW, World, row, rows

SHORT = RetryPolicy(tries=2, first_wait=0.01, deadline=90)


def test_no_access_names_the_address_to_share_with(world: World) -> None:
    world.standin.state.share(world.id, SERVICE_ACCOUNT, None)
    with pytest.raises(NoEditAccess) as caught:
        world.run(rows(range(3)))
    assert SERVICE_ACCOUNT in caught.value.user_message


def test_a_reader_may_not_write(world: World) -> None:
    world.standin.state.share(world.id, SERVICE_ACCOUNT, "reader")
    with pytest.raises(NoEditAccess):
        world.run(rows(range(3)))


def test_an_unknown_spreadsheet(world: World) -> None:
    with pytest.raises(SpreadsheetNotFound):
        open_spreadsheet(world.client(), "1unknown")


def test_a_deleted_tab_is_missed_in_the_middle_of_a_run(world: World) -> None:
    world.run(rows(range(3)))
    tab = world.ours()
    for mode in WriteMode:
        writer = world.tab().writer(mode)
        writer.add(row(1, "x"))
        if mode is WriteMode.REPLACE:
            writer.flush()
        world.edit({"deleteSheet": {"sheetId": world.ours()}})
        with pytest.raises(TabMissing):
            writer.finish()
        assert tab not in world.tabs().values()
        world.run(rows(range(3)))


def test_a_protected_range_is_told_and_stays_as_it_is(world: World) -> None:
    world.run(rows(range(3)))
    before = world.cells()
    area = {"sheetId": world.ours(), "startColumnIndex": 2, "endColumnIndex": 3}
    protection = {"range": area, "editors": {"users": ["owner@callsheet.example"]}}
    world.edit({"addProtectedRange": {"protectedRange": protection}})

    with pytest.raises(TabProtected):
        world.run([row(1, "x"), row(5)])

    assert world.cells() == before


def test_a_full_file_is_told_before_anything_is_written(world: World) -> None:
    grid = {"rowCount": 398_950, "columnCount": 25}
    world.edit({"addSheet": {"properties": {"sheetId": 3, "gridProperties": grid}}})
    # 10,000,000 - 26,000 - 9,973,750 = 250 cells are left; a new tab takes 1,400.
    with pytest.raises(SpreadsheetFull) as caught:
        world.run(rows(range(3)))
    assert "250 are left" in caught.value.user_message
    assert world.last is not None
    assert world.last.writes == 0


def test_a_file_that_gets_full_takes_what_fits_and_says_how_much(world: World) -> None:
    grid = {"rowCount": 398_700, "columnCount": 25}
    world.edit({"addSheet": {"properties": {"sheetId": 3, "gridProperties": grid}}})
    # 10,000,000 - 26,000 - 9,967,500 = 6,500 cells, 5,100 behind the new tab's 200 rows.
    with pytest.raises(SpreadsheetFull) as caught:
        world.tab().writer(WriteMode.UPDATE, expected_rows=2_000)
    assert "5,100 are left" in caught.value.user_message
    assert len(world.cells()) == 1

    world.run(rows(range(900)))
    with pytest.raises(SpreadsheetFull):
        world.run(rows(range(900, 1_000)))
    assert len(world.cells()) == 901


def test_google_finds_the_file_full_where_we_did_not(world: World) -> None:
    """Somebody adds a tab after we have looked."""
    writer = world.tab().writer(WriteMode.UPDATE)
    grid = {"rowCount": 398_900, "columnCount": 25}
    world.edit({"addSheet": {"properties": {"sheetId": 3, "gridProperties": grid}}})
    for each in rows(range(900)):
        writer.add(each)
    with pytest.raises(SpreadsheetFull):
        writer.finish()


@pytest.mark.parametrize("kind", ["500", "503", "502_html", "drop", "timeout"])
def test_a_google_that_stays_away(world: World, kind: str) -> None:
    world.fault(kind, times=50)
    with pytest.raises(DestinationUnavailable):
        open_spreadsheet(world.client(policy=SHORT), world.id)


def test_a_quota_that_stays_closed(world: World) -> None:
    world.fault("429_user", times=50)
    with pytest.raises(DestinationRateLimited):
        open_spreadsheet(world.client(policy=SHORT), world.id)


@pytest.fixture
def counted(world: World) -> Iterator[World]:
    """A world in which the stand-in counts requests, and its minute follows our clock."""
    state = world.standin.state
    before = state.quota.limits
    state.quota.reset()
    state.quota.limits = Limits(read_per_user=5, write_per_user=5)
    real = state.quota._clock
    state.quota._clock = lambda: world.clock.now().timestamp()
    yield world
    state.quota._clock = real
    state.quota.limits = before


def test_a_real_quota_is_waited_out_with_few_waits(counted: World) -> None:
    for start in range(0, 30, 10):
        counted.run(rows(range(start, start + 10)))

    assert len(counted.cells()) == 31
    assert 1 <= len(counted.clock.slept) <= 4


def test_a_revoked_key(world: World, tmp_path: Path) -> None:
    other = world.standin.service_account_info("other@callsheet-sandbox.iam.gserviceaccount.com")
    mixed = world.standin.service_account_info() | {"private_key": other["private_key"]}
    path = tmp_path / "mixed.json"
    path.write_text(json.dumps(mixed))
    client = SheetsClient(world.standin.url, path, clock=world.clock)
    with pytest.raises(GoogleCredentialsRejected):
        open_spreadsheet(client, world.id)


@pytest.mark.parametrize("content", [None, "", "{}", '{"private_key": "SECRET"}', "[]"])
def test_a_file_that_is_no_key(world: World, tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "key.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(GoogleCredentialsRejected) as caught:
        SheetsClient(world.standin.url, path, clock=world.clock)
    assert "SECRET" not in f"{caught.value} {caught.value.user_message}"


def test_no_text_of_an_error_holds_cells_or_titles(world: World) -> None:
    world.run([row(1, "private note")])
    world.fault("500", times=50)
    writer = world.tab  # opening fails already
    with pytest.raises(CallsheetError) as caught:
        writer(policy=SHORT)
    told = f"{caught.value} {caught.value.user_message}"
    assert "private" not in told
    assert "Aircall –" not in told


def test_proofs_are_taken_once(world: World) -> None:
    def prove(value: str) -> None:
        entry = {"metadataKey": "callsheet.proof", "metadataValue": value}
        made = {**entry, "location": {"spreadsheet": True}, "visibility": "DOCUMENT"}
        world.edit({"createDeveloperMetadata": {"developerMetadata": made}})

    prove("one")
    prove("two")
    world.fault("lost", path="batchUpdate")

    assert take_proof(world.client(), world.id, "callsheet.proof") == {"one", "two"}
    assert take_proof(world.client(), world.id, "callsheet.proof") == set()


def test_two_tabs_of_one_flow_are_told_and_only_one_written(
    world: World, standin: SheetsStandIn
) -> None:
    first = world.open()
    second = world.open()
    one = first.tab_for(FLOW, CALLS)
    two = second.tab_for(FLOW, CALLS, "Second")

    writer = world.run(rows(range(3)))

    kept, left = sorted([one.id, two.id])
    assert len(world.cells(kept)) == 4
    assert len(world.cells(left)) == 1
    assert any("2 tabs" in warning for warning in writer.warnings)
