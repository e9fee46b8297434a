"""Filters let through what a person means: names in any case, ids, one of several values."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from callsheet.catalogue import CALLS
from callsheet.errors import InvalidRequest
from callsheet.filtering import OUTCOMES, check_filters, matcher
from callsheet.options import Filters

CALL: dict[str, Any] = {
    "id": 1,
    "direction": "inbound",
    "status": "done",
    "answered_at": 1_794_834_140,
    "ended_at": 1_794_834_382,
    "user": {"id": 7, "name": "Amara Whitfield"},
    "number": {"id": 5, "name": "Support US"},
    "teams": [{"id": 3, "name": "Blue"}, {"id": 4, "name": "Night"}],
    "tags": [{"id": 9, "name": "VIP"}],
}
MISSED = CALL | {"answered_at": None, "user": None, "teams": [], "tags": []}


def let_through(filters: Filters, record: dict[str, Any]) -> bool:
    match = matcher(check_filters(CALLS, filters))
    assert match is not None
    return match(record)


def test_no_filter_needs_no_question() -> None:
    assert matcher(check_filters(CALLS, Filters(direction=" ", tags=("", " ")))) is None


@pytest.mark.parametrize(
    "filters",
    [
        Filters(direction="Inbound"),
        Filters(outcomes=("missed", "Answered")),
        Filters(lines=("support us",)),
        Filters(lines=("5",)),
        Filters(teams=("NIGHT",)),
        Filters(agents=(" amara whitfield ",)),
        Filters(agents=("someone else", "7")),
        Filters(tags=("vip",)),
        Filters(direction="inbound", outcomes=("answered",), tags=("9",)),
    ],
)
def test_the_answered_call_passes_and_the_missed_one_of_nobody_does_not(filters: Filters) -> None:
    assert let_through(filters, CALL)
    if filters.agents or filters.teams or filters.tags:
        assert not let_through(filters, MISSED)


@pytest.mark.parametrize(
    "filters",
    [
        Filters(direction="outbound"),
        Filters(outcomes=("missed", "voicemail")),
        Filters(lines=("Support",)),
        Filters(teams=("Red",)),
        Filters(agents=("70",)),
        Filters(tags=("VIPs",)),
        Filters(direction="inbound", tags=("other",)),
    ],
)
def test_others_are_kept_out(filters: Filters) -> None:
    assert not let_through(filters, CALL)


def test_a_record_without_the_fields_is_kept_out_and_breaks_nothing() -> None:
    for filters in (Filters(lines=("a",)), Filters(teams=("a",)), Filters(direction="inbound")):
        assert not let_through(filters, {})
        assert not let_through(filters, {"number": 3, "teams": ["a", None], "direction": []})
    assert not let_through(Filters(tags=("None",)), CALL | {"tags": [None]})


def test_every_outcome_can_be_chosen() -> None:
    assert check_filters(CALLS, Filters(outcomes=OUTCOMES)).outcomes == OUTCOMES


def test_values_are_kept_trimmed_and_once() -> None:
    kept = check_filters(CALLS, Filters(lines=(" A ", "A", "", "b")))

    assert kept == Filters(lines=("A", "b"))


@pytest.mark.parametrize(
    ("filters", "sentence"),
    [
        (Filters(direction="both"), "inbound or outbound"),
        (Filters(outcomes=("lost",)), "no outcome “lost”. Choose from: answered"),
        (Filters(tags=("x" * 201,)), "too long"),
        (Filters(tags=tuple(str(n) for n in range(101))), "too many tags"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(filters: Filters, sentence: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        check_filters(CALLS, filters)

    assert sentence in refused.value.user_message


def test_only_calls_can_be_filtered() -> None:
    tags = replace(CALLS, name="tags", label="Tags")
    assert check_filters(tags, Filters()) == Filters()

    with pytest.raises(InvalidRequest, match="Only calls"):
        check_filters(tags, Filters(direction="inbound"))
