"""`callsheet estimate` through the command line: one question to Aircall, nothing written."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.integration.conftest import Outside
from tests.integration.google import Viewer
from tests.integration.processes import ROOT, settings_for

pytestmark = pytest.mark.integration


def estimated(outside: Outside, *arguments: str, **settings: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "callsheet", "estimate", *arguments],
        env=settings_for(outside.addresses, **settings),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def as_json(outside: Outside, *arguments: str, **settings: str) -> dict[str, Any]:
    status, text, complaint = estimated(outside, *arguments, "--json", **settings)
    assert status == 0, complaint
    return dict(json.loads(text))


def asked(outside: Outside) -> list[Any]:
    return list(outside.aircall("GET", "/requests").json()["requests"])


def test_one_question_tells_rows_requests_minutes_and_cells(
    outside: Outside, spreadsheet: Viewer
) -> None:
    # Days in Paris: 31 October 23:00 UTC to 20 November 23:00 UTC
    expected = len(outside.truth(1793487599, 1795215599))
    outside.aircall("DELETE", "/requests")
    tabs = spreadsheet.tabs()

    found = as_json(
        outside,
        *("calls", "--since", "2026-11-01", "--until", "2026-11-20"),
        *("--spreadsheet", spreadsheet.spreadsheet_id),
    )

    assert found["rows"] == expected
    assert found["requests"] == 1 + -(-expected // 50)
    assert found["cells"] == (expected + 1) * found["columns"]
    assert found["cells_in_file"] == 1000 * 26
    assert found["warnings"] == []
    assert "of the spreadsheet’s 10 million cells" in found["summary"]
    assert len(asked(outside)) == 1
    assert spreadsheet.tabs() == tabs


def test_without_a_spreadsheet_the_days_are_utc_and_columns_count(outside: Outside) -> None:
    expected = len(outside.truth(1793491199, 1795219199))

    found = as_json(
        outside,
        *("calls", "--since", "2026-11-01", "--until", "2026-11-20"),
        *("--columns", "started_at=Began,agent"),
    )

    assert (found["rows"], found["columns"], found["cells_in_file"]) == (expected, 3, None)


def test_a_long_import_is_told_which_days_fit(outside: Outside) -> None:
    status, text, _ = estimated(
        outside, "calls", "--since", "2026-01-01", AIRCALL_REQUESTS_PER_MINUTE="5"
    )

    assert status == 0
    line, *notes = text.splitlines()
    assert line.startswith("About 3,000 calls, 61 requests, about 13 minutes, ")
    assert "last six months" in notes[0]
    assert "days would fit ten minutes" in notes[1]


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (("nonsense",), 2, "Choose one of: calls"),
        (("calls", "--since", "soon"), 2, "not a date"),
        (("calls", "--columns", "colour"), 2, "have no column “colour”"),
        (("calls", "--columns", "id,,agent"), 2, "Remove the comma"),
        (("calls", "--spreadsheet", "nowhere"), 1, "spreadsheet"),
    ],
)
def test_mistakes_end_as_those_of_import(
    outside: Outside, arguments: tuple[str, ...], status: int, sentence: str
) -> None:
    ended, _, complaint = estimated(outside, *arguments)
    also, text, _ = estimated(outside, *arguments, "--json")

    assert (ended, also) == (status, status)
    assert sentence in complaint
    assert sentence in json.loads(text)["error"]["message"]


def test_a_wrong_key_is_said(outside: Outside) -> None:
    status, _, complaint = estimated(outside, "calls", AIRCALL_API_TOKEN="wrong")

    assert status == 1
    assert complaint.startswith("callsheet: Aircall does not accept")
