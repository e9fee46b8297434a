"""`callsheet import NAME` for every entity and option, against both stand-ins over HTTP."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from callsheet.catalogue import ENTITIES
from tests.integration.conftest import Outside
from tests.integration.google import Viewer
from tests.integration.processes import run_import, settings_for

pytestmark = pytest.mark.integration

SINCE = "2026-11-10"
TRUTHS = {"companies": "company", "user_availabilities": "availabilities"}
KEYS = {"companies": "name"}


def imported(outside: Outside, viewer: Viewer, *arguments: str) -> dict[str, Any]:
    environment = settings_for(outside.addresses)
    status, report, errors = run_import(
        environment, *arguments, "--spreadsheet", viewer.spreadsheet_id
    )
    assert (status, report["error"]) == (0, None), errors
    return report


def there(outside: Outside, name: str) -> list[dict[str, Any]]:
    """What Aircall has of an entity without dates."""
    text = outside.aircall("GET", f"/truth/{TRUTHS.get(name, name)}").text
    return [json.loads(line) for line in text.split("\n") if line]


@pytest.mark.parametrize("name", [name for name in ENTITIES if name != "calls"])
def test_every_entity_arrives_exactly_once_and_again_nothing_is_added(
    outside: Outside, spreadsheet: Viewer, name: str
) -> None:
    report = imported(outside, spreadsheet, name, "--since", SINCE)

    header, *rows = spreadsheet.rows(ENTITIES[name].default_tab_title)
    key = KEYS.get(name, "id")
    assert sorted(str(row[0]) for row in rows) == sorted(
        str(record[key]) for record in there(outside, name)
    )
    assert header == [column.header for column in ENTITIES[name].columns]
    assert report["window"] is None
    assert report["rows_added"] == report["quality"]["received"] == len(rows)

    again = imported(outside, spreadsheet, name)

    assert (again["rows_added"], again["rows_removed"], again["tab"]) == (0, 0, report["tab"])


def test_no_token_of_a_webhook_reaches_the_tab(outside: Outside, spreadsheet: Viewer) -> None:
    imported(outside, spreadsheet, "webhooks")

    cells = str(spreadsheet.rows("Aircall – Webhooks"))
    tokens = [record["token"] for record in there(outside, "webhooks")]
    assert tokens
    assert not any(token in cells for token in tokens)


def test_a_deleted_tag_is_marked_or_removed_as_chosen(
    outside: Outside, spreadsheet: Viewer
) -> None:
    made = outside.aircall("POST", "/tags", {"name": "short-lived"}).json()
    tag = str(made["id"])
    imported(outside, spreadsheet, "tags")
    outside.aircall("DELETE", f"/tags/{tag}")

    marked = imported(outside, spreadsheet, "tags")

    header, *rows = spreadsheet.rows("Aircall – Tags")
    at = header.index("Removed at")
    gone = [row for row in rows if len(row) > at and row[at] != ""]
    assert [row[0] for row in gone] == [tag]
    assert marked["rows_removed"] == 1

    imported(outside, spreadsheet, "tags", "--when-gone", "remove")

    assert tag not in [row[0] for row in spreadsheet.rows("Aircall – Tags")]


def test_filters_let_only_their_calls_through_and_take_out_what_no_longer_fits(
    outside: Outside, spreadsheet: Viewer
) -> None:
    calls = ("calls", "--since", SINCE, "--tab", "Picked", "--columns", "essential")

    imported(outside, spreadsheet, *calls, "--outcome", "missed")
    header, *missed = spreadsheet.rows("Picked")
    second = imported(outside, spreadsheet, *calls, "--outcome", "voicemail")

    outcome = header.index("Outcome")
    assert {row[outcome] for row in missed} == {"missed"}
    rows = spreadsheet.rows("Picked")[1:]
    assert {row[outcome] for row in rows} == {"voicemail"}
    assert second["rows_removed"] == len(missed)
    assert header[0] == "Call ID"


def test_a_rolling_window_and_the_privacy_preset(outside: Outside, spreadsheet: Viewer) -> None:
    report = imported(outside, spreadsheet, "calls", "--rolling-days", "3", "--private")

    first = datetime.fromisoformat(report["window"]["from"])
    assert timedelta(days=3) <= datetime.now(UTC) - first < timedelta(days=4, hours=1)
    header, *rows = spreadsheet.rows("Aircall – Calls")
    assert not {"Contact", "Agent email", "Comments"} & set(header)
    numbers = [row[header.index("Caller number")] for row in rows]
    assert all(len([c for c in number if c.isdigit()]) <= 4 for number in numbers)


def test_a_team_may_have_a_row_for_each_member_in_a_tab_of_its_own(
    outside: Outside, spreadsheet: Viewer
) -> None:
    imported(outside, spreadsheet, "teams")
    imported(outside, spreadsheet, "teams", "--layout", "memberships")

    pairs = [
        f"{team['id']}-{user['id']}" for team in there(outside, "teams") for user in team["users"]
    ]
    rows = spreadsheet.rows("Aircall – Team members")[1:]
    assert sorted(row[0] for row in rows) == sorted(pairs)


def test_a_history_of_availabilities_grows_by_changes_only(
    outside: Outside, spreadsheet: Viewer
) -> None:
    history = ("user_availabilities", "--layout", "history")
    agents = len(there(outside, "user_availabilities"))
    first = imported(outside, spreadsheet, *history)
    time.sleep(2.1)  # intervals count whole seconds

    second = imported(outside, spreadsheet, *history)

    header, *rows = spreadsheet.rows("Aircall – User availability history")
    assert first["rows_added"] == agents
    assert len(rows) == agents + second["rows_added"]
    begins, ends, who = (header.index(name) for name in ("From", "To", "Agent ID"))
    by_agent: dict[str, list[list[Any]]] = {}
    for row in rows:
        by_agent.setdefault(row[who], []).append(row)
    for intervals in by_agent.values():
        intervals.sort(key=lambda row: row[begins])
        for earlier, later in pairwise(intervals):
            assert earlier[ends] == pytest.approx(later[begins], abs=1e-9)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("calls", "--layout", "history"), "no layout"),
        (("calls", "--columns", "id,nonsense"), "no column"),
        (("tags", "--rolling-days", "7"), "no start date"),
        (("users", "--direction", "inbound"), "Only calls can be filtered"),
        (("nonsense",), "no entity"),
    ],
    ids=["layout", "column", "rolling", "filter", "entity"],
)
def test_options_that_make_no_sense_end_in_one_sentence(
    outside: Outside, spreadsheet: Viewer, arguments: tuple[str, ...], words: str
) -> None:
    status, report, _ = run_import(
        settings_for(outside.addresses), *arguments, "--spreadsheet", spreadsheet.spreadsheet_id
    )

    assert status == 2
    assert words in report["error"]["message"]
    assert set(spreadsheet.tabs()) == {"Sheet1"}
