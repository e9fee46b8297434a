"""What flows are called, by themselves."""

from __future__ import annotations

import pytest

from callsheet.catalogue import CALLS, USERS
from callsheet.errors import InvalidRequest
from callsheet.flows.labels import (
    check_name,
    chosen_tab_title,
    free_name,
    label_of,
    usual_tab_title,
)
from tests.builders import a_data_flow


@pytest.mark.parametrize(
    ("tab", "label"),
    [
        (None, "Aircall – Calls"),
        ("Aircall – Calls", "Aircall – Calls"),
        ("aircall – calls", "aircall – calls"),
        ("Aircall – Calls (2)", "Aircall – Calls (2)"),
        ("Aircall – Calls – Support", "Aircall – Calls – Support"),
        ("Berlin", "Aircall – Calls – Berlin"),
        ("Calls", "Aircall – Calls – Calls"),
        ("Aircall – Callsheet", "Aircall – Calls – Aircall – Callsheet"),
    ],
)
def test_the_label_follows_the_tab_and_never_says_it_twice(tab: str | None, label: str) -> None:
    assert label_of(a_data_flow(tab_title=tab), CALLS) == label


def test_a_chosen_label_stays() -> None:
    assert label_of(a_data_flow(label="Mine", tab_title="Berlin"), CALLS) == "Mine"


def test_names_are_numbered_within_a_connection() -> None:
    assert free_name(CALLS, set()) == "calls"
    assert free_name(CALLS, {"calls", "calls-2"}) == "calls-3"
    assert check_name(free_name(USERS, {"users"}, "x" * 60))


@pytest.mark.parametrize("name", ["", "Calls", "calls--2", "-calls", "a b", "x" * 61, "café"])
def test_a_name_has_its_form(name: str) -> None:
    with pytest.raises(InvalidRequest, match="cannot be the name of a flow"):
        check_name(name)


def test_a_new_tab_gets_a_title_that_no_flow_has() -> None:
    others = [a_data_flow(tab_title="AIRCALL – calls"), a_data_flow(name="b", tab_title="Berlin")]

    assert usual_tab_title(CALLS, others) == "Aircall – Calls (2)"
    assert chosen_tab_title(" Paris ", others) == "Paris"
    with pytest.raises(InvalidRequest, match="belongs to the import “b”"):
        chosen_tab_title("berlin", others)
