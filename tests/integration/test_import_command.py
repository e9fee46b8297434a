"""`callsheet import` through the command line, against both stand-ins over HTTP."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from redis import Redis

from callsheet.connection import account_of
from callsheet.redis_server import EmbeddedRedis
from callsheet.sheets.archiving import boundary
from callsheet.store import keys
from callsheet.store.budget import SharedBudget
from callsheet.store.locks import TabLocks
from tests.integration.conftest import Outside, free_port
from tests.integration.google import Viewer
from tests.integration.processes import ROOT, run_import, settings_for

pytestmark = pytest.mark.integration

SINCE = "2026-11-01"


def imported(
    outside: Outside, viewer: Viewer, *more: str, **settings: str
) -> tuple[int, dict[str, Any]]:
    status, report, _ = run_import(
        settings_for(outside.addresses, **settings),
        *("calls", "--since", SINCE, "--spreadsheet", viewer.spreadsheet_id),
        *more,
    )
    return status, report


def account_at(addresses: dict[str, str]) -> str:
    """Return what the budget of the stand-in's company is counted on."""
    url, key = addresses["aircall_url"], ("aircall_api_id", "aircall_api_token")
    answer = httpx.get(f"{url}/v1/company", auth=(addresses[key[0]], addresses[key[1]]))
    return account_of(url, answer.json()["company"]["name"])


def test_calls_arrive_exactly_once_and_again_nothing_changes(
    outside: Outside, spreadsheet: Viewer
) -> None:
    status, report = imported(outside, spreadsheet, "--until", "2026-11-20")

    assert (status, report["state"], report["error"]) == (0, "succeeded", None)
    header, *rows = spreadsheet.rows("Aircall – Calls")
    # 1 November to 20 November in Paris, both whole: 31 October 23:00 UTC to 20 November 23:00 UTC
    expected = outside.truth(1793487599, 1795215599)
    assert header[0] == "Call ID"
    assert sorted(row[0] for row in rows) == sorted(expected)
    assert report["rows_received"] == report["rows_added"] == len(expected)
    assert report["window"] == {"from": "2026-10-31T23:00:00Z", "to": "2026-11-20T23:00:00Z"}
    assert report["tab"]["title"] == "Aircall – Calls"

    status, again = imported(outside, spreadsheet, "--until", "2026-11-20")

    assert status == 0
    assert again["tab"] == report["tab"]
    assert again["rows_unchanged"] == len(expected)
    assert again["rows_added"] == again["rows_updated"] == 0
    assert spreadsheet.rows("Aircall – Calls") == [header, *rows]


def test_with_a_redis_two_imports_do_not_write_one_tab_at_once(
    outside: Outside, spreadsheet: Viewer, redis_server: EmbeddedRedis, redis: Redis
) -> None:
    locks = TabLocks(redis)
    other = locks.take(spreadsheet.spreadsheet_id, "cli:calls")

    status, report = imported(outside, spreadsheet, REDIS_URL=redis_server.url)
    locks.release(other)
    again, written = imported(outside, spreadsheet, REDIS_URL=redis_server.url)

    assert (status, report["error"]["code"]) == (1, "tab_in_use")
    assert "Aircall – Calls" in spreadsheet.tabs()
    assert (again, written["state"]) == (0, "succeeded")
    locks.take(spreadsheet.spreadsheet_id, "cli:calls")


def test_an_import_counts_in_the_budget_and_quotas_of_the_workers(
    outside: Outside, spreadsheet: Viewer, redis_server: EmbeddedRedis, redis: Redis
) -> None:
    account = account_at(outside.addresses)

    _, report = imported(outside, spreadsheet, REDIS_URL=redis_server.url)

    budget = keys.request_budget(account)
    assert redis.zcard(budget) == report["source_requests"] + 1  # one asked whose account it is
    google = [key for key in redis.scan_iter(keys.request_budget("google:*")) if b"account" in key]
    assert sum(redis.zcard(key) for key in google) == report["destination_requests"]


def test_an_import_waits_while_the_workers_have_used_up_the_budget(
    outside: Outside, spreadsheet: Viewer, redis_server: EmbeddedRedis, redis: Redis
) -> None:
    account = account_at(outside.addresses)
    SharedBudget(redis, account, 120).close(3.0)
    began = time.monotonic()

    status, _ = imported(outside, spreadsheet, REDIS_URL=redis_server.url)

    assert status == 0
    assert time.monotonic() - began > 2.5


def test_the_embedded_server_of_this_machine_is_found(
    outside: Outside, spreadsheet: Viewer, tmp_path: Path
) -> None:
    with EmbeddedRedis(tmp_path) as server, Redis.from_url(server.url) as redis:
        TabLocks(redis).take(spreadsheet.spreadsheet_id, "cli:calls")

        status, report = imported(outside, spreadsheet, CALLSHEET_DATA_DIR=str(tmp_path))

        assert (status, report["error"]["code"]) == (1, "tab_in_use")
        server.process.kill()
        server.process.wait()
        alone, _ = imported(outside, spreadsheet, CALLSHEET_DATA_DIR=str(tmp_path))
        assert alone == 0


