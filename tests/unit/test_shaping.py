"""Options shape an entity: layout, columns and headers, privacy."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callsheet.catalogue import CALLS, ENTITIES
from callsheet.entity import Column, Entity, Private, ReadContext, Reading
from callsheet.errors import InvalidRequest
from callsheet.options import ColumnChoice, Filters, FlowOptions
from callsheet.shaping import check_options, mask, presets, shape

CONTEXT = ReadContext(ZoneInfo("Etc/UTC"))


def field(key: str, private: Private = Private.NO) -> Column:
    return Column(key, key.title(), lambda record, _: record.get(key), private=private)


MEMBERS = Entity(
    name="people",
    label="People",
    help="",
    path="/people",
    records_key="people",
    columns=(field("id"), field("team")),
    reading=Reading.LIST,
)
PEOPLE = replace(
    MEMBERS,
    columns=(
        field("id"),
        field("city"),
        field("name", Private.LEAVE_OUT),
        field("phone", Private.MASK),
    ),
    layouts={"memberships": MEMBERS},
)
RECORD: dict[str, Any] = {"id": "1", "city": "Lyon", "name": "Ada", "phone": "+33 6 12 34 56 78"}


def keys(entity: Entity) -> list[str]:
    return [column.key for column in entity.columns]


def refused(options: FlowOptions, entity: Entity = PEOPLE) -> str:
    with pytest.raises(InvalidRequest) as error:
        check_options(entity, options)
    return error.value.user_message


def choice(*names: str) -> tuple[ColumnChoice, ...]:
    return tuple(ColumnChoice(name) for name in names)


def test_without_options_the_entity_is_the_same() -> None:
    assert shape(PEOPLE, FlowOptions()) is PEOPLE


def test_columns_come_in_the_chosen_order_with_the_primary_key_first() -> None:
    shaped = shape(PEOPLE, FlowOptions(columns=choice("phone", "city")))

    assert keys(shaped) == ["id", "phone", "city"]
    assert shaped.row(RECORD, CONTEXT) == ["1", "+33 6 12 34 56 78", "Lyon"]
    assert keys(shape(PEOPLE, FlowOptions(columns=choice("city", "id")))) == ["id", "city"]


def test_a_header_of_one_s_own_changes_nothing_else() -> None:
    options = FlowOptions(columns=(ColumnChoice("id", " Our  number "), ColumnChoice("city")))

    first, second = shape(PEOPLE, options).columns

    assert (first.key, first.header, second.header) == ("id", "Our number", "City")


def test_privacy_masks_numbers_and_leaves_names_out_even_when_chosen() -> None:
    options = FlowOptions(columns=choice("name", "phone", "city"), privacy=True)

    shaped = shape(PEOPLE, options)

    assert keys(shaped) == ["id", "phone", "city"]
    assert shaped.row(RECORD, CONTEXT) == ["1", "••• 5678", "Lyon"]
    assert shaped.row({"id": "2"}, CONTEXT) == ["2", None, None]


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("+1 202-555-0143", "••• 0143"),
        ("+12025550143, +12025550144", "••• 0143, ••• 0144"),
        ("+12025550143\n+12025550144", "••• 0143\n••• 0144"),
        ("anonymous", "anonymous"),
        ("", ""),
        ("112", "•••"),
        ("call me", "•••"),
    ],
)
def test_a_masked_number_shows_four_digits_at_most(text: str, masked: str) -> None:
    assert mask(text) == masked


@given(st.text(alphabet="+-() .0123456789", max_size=30))
def test_no_number_shows_more_than_four_digits(text: str) -> None:
    assert sum(c.isdigit() for c in mask(text)) <= 4


def test_a_layout_is_another_table() -> None:
    assert shape(PEOPLE, FlowOptions(layout="memberships")) is MEMBERS
    assert "Choose one of: memberships" in refused(FlowOptions(layout="wide"))
    assert "Leave it out" in refused(FlowOptions(layout="wide"), MEMBERS)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (FlowOptions(columns=choice("colour")), "Choose from: id, city, name, phone"),
        (FlowOptions(columns=choice("city", "city")), "chosen twice"),
        (FlowOptions(columns=(ColumnChoice("city", "Name"), ColumnChoice("name"))), "Two columns"),
        (FlowOptions(columns=(ColumnChoice("city", " "),)), "1 to 100 characters"),
        (FlowOptions(filters=Filters(direction="inbound")), "Only calls"),
        (FlowOptions(rolling_days=90), "no start date"),
        (FlowOptions(look_back_hours=0), "look-back has to be 1 to"),
        (FlowOptions(deep_look_back_days=61), "1 to 60 days"),
    ],
)
def test_options_that_make_no_sense_are_refused(options: FlowOptions, sentence: str) -> None:
    assert sentence in refused(options)


def test_calls_may_roll_and_be_filtered() -> None:
    options = FlowOptions(Filters(direction=" Inbound"), rolling_days=90)

    kept = check_options(CALLS, options)

    assert kept == replace(options, filters=Filters(direction="inbound"))
    assert "1 to 3,650 days" in refused(FlowOptions(rolling_days=0), CALLS)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (FlowOptions(archive_months=0), "archive has to be 1 to 120 months"),
        (FlowOptions(archive_months=3, rolling_days=90), "do not go together"),
        (FlowOptions(archive_months=3, columns=choice("agent")), "needs the column “Started at”"),
    ],
)
def test_an_archive_needs_dates_and_no_rolling_window(options: FlowOptions, sentence: str) -> None:
    assert sentence in refused(options, CALLS)
    assert "none of them grow old" in refused(FlowOptions(archive_months=3))
    assert check_options(CALLS, FlowOptions(archive_months=3)).archive_months == 3


@pytest.mark.parametrize("entity", ENTITIES.values(), ids=lambda entity: entity.name)
def test_every_preset_can_be_chosen(entity: Entity) -> None:
    for name, columns in presets(entity).items():
        shaped = shape(entity, FlowOptions(columns=choice(*columns), privacy=name == "private"))

        assert keys(shaped) == list(columns)
        assert columns[0] == entity.primary_key.key


def test_the_private_preset_has_nothing_private() -> None:
    assert presets(PEOPLE)["private"] == ("id", "city")
    assert set(presets(CALLS)) >= {"all", "essential"}
