"""The invented samples of Calls, to the rows that we expect."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from callsheet.call_columns import to_e164
from callsheet.catalogue import CALLS
from callsheet.entity import ReadContext, Value

SAMPLES = json.loads((Path(__file__).parents[1] / "data/aircall/calls.json").read_text())
BY_ID = {record["id"]: record for record in SAMPLES["calls"]}
LONDON = ReadContext(ZoneInfo("Europe/London"))


def cells(record: dict[str, Any], context: ReadContext = LONDON) -> dict[str, Value]:
    return dict(zip((c.key for c in CALLS.columns), CALLS.row(record, context), strict=True))


@pytest.mark.parametrize(
    ("call_id", "outcome"),
    [
        (4310220117, "answered"),
        (4310231984, "answered"),
        (4310240405, "missed"),  # out_of_opening_hours
        (4310247733, "abandoned"),  # short_abandoned
        (4310251012, "abandoned"),  # abandoned_in_ivr
        (4310258846, "abandoned"),  # abandoned_in_classic
        (4310260390, "missed"),  # no_available_agent
        (4310266521, "missed"),  # agents_did_not_answer
        (4310271158, "voicemail"),
        (4310279900, "unanswered outbound"),
        (4310303388, "answered"),  # by a person who was deleted since
        (4310340025, "voicemail"),  # out of hours, with a message
        (4310346002, "in progress"),
        (4310346230, "in progress"),  # ringing
    ],
)
def test_outcome(call_id: int, outcome: str) -> None:
    assert cells(BY_ID[call_id])["outcome"] == outcome


def test_a_full_row() -> None:
    row = cells(BY_ID[4310297651])

    assert row == {
        "id": "4310297651",
        "direction": "inbound",
        "outcome": "answered",
        "missed_reason": None,
        "started_at": datetime.fromtimestamp(1794839391, UTC),
        "answered_at": datetime.fromtimestamp(1794839402, UTC),
        "ended_at": datetime.fromtimestamp(1794839696, UTC),
        "waiting_s": 11,
        "talking_s": 294,
        "total_s": 305,
        "agent": "Priya 🌻 Raman",
        "agent_email": "priya.raman@example.com",
        "line": "London desk ☎️",
        "line_number": "+44 20 7946 0018",
        "caller_number": "+44 20 7946 0777",
        "caller_number_e164": "+442079460777",
        "country": "GB",
        "contact": "Marsh Hotel\nReception",
        "company": "Marsh Hotel",
        "teams": "Support, Order changes, returns and everything else nobody else takes",
        "tags": "Refund, =Escalated, שירות לקוחות",
        "comments": "Refund agreed, 40 GBP.\nConfirm by mail.\n"
        '=HYPERLINK("https://example.com","open order")\nCustomer called back, see order 77102',
        "assigned_to": None,
        "transferred_by": None,
        "transferred_to": None,
        "archived": False,
        "cost_cents": 0.0,
        "media": "https://assets.aircall.io/calls/4310297651/recording",
        "local_date": date(2026, 11, 16),
        "local_hour": 14,
        "local_weekday": "Monday",
    }


def test_times_of_calls_that_nobody_answered() -> None:
    row = cells(BY_ID[4310240405])

    assert row["answered_at"] is None
    assert row["talking_s"] == 0
    assert row["waiting_s"] == row["total_s"]


def test_a_call_in_progress_has_no_times_yet() -> None:
    row = cells(BY_ID[4310346230])

    assert (row["ended_at"], row["waiting_s"], row["talking_s"], row["total_s"]) == (None,) * 4


def test_an_anonymous_caller_has_no_number() -> None:
    row = cells(BY_ID[4310284417])

    assert (row["caller_number"], row["caller_number_e164"]) == ("anonymous", None)


def test_the_agent_of_a_deleted_person_is_empty() -> None:
    assert cells(BY_ID[4310303388])["agent"] is None


def test_no_cell_holds_a_signed_address() -> None:
    for record in BY_ID.values():
        for value in cells(record).values():
            assert "X-Amz" not in str(value)


def test_the_day_is_that_of_the_spreadsheet() -> None:
    record = {
        **BY_ID[4310297651],
        "started_at": int(datetime(2026, 11, 1, 2, tzinfo=UTC).timestamp()),
    }

    assert cells(record)["local_date"] == date(2026, 11, 1)
    assert cells(record, ReadContext(ZoneInfo("America/New_York")))["local_date"] == (
        date(2026, 10, 31)
    )


@pytest.mark.parametrize(
    "strange",
    [
        {"id": 1},
        {"id": 1, "user": "gone", "teams": None, "tags": ["x"], "contact": [], "cost": "free"},
        {"id": 1, "status": "newly_invented", "direction": "sideways", "started_at": "noon"},
    ],
)
def test_unknown_and_missing_fields_never_break_a_row(strange: dict[str, Any]) -> None:
    assert cells(strange)["id"] == "1"


@pytest.mark.parametrize(
    ("raw", "country", "expected"),
    [
        ("+1 202-555-0143", None, "+12025550143"),
        ("020 7946 0777", "GB", "+442079460777"),
        ("anonymous", "GB", None),
        ("020 7946 0777", None, None),
        ("+", None, None),
    ],
)
def test_numbers_in_e164(raw: str, country: str | None, expected: str | None) -> None:
    assert to_e164(raw, country) == expected