def test_older_calls_go_to_archive_tabs(outside: Outside, spreadsheet: Viewer) -> None:
    paris = ZoneInfo("Europe/Paris")
    now = datetime.now(paris)
    since = (now - timedelta(days=58)).replace(hour=0, minute=0, second=0, microsecond=0)
    border = boundary(now, 1, paris)
    old = outside.truth(int(since.timestamp()) - 1, int(border.timestamp()))
    options = ("--since", f"{since:%Y-%m-%d}", "--archive-months", "1", "--archive-by", "year")

    status, report = imported(outside, spreadsheet, *options)

    assert status == 0
    tabs = {title: spreadsheet.rows(title)[1:] for title in spreadsheet.tabs()}
    live = tabs.pop("Aircall – Calls")
    archived = [row[0] for title, rows in tabs.items() if " – 20" in title for row in rows]
    assert sorted(archived) == sorted(old)
    assert len(live) == report["rows_added"] - len(old)


def test_a_late_change_reaches_its_row_and_notes_stay_beside_their_call(
    outside: Outside, spreadsheet: Viewer
) -> None:
    imported(outside, spreadsheet)
    tab = "Aircall – Calls"
    rows = spreadsheet.rows(tab)[1:]
    spreadsheet.change(
        {
            "insertDimension": {
                "range": {
                    "sheetId": spreadsheet.tabs()[tab]["sheetId"],
                    "dimension": "COLUMNS",
                    "startIndex": 1,
                    "endIndex": 2,
                }
            }
        }
    )
    spreadsheet.write(tab, "B5", [["my note"]])
    call_id = rows[3][0]
    outside.aircall("POST", f"/calls/{call_id}/comments", {"content": "=1+1 said so"})

    status, report = imported(outside, spreadsheet)

    assert status == 0
    assert report["rows_updated"] == 1
    after = spreadsheet.rows(tab, "FORMULA")
    row = after[4]
    assert (row[0], row[1]) == (call_id, "my note")
    assert "=1+1 said so" in row[after[0].index("Comments")]


def test_a_taken_title_is_left_alone_and_another_is_chosen(
    outside: Outside, spreadsheet: Viewer
) -> None:
    spreadsheet.change({"addSheet": {"properties": {"title": "Aircall – Calls"}}})
    spreadsheet.write("Aircall – Calls", "A1", [["mine"]])

    status, report = imported(outside, spreadsheet, "--until", "2026-11-02")

    assert status == 0
    assert report["tab"]["title"] != "Aircall – Calls"
    assert spreadsheet.rows("Aircall – Calls") == [["mine"]]


def test_a_renamed_tab_is_found_again(outside: Outside, spreadsheet: Viewer) -> None:
    _, first = imported(outside, spreadsheet, "--tab", "Service calls", "--until", "2026-11-03")
    spreadsheet.change(
        {
            "updateSheetProperties": {
                "properties": {"sheetId": first["tab"]["id"], "title": "Renamed"},
                "fields": "title",
            }
        }
    )

    _, second = imported(outside, spreadsheet, "--tab", "Service calls", "--until", "2026-11-03")

    assert second["tab"] == {"id": first["tab"]["id"], "title": "Renamed"}
    assert second["rows_added"] == 0


def test_replace_holds_the_window_and_nothing_else(outside: Outside, spreadsheet: Viewer) -> None:
    _, wide = imported(outside, spreadsheet, "--until", "2026-11-10")

    status, narrow = imported(
        outside, spreadsheet, "--since", "2026-11-05", "--until", "2026-11-06", "--mode", "replace"
    )

    assert status == 0
    assert narrow["tab"]["id"] == wide["tab"]["id"]
    rows = spreadsheet.rows("Aircall – Calls")[1:]
    expected = outside.truth(1793833199, 1794005999)
    assert sorted(row[0] for row in rows) == sorted(expected)
    shown = {title for title, tab in spreadsheet.tabs().items() if not tab.get("hidden")}
    assert shown == {"Sheet1", "Aircall – Calls"}


def test_append_adds_new_and_changed_calls_with_the_time_of_reading(
    outside: Outside, spreadsheet: Viewer
) -> None:
    imported(outside, spreadsheet, "--until", "2026-11-04", "--mode", "append")
    tab = "Aircall – Calls"
    header, *before = spreadsheet.rows(tab)
    spreadsheet.write(tab, "B2", [["edited by a person"]])

    status, report = imported(outside, spreadsheet, "--until", "2026-11-06", "--mode", "append")

    rows = spreadsheet.rows(tab)[1:]
    assert status == 0
    assert header[-1] == "Read at"
    assert rows[0][1] == "edited by a person"
    assert rows[1 : len(before)] == before[1:]
    assert [row[0] for row in rows].count(before[0][0]) == 2  # as it was found, and as it is
    assert len({row[0] for row in rows}) == len(rows) - 1
    assert report["rows_added"] == len(rows) - len(before) > 1
    assert (report["rows_updated"], report["rows_unchanged"]) == (0, len(before) - 1)


