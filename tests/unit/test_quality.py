"""The quality card counts what is odd, and says it in plain words."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest

from callsheet.aircall.reading import Tally
from callsheet.catalogue import CALLS
from callsheet.quality import Quality, QualityCounter, sentences

KNOWN = {
    "direction": frozenset({"inbound", "outbound"}),
    "status": frozenset({"initial", "answered", "done"}),
    "missed_call_reason": frozenset({"agents_did_not_answer"}),
}
WATCHED = replace(CALLS, known_values=KNOWN)
TALLY = Tally(received=10, duplicates=1, without_id=2, missing=3, total=15)


def call(**changes: Any) -> dict[str, Any]:
    record = {
        "id": 1,
        "direction": "inbound",
        "status": "done",
        "missed_call_reason": None,
        "started_at": 1_794_834_131,
        "answered_at": 1_794_834_140,
        "ended_at": 1_794_834_382,
        "raw_digits": "+1 202-555-0143",
        "user": {"id": 7, "name": "Amara"},
        "number": {"id": 5, "name": "Support", "country": "US"},
        "teams": [{"id": 3, "name": "Blue"}],
    }
    return record | changes


def card(*records: dict[str, Any], roster: Any = None) -> Quality:
    counter = QualityCounter(WATCHED, roster)
    for record in records:
        counter.see(record)
    return counter.card(TALLY)


def test_the_reader_s_counts_are_on_the_card() -> None:
    quality = card()

    assert (quality.received, quality.total, quality.duplicates) == (10, 15, 1)
    assert (quality.without_id, quality.missing) == (2, 3)


def test_a_usual_call_has_nothing_odd() -> None:
    assert card(call()) == Quality(10, 15, 1, 2, 3)


@pytest.mark.parametrize(
    ("record", "field"),
    [
        (call(user=None), "without_agent"),
        (call(number=None), "without_line"),
        (call(ended_at=1_794_834_130), "ended_before_started"),
        (call(direction="sideways"), "unknown_values"),
        (call(missed_call_reason="moon_phase"), "unknown_values"),
        (call(status=["done"]), "unknown_values"),
        (call(raw_digits="call me"), "odd_numbers"),
    ],
)
def test_what_is_odd_is_counted_once(record: dict[str, Any], field: str) -> None:
    quality = card(call(), record)

    assert getattr(quality, field) == 1
    assert quality == Quality(10, 15, 1, 2, 3, **{field: 1})


def test_a_missed_call_needs_no_agent_and_an_outbound_one_no_team() -> None:
    quality = card(
        call(),
        call(user=None, answered_at=None),
        call(direction="outbound", teams=[]),
        call(raw_digits="anonymous"),
    )

    assert quality == Quality(10, 15, 1, 2, 3)


def test_missing_teams_count_only_where_teams_are_in_use() -> None:
    assert card(call(teams=[]), call(teams=[])).without_team == 0
    assert card(call(teams=[]), call()).without_team == 1


def test_agents_are_compared_with_a_roster_when_there_is_one() -> None:
    records = [call(), call(), call(user={"id": 8})]

    assert card(*records).agents_not_in_roster is None
    assert card(*records, roster=[7]).agents_not_in_roster == 1
    assert card(*records, roster=["7", "8"]).agents_not_in_roster == 0


def test_hostile_records_break_nothing() -> None:
    counter = QualityCounter(WATCHED, [1])
    for record in ({}, {"user": {"id": []}, "raw_digits": 3, "country_code_a2": {}}, call(teams=5)):
        counter.see(record)
    counter.see(call(country_code_a2=["US"], raw_digits="202-555-0143"))

    assert counter.card(TALLY).received == 10


def test_plain_words() -> None:
    assert sentences(Quality(1702, 1702)) == ["1,702 received of 1,702", "nothing odd"]
    assert sentences(Quality(1700, 1702, missing=2, without_agent=3)) == [
        "1,700 received of 1,702",
        "2 that Aircall counts did not come",
        "3 answered without an agent",
    ]


def test_a_card_holds_counts_only() -> None:
    quality = card(call(), call(direction="sideways"), roster=[1])

    values = [getattr(quality, name) for name in Quality.__slots__]
    assert all(value is None or isinstance(value, int) for value in values)


def test_looking_costs_little() -> None:
    """A million records must not add a minute: 20 µs a record is far above what is measured."""
    counter = QualityCounter(WATCHED)
    record = call()
    began = time.process_time()
    for _ in range(20_000):
        counter.see(record)

    assert time.process_time() - began < 0.4
