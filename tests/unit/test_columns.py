"""Readers that any entity may use, and the invented samples to the rows that we expect."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callsheet.catalogue import ENTITIES
from callsheet.columns import field, instant, iso_moment, moment, to_e164
from callsheet.entity import Kind, ReadContext, Value
from callsheet.sheets.cells import encode

SAMPLES = Path(__file__).parents[1] / "data/aircall"
CONTEXT = ReadContext(ZoneInfo("Europe/London"))


def rows(name: str, file: str, layout: str | None = None) -> dict[str, dict[str, Value]]:
    """The rows of a sample by their first cell, without empty cells."""
    entity = ENTITIES[name]
    found = json.loads((SAMPLES / file).read_text())[entity.records_key]
    table = entity if layout is None else (entity.layouts or {})[layout]
    keys = [column.key for column in table.columns]
    made = [
        row
        for record in (found if isinstance(found, list) else [found])
        for row in table.rows(record, CONTEXT)
    ]
    return {
        str(row[0]): {k: v for k, v in zip(keys, row, strict=True) if v is not None} for row in made
    }


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_the_company() -> None:
    assert rows("companies", "company.json") == {
        "Lantern & Loom Ltd": {"name": "Lantern & Loom Ltd", "users_count": 7, "numbers_count": 4}
    }


def test_a_contact_with_several_numbers_and_addresses() -> None:
    assert rows("contacts", "contacts.json")["521880205"] == {
        "id": "521880205",
        "name": "Marsh Hotel\nReception",
        "first_name": "Marsh",
        "last_name": "Hotel\nReception",
        "company": "Marsh Hotel",
        "phone": "+442079460777",
        "phones": "+442079460777, +442079460778",
        "email": "reception@example.com",
        "emails": "reception@example.com, billing@example.com",
        "information": "Prefers mornings.\nAsk for Joss.",
        "created_at": datetime.fromtimestamp(1789028720, UTC),
        "updated_at": datetime.fromtimestamp(1789028720, UTC),
    }


def test_a_contact_with_next_to_nothing() -> None:
    assert set(rows("contacts", "contacts.json")["521880251"]) == {
        "id",
        "name",
        "first_name",
        "created_at",
        "updated_at",
    }


def test_a_phone_number_that_is_none_stays_as_it_is() -> None:
    record = {"id": 1, "phone_numbers": [{"value": "ext. 12"}, {"value": None}, "x"]}
    row = dict(
        zip(
            (column.key for column in ENTITIES["contacts"].columns),
            ENTITIES["contacts"].row(record, CONTEXT),
            strict=True,
        )
    )

    assert (row["phone"], row["phones"]) == ("ext. 12", "ext. 12")


def test_a_number() -> None:
    assert rows("numbers", "numbers.json")["1402238"] == {
        "id": "1402238",
        "name": "=Promo line",
        "digits": "+1 202-555-0188",
        "e164": "+12025550188",
        "country": "US",
        "time_zone": "America/Chicago",
        "availability_status": "closed",
        "recorded": False,
        "priority": 0,
        "greetings": "waiting, closed, callback later, unanswered call",
        "created_at": utc("2026-07-09T18:22:40"),
    }


def test_a_tag() -> None:
    assert rows("tags", "tags.json")["3071842"] == {
        "id": "3071842",
        "name": "Conference",
        "color": "#000000",
        "description": "conference",
    }


def test_a_user() -> None:
    assert rows("users", "users_v2.json")["2104501"] == {
        "id": "2104501",
        "name": "Amara Whitfield",
        "email": "amara.whitfield@example.com",
        "available": True,
        "availability_status": "available",
        "substatus": "always_opened",
        "extension": "001",
        "language": "en-US",
        "time_zone": "America/New_York",
        "wrap_up_s": 15,
        "default_number_id": "1402231",
        "created_at": utc("2026-03-02T09:14:51"),
    }


def test_a_user_of_the_older_list_lacks_two_fields() -> None:
    older = rows("users", "users_v1.json")["2104501"]

    assert rows("users", "users_v2.json")["2104501"].items() - older.items() == {
        ("substatus", "always_opened"),
        ("default_number_id", "1402231"),
    }


def test_teams_and_their_memberships() -> None:
    teams = rows("teams", "teams.json")
    members = rows("teams", "teams.json", "memberships")

    assert teams["268127"] == {
        "id": "268127",
        "name": "Pilot",
        "members_count": 0,
        "created_at": utc("2026-11-02T16:10:00"),
    }
    assert len(members) == sum(int(str(team["members_count"])) for team in teams.values())
    for key, member in members.items():
        assert key == f"{member['team_id']}-{member['user_id']}"
        team = teams[str(member["team_id"])]
        assert str(member["user"]) in str(team["members"])
        assert str(member["user_email"]) in str(team["member_emails"])


def test_an_availability() -> None:
    assert rows("user_availabilities", "users_availabilities.json")["2104501"] == {
        "id": "2104501",
        "status": "in_call",
    }


def test_a_webhook_without_its_token() -> None:
    assert rows("webhooks", "webhooks.json")["61840277"] == {
        "id": "61840277",
        "webhook_id": "22db48da-6347-4ebf-aa7b-b5ad8073485a",
        "url": "https://example.com/aircall/calls",
        "active": True,
        "events_count": 3,
        "events": "call.ended, call.tagged, call.commented",
        "created_at": datetime(2026, 10, 5, 9, 10, 11, 204000, tzinfo=UTC),
    }


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2025-11-21T16:58:07Z", utc("2025-11-21T16:58:07")),
        ("2025-11-21T17:58:07+01:00", utc("2025-11-21T16:58:07")),
        ("2025-11-21T16:58:07", utc("2025-11-21T16:58:07")),
        (1763744287, utc("2025-11-21T16:58:07")),
        ("yesterday", None),
        (None, None),
        (float("nan"), None),
        (10**20, None),
    ],
)
def test_moments_in_any_form(value: Any, expected: datetime | None) -> None:
    assert iso_moment("at")({"at": value}, CONTEXT) == expected


@pytest.mark.parametrize("value", ["noon", None, [], float("inf"), 10**20])
def test_what_is_no_moment_gives_nothing(value: Any) -> None:
    assert instant(value) is None
    assert moment("at")({"at": value}, CONTEXT) is None


def test_a_field_that_is_too_deep_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="deeper"):
        field("a.b.c")


def library_says(raw: str, country: str | None) -> str | None:
    """The number in E.164 without any shortcut of ours."""
    try:
        number = phonenumbers.parse(raw, None if raw.lstrip().startswith("+") else country)
    except phonenumbers.NumberParseException:
        return None
    reason = phonenumbers.is_possible_number_with_reason(number)
    if reason != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@given(
    st.from_regex(r"\+(1|33|44|49|39)[ -]?[0-9]{1,4}[ -]?[0-9]{2,5}[ -]?[0-9]{2,5}", fullmatch=True)
    | st.from_regex(r"\+(1|33|44)[0-9]{7,12}", fullmatch=True)
    | st.text(alphabet="+0123456789 -()#x٣", max_size=18)
)
def test_the_shortcut_for_regular_numbers_agrees_with_the_library(raw: str) -> None:
    assert to_e164(raw, "GB") == library_says(raw, "GB")


@pytest.mark.parametrize("raw", ["112", "17", "1001", "+3311", "+1 911", "+33 1 23 45 67 89 01"])
def test_what_nobody_could_dial_from_abroad_is_no_number(raw: str) -> None:
    assert to_e164(raw, "FR") is None


FAR = [0, 253402300799, -62135596800, -1, 253370764799, 253370764800, 10**15]


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Midway", "Europe/Paris"])
def test_a_moment_has_a_cell_in_every_zone_or_is_empty(zone: str) -> None:
    here = ReadContext(ZoneInfo(zone))
    texts = ["0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00", "9999-12-31", "1969-07-20"]
    for at in (*FAR, *map(float, FAR), *texts):
        for value in (moment("at")({"at": at}, here), iso_moment("at")({"at": at}, here)):
            cell = encode(value, Kind.DATE_TIME, here.zone).cell
            assert cell == "" or (isinstance(cell, float) and 25_568 <= cell < 2_958_102)
