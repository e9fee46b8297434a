"""Flows as a file through the API: shown, planned, applied, refused."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.integration

GOOD = {"api_id": "good-id", "api_token": "good-token-1234567890"}
FILE = """
flows:
  calls:
    entity: calls
    since: 2026-11-01
    schedule: hourly
  support:
    entity: calls
    rolling_days: 30
    tab: Support
    filters: {teams: [Support]}
"""


@pytest.fixture
def sidebar(editor: Any) -> Any:
    connected = editor()
    connected("POST", "/connections", GOOD)
    return connected


@pytest.fixture
def apply(sidebar: Any) -> Any:
    return lambda text, **more: sidebar("PUT", "/flows/file", {"yaml": text, **more})


def actions(answer: Any) -> dict[str, str]:
    assert answer.status_code == 200, answer.json
    return {step["name"]: step["action"] for step in answer.json["flows"]}


def names(sidebar: Any) -> list[str]:
    return [flow["name"] for flow in sidebar("GET", "/flows").json["flows"]]


def test_a_file_is_planned_applied_and_then_changes_nothing(sidebar: Any, apply: Any) -> None:
    planned = apply(FILE, dry_run=True)
    assert names(sidebar) == []

    applied = apply(FILE)
    again = apply(FILE)

    assert actions(planned) == actions(applied) == {"calls": "make", "support": "make"}
    assert actions(again) == {"calls": "keep", "support": "keep"}
    flows = sidebar("GET", "/flows").json["flows"]
    assert [flow["label"] for flow in flows] == ["Aircall – Calls", "Aircall – Calls – Support"]
    assert all(flow["active_run"] is not None for flow in flows)


def test_what_is_shown_is_what_can_be_applied_also_elsewhere(
    sidebar: Any, apply: Any, editor: Any
) -> None:
    apply(FILE)
    text = sidebar("GET", "/flows/file").json["yaml"]
    elsewhere = editor(body={"spreadsheet_id": "sheet-2"})
    elsewhere("POST", "/connections", GOOD)

    moved = elsewhere("PUT", "/flows/file", {"yaml": text})

    assert actions(apply(text)) == {"calls": "keep", "support": "keep"}
    assert actions(moved) == {"calls": "make", "support": "make"}
    assert elsewhere("GET", "/flows/file").json["yaml"] == text
    assert "good-token" not in text


def test_changes_are_told_field_by_field(sidebar: Any, apply: Any) -> None:
    apply(FILE)

    changed = apply(FILE.replace("hourly", "daily").replace("2026-11-01", "2026-10-01"))

    (calls,) = (step for step in changed.json["flows"] if step["name"] == "calls")
    assert calls["action"] == "change"
    assert calls["changes"]["since"] == {"before": "2026-11-01", "after": "2026-10-01"}
    assert calls["changes"]["schedule"]["before"] == "hourly"
    assert actions(apply(FILE)) == {"calls": "change", "support": "keep"}


def test_flows_that_are_not_in_the_file_stay_unless_pruned(sidebar: Any, apply: Any) -> None:
    apply(FILE)
    less = FILE.split("  support:")[0]

    kept = actions(apply(less))
    pruned = actions(apply(less, prune=True))

    assert kept == {"calls": "keep", "support": "leave"}
    assert pruned == {"calls": "keep", "support": "remove"}
    assert names(sidebar) == ["calls"]


def test_one_wrong_flow_and_nothing_is_applied(sidebar: Any, apply: Any) -> None:
    apply("flows:\n  taken: {entity: users, tab: Support}")
    wrong = FILE.replace("rolling_days: 30", "since: tomorrow") + (
        "  Bad Name: {entity: users}\n  c: {entity: faxes}\n  taken: {entity: tags}\n"
    )

    refused = apply(wrong)

    assert refused.status_code == 400
    lines = refused.json["error"]["message"].splitlines()
    assert [line.split(":")[0] for line in lines] == [
        "Line 7, flow “support”",
        "Line 12, flow “Bad Name”",
        "Line 13, flow “c”",
        "Line 14, flow “taken”",
    ]
    assert "not a date" in lines[0]
    assert names(sidebar) == ["taken"]


def test_two_flows_cannot_want_one_tab(sidebar: Any, apply: Any) -> None:
    refused = apply("flows:\n  a: {entity: users, tab: People}\n  b: {entity: teams, tab: people}")

    assert refused.status_code == 400
    assert "The tab “people” belongs to the import “a”" in refused.json["error"]["message"]
    assert names(sidebar) == []


def test_without_a_connection_a_file_says_to_connect(editor: Any) -> None:
    refused = editor()("PUT", "/flows/file", {"yaml": FILE})

    assert refused.status_code == 404
    assert refused.json["error"]["message"] == "Connect to Aircall first."


@pytest.mark.parametrize(
    ("text", "status", "sentence"),
    [
        ("flows:\n  a: {entity: users\n", 400, "Line 3: this is not YAML"),
        ("flows:\n  a:\n    entity: users\n    since: x\n    who: me\n", 400, "Line 5, flow “a”"),
        ("", 400, "Line 1: the file has to begin with “flows:”"),
        ("# ü\n" * 16_000 + "#" * 2_000, 400, "too large. Keep it under 64 KB"),
        ("#" * 400_000, 413, "too large"),
    ],
    ids=("no yaml", "unknown field", "empty", "long file", "long body"),
)
def test_what_is_wrong_in_a_file_is_told_with_its_line(
    apply: Any, text: str, status: int, sentence: str
) -> None:
    refused = apply(text, dry_run=True)

    assert refused.status_code == status
    assert sentence in refused.json["error"]["message"]