def test_newest_first_has_the_latest_call_on_top(outside: Outside, spreadsheet: Viewer) -> None:
    for until in ("2026-11-04", "2026-11-06"):
        imported(outside, spreadsheet, "--until", until, "--newest-first")

    header, *rows = spreadsheet.rows("Aircall – Calls")
    moments = [row[header.index("Started at")] for row in rows]
    assert len(moments) > 100
    assert moments == sorted(moments, reverse=True)


@pytest.mark.parametrize(
    ("arguments", "code", "status", "hint"),
    [
        (("--since", "tomorrow"), "invalid_request", 2, "YYYY-MM-DD"),
        (("--since", "2031-01-01"), "invalid_request", 2, "future"),
        (("--until", "2026-10-01"), "invalid_request", 2, "before the start"),
        (("--spreadsheet", "no-such-file"), "spreadsheet_not_found", 1, "id"),
    ],
)
def test_bad_input_ends_in_one_sentence_and_writes_nothing(
    outside: Outside,
    spreadsheet: Viewer,
    arguments: tuple[str, ...],
    code: str,
    status: int,
    hint: str,
) -> None:
    exit_status, report = imported(outside, spreadsheet, *arguments)

    assert (exit_status, report["state"], report["error"]["code"]) == (status, "failed", code)
    assert hint in report["error"]["message"]
    assert set(spreadsheet.tabs()) == {"Sheet1"}


def test_an_unknown_entity_is_named_with_those_there_are(
    outside: Outside, spreadsheet: Viewer
) -> None:
    status, report, _ = run_import(
        settings_for(outside.addresses), "voicemails", "--spreadsheet", spreadsheet.spreadsheet_id
    )

    assert status == 2
    assert "calls" in report["error"]["message"]


def test_a_wrong_key_is_told_and_leaves_the_spreadsheet_alone(
    outside: Outside, spreadsheet: Viewer
) -> None:
    status, report = imported(outside, spreadsheet, AIRCALL_API_TOKEN="wrong-token")

    assert (status, report["error"]["code"]) == (1, "credentials_rejected")
    assert "wrong-token" not in json.dumps(report)
    assert set(spreadsheet.tabs()) == {"Sheet1"}


def test_without_access_the_account_to_share_with_is_named(
    outside: Outside,
) -> None:
    made = outside.google("POST", "/spreadsheets", {"title": "Private"}).json()
    viewer = Viewer(outside.addresses, made["id"])

    status, report = imported(outside, viewer)

    assert (status, report["error"]["code"]) == (1, "no_edit_access")
    assert ".iam.gserviceaccount.com" in report["error"]["message"]
    viewer.close()


def test_a_network_that_is_down_is_told(outside: Outside, spreadsheet: Viewer) -> None:
    dead = f"http://127.0.0.1:{free_port()}"

    status, report = imported(outside, spreadsheet, AIRCALL_API_URL=dead)

    assert (status, report["error"]["code"]) == (1, "source_unavailable")
    assert report["error"]["recovery"] == "retry_later"
    assert set(spreadsheet.tabs()) == {"Sheet1"}


@pytest.mark.parametrize(
    "setting", ["AIRCALL_API_TOKEN", "GOOGLE_SERVICE_ACCOUNT_FILE"], ids=["aircall", "google"]
)
def test_a_missing_setting_is_named(outside: Outside, spreadsheet: Viewer, setting: str) -> None:
    status, report = imported(outside, spreadsheet, **{setting: ""})

    assert (status, report["error"]["code"]) == (2, "config_error")
    assert setting in report["error"]["message"]


def test_plain_http_to_another_host_is_refused(outside: Outside, spreadsheet: Viewer) -> None:
    status, report = imported(outside, spreadsheet, AIRCALL_API_URL="http://aircall.example.com")

    assert status == 2
    assert "AIRCALL_API_URL" in report["error"]["message"]


def test_an_early_start_is_allowed_with_a_warning(outside: Outside, spreadsheet: Viewer) -> None:
    status, report = imported(
        outside, spreadsheet, "--since", "2025-01-01", "--until", "2026-10-10"
    )

    assert status == 0
    assert any("six months" in warning for warning in report["warnings"])


def undone(outside: Outside, viewer: Viewer) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "callsheet",
            "undo",
            "calls",
            "--spreadsheet",
            viewer.spreadsheet_id,
        ],
        env=settings_for(outside.addresses),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_replacing_import_is_taken_back(outside: Outside, spreadsheet: Viewer) -> None:
    imported(outside, spreadsheet, "--until", "2026-11-20", "--mode", "replace")
    before = spreadsheet.rows("Aircall – Calls")
    imported(outside, spreadsheet, "--until", "2026-11-03", "--mode", "replace")
    assert len(spreadsheet.rows("Aircall – Calls")) < len(before)

    done = undone(outside, spreadsheet)

    assert (done.returncode, done.stderr) == (0, "")
    assert f"has its {len(before) - 1:,} records from before the import of" in done.stdout
    assert spreadsheet.rows("Aircall – Calls") == before
    again = undone(outside, spreadsheet)
    assert again.returncode == 1
    assert "There is nothing to go back to" in again.stderr
