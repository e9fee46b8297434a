"""Flows as a file: what is read, what is written, and what is wrong in words, with its line."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import time
from pathlib import Path

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from callsheet.catalogue import ENTITIES
from callsheet.data_flow import WriteMode
from callsheet.errors import InvalidRequest
from callsheet.filtering import DIRECTIONS, OUTCOMES
from callsheet.flows.file import read_flows, write_flows
from callsheet.flows.lined_yaml import LONGEST, read_yaml
from callsheet.flows.options import OptionsModel, merged
from callsheet.options import ArchiveBy, ColumnChoice, Filters, FlowOptions, WhenGone
from callsheet.schedule import Cadence, Schedule, Weekday, WorkingHours
from callsheet.shaping import check_options
from tests.builders import a_data_flow


def refusal(text: str) -> str:
    with pytest.raises(InvalidRequest) as caught:
        read_flows(text)
    return caught.value.user_message


def test_what_differs_from_the_defaults_is_written_for_people() -> None:
    calls = a_data_flow(
        name="support",
        label="Support: “hot”",
        since="2026-11-01",
        schedule=Schedule(
            Cadence.HOURLY, days=(Weekday.MONDAY,), hours=WorkingHours(time(8), time(18, 30))
        ),
        write_mode=WriteMode.APPEND,
        tab_title="Support",
        is_paused=True,
        options=FlowOptions(
            filters=Filters(teams=("Support", "no", "007")),
            columns=(ColumnChoice("id"), ColumnChoice("started_at", "Began")),
            privacy=True,
        ),
    )
    users = a_data_flow(name="users", entity="users", since=None, schedule=Schedule())

    text = write_flows([users, calls], ENTITIES)

    assert text.split("\n", 1)[1] == (
        "version: 1\n"
        "flows:\n"
        "  support:\n"
        "    entity: calls\n"
        "    label: 'Support: “hot”'\n"
        "    since: 2026-11-01\n"
        "    schedule:\n"
        "      cadence: hourly\n"
        "      days:\n"
        "      - monday\n"
        "      hours:\n"
        "        start: 08:00\n"
        "        end: '18:30'\n"
        "    paused: true\n"
        "    tab: Support\n"
        "    write_mode: append\n"
        "    filters:\n"
        "      teams:\n"
        "      - Support\n"
        "      - 'no'\n"
        "      - '007'\n"
        "    columns:\n"
        "    - id\n"
        "    - started_at: Began\n"
        "    privacy: true\n"
        "  users:\n"
        "    entity: users\n"
        "    schedule: 'off'\n"
    )
    entry = read_flows(text).entries["support"]
    assert entry.options().filters.teams == ["Support", "no", "007"]
    assert entry.schedule is not None
    assert entry.schedule.value() == calls.schedule


def test_no_secret_and_no_id_is_written() -> None:
    text = write_flows([a_data_flow(id="f" * 24, connection_id="c" * 24)], ENTITIES)

    assert "f" * 24 not in text
    assert "c" * 24 not in text
    assert "sheet-1" not in text


def test_the_order_is_the_catalogues_then_by_name() -> None:
    flows = [
        a_data_flow(name=name, entity=entity)
        for name, entity in [("b", "users"), ("z", "calls"), ("a", "calls")]
    ]

    assert write_flows(flows, ENTITIES) == write_flows(reversed(flows), ENTITIES)
    assert list(read_flows(write_flows(flows, ENTITIES)).entries) == ["a", "z", "b"]


def test_every_option_survives() -> None:
    """Regression: newest first and the archive were written but not read."""
    options = FlowOptions(
        filters=Filters("inbound", ("missed",), ("Sales",), ("Support",), ("Ada",), ("VIP",)),
        columns=(ColumnChoice("id"), ColumnChoice("started_at", "Began")),
        layout="another",
        privacy=True,
        rolling_days=30,
        when_rolled_out=WhenGone.REMOVE,
        when_gone=WhenGone.KEEP,
        look_back_hours=48,
        deep_look_back_days=14,
        newest_first=True,
        archive_months=3,
        archive_by=ArchiveBy.YEAR,
    )
    usual = FlowOptions()
    assert not [f.name for f in fields(usual) if getattr(options, f.name) == getattr(usual, f.name)]

    text = write_flows([a_data_flow(options=options)], ENTITIES)

    read = read_flows(text).entries["calls"].options()
    assert read == OptionsModel.model_validate(options)


TEXT = st.characters(exclude_categories=("Cs", "Cc"))  # surrogates and control characters


@settings(max_examples=60)
@given(
    names=st.lists(st.text(TEXT, min_size=1, max_size=30).filter(str.strip), max_size=4),
    header=st.text(TEXT, min_size=1, max_size=20).filter(str.strip),
)
def test_any_text_survives(names: list[str], header: str) -> None:
    options = FlowOptions(filters=Filters(tags=tuple(names)), columns=(ColumnChoice("id", header),))

    text = write_flows([replace(a_data_flow(), options=options)], ENTITIES)

    read = read_flows(text).entries["calls"].options()
    assert read.filters.tags == [name.strip() for name in names]
    assert read.columns[0].header == header.strip()


@settings(max_examples=60)
@given(
    st.builds(
        FlowOptions,
        filters=st.builds(
            Filters,
            direction=st.sampled_from([None, *DIRECTIONS]),
            outcomes=st.lists(st.sampled_from(OUTCOMES), unique=True).map(tuple),
        ),
        columns=st.sampled_from([(), (ColumnChoice("id"), ColumnChoice("started_at", "Began"))]),
        privacy=st.booleans(),
        rolling_days=st.none() | st.integers(1, 365),
        when_rolled_out=st.sampled_from([WhenGone.KEEP, WhenGone.REMOVE]),
        when_gone=st.sampled_from(WhenGone),
        look_back_hours=st.integers(1, 168),
        deep_look_back_days=st.integers(1, 30),
        newest_first=st.booleans(),
        archive_months=st.none() | st.integers(1, 24),
        archive_by=st.sampled_from(ArchiveBy),
    )
)
def test_every_choice_comes_back_from_the_file(options: FlowOptions) -> None:
    try:
        chosen = check_options(ENTITIES["calls"], options)
    except InvalidRequest:  # choices that exclude each other are not kept in any flow
        reject()

    text = write_flows([a_data_flow(options=chosen)], ENTITIES)

    entry = read_flows(text).entries["calls"]
    assert merged(ENTITIES["calls"], FlowOptions(), entry.options()) == chosen


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Line 1: the file has to begin with “flows:”"),
        ("- calls", "Line 1: the file has to begin with “flows:”"),
        ("flows:\n  calls", "Line 1: “flows:” has to hold flows by name"),
        ("flows:\n  calls: often", "Line 2: the flow “calls” needs a mapping of its fields"),
        ("flows:\n  a:\n    since: x", "Line 2, flow “a”: The entity is missing."),
        ("flow: 1\nflows: {}", "Line 1: The field flow is not known here. Leave it out."),
        ("version: 2\nflows: {}", "Line 1: This version of Callsheet reads “version: 1”."),
        ("flows:\n  a:\n    entity: calls\n   b: 1", "Line 4: this is not YAML"),
        ("flows:\n  a: {entity: calls}\n  a: {entity: users}", "Line 3: “a” stands here twice."),
        ("flows: &x {}\n", "Line 1: anchors (& and *) are not known here."),
        ("flows:\n  a: *x\n", "anchors"),
        ("flows: {}\n---\nflows: {}", "Line 2: a second document begins."),
        ("flows: " + "[" * 5000, "nested too deeply"),
        ("flows:\n  ? [a]\n  : 1", "Line 2: a name has to stand before the colon."),
        ("a: \x00", "not text that YAML allows"),
        ("x" * (LONGEST + 1), "too large. Keep it under 64 KB"),
        (
            "flows:\n  a:\n    entity: calls\n    paused: maybe",
            "Line 4, flow “a”: The paused has to be true or false.",
        ),
        (
            "flows:\n  a:\n    entity: calls\n    schedule:\n      cadence: daily\n      at: noon",
            "Line 6, flow “a”: The time of day is not in the expected form.",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, sentence: str) -> None:
    assert sentence in refusal(text)


def test_all_problems_are_said_at_once_in_their_order() -> None:
    lines = refusal(
        "flows:\n"
        "  a:\n"
        "    entity: calls\n"
        "    rolling_days: ten\n"
        "    colour: red\n"
        "  b:\n"
        "    entity: users\n"
        "    schedule: often\n"
    ).splitlines()

    assert [line.split(":")[0] for line in lines] == [
        "Line 4, flow “a”",
        "Line 5, flow “a”",
        "Line 8, flow “b”",
    ]


def test_values_stay_text_for_whoever_knows_their_kind() -> None:
    read = read_yaml("a: no\nb: 06:30\nc: 12:30\nd: 2026-11-01\ne: ~\nf: ''\ng: 0x1F").value

    assert read == {
        "a": "no",
        "b": "06:30",
        "c": "12:30",
        "d": "2026-11-01",
        "e": None,
        "f": "",
        "g": "0x1F",
    }


def test_the_example_of_the_readme_can_be_applied() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    example = readme.split("```yaml\n")[1].split("```")[0]

    entries = read_flows(example).entries

    assert set(entries) == {"calls-support", "users"}
    for entry in entries.values():
        assert merged(ENTITIES[entry.entity], FlowOptions(), entry.options())
    schedule = entries["calls-support"].schedule
    assert schedule is not None
    assert schedule.value().hours == WorkingHours(time(8), time(18))
