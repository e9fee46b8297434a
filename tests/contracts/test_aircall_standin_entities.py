"""The Aircall stand-in's other nouns: shapes like the samples, and the quirks of each."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from sandbox.aircall.clock import WorldClock
from sandbox.aircall.server import AircallStandIn

NOW = 1_795_000_000
SAMPLES = Path(__file__).parents[1] / "data" / "aircall"
FICTION = re.compile(
    r"\+(1\d{3}55501\d\d|442079460\d{3}|447700900\d{3}|3319900\d{4}|3363998\d{4}"
    r"|493023125\d{3}|6125550\d{4})"
)


@pytest.fixture(scope="module")
def still() -> AircallStandIn:
    return fresh()


@pytest.fixture
def stand_in() -> AircallStandIn:
    return fresh()


def fresh(**knobs: Any) -> AircallStandIn:
    clock = WorldClock()
    clock.freeze(NOW)
    return AircallStandIn(clock=clock, rate_limit=None, **{"calls": 2000, "days": 20, **knobs})


def ask(stand_in: AircallStandIn, path: str, method: str = "GET", **sent: Any) -> Any:
    key = (stand_in.api_id, stand_in.api_token)
    answered = stand_in.app.test_client().open(path, method=method, json=sent or None, auth=key)
    assert answered.status_code < 300, (answered.status_code, answered.get_data(as_text=True))
    return answered.get_json() if answered.data else None


def sample(name: str) -> Any:
    return json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))


def kinds(value: Any) -> Any:
    """Return a document with its values reduced to JSON types; lists to that of their items."""
    if isinstance(value, dict):
        return {key: kinds(item) for key, item in value.items()}
    if isinstance(value, list):
        return [kinds(item) for item in value]
    return type(value).__name__


def assert_shaped_like(records: list[Any], samples: list[Any], path: str = "") -> None:
    """Check key order, and that each field has only types that some sample shows there."""
    allowed = {type(item).__name__ for item in samples}
    for record in records:
        assert type(record).__name__ in allowed, f"{path}: {record!r}"
    dicts = [item for item in samples if isinstance(item, dict)]
    mine = [item for item in records if isinstance(item, dict)]
    orders = {tuple(item) for item in dicts}
    for record in mine:
        varied = path.endswith((".phone_numbers", ".emails"))
        keys = tuple(record)
        assert keys in orders or (varied and set(keys) == {"id", "value", "label"}), (path, keys)
    for key in {key for item in mine for key in item}:
        known = [item[key] for item in dicts if key in item]
        assert_shaped_like([item[key] for item in mine if key in item], known, f"{path}.{key}")
    inner = [item for listed in records if isinstance(listed, list) for item in listed]
    if inner:
        known = [item for listed in samples if isinstance(listed, list) for item in listed]
        assert_shaped_like(inner, known, path)


CASES = [
    ("/v1/contacts", "contacts", "contacts"),
    ("/v1/numbers", "numbers", "numbers"),
    ("/v1/tags", "tags", "tags"),
    ("/v1/teams", "teams", "teams"),
    ("/v2/users", "users_v2", "users"),
    ("/v1/users", "users_v1", "users"),
    ("/v1/users/availabilities", "users_availabilities", "users"),
    ("/v1/webhooks", "webhooks", "webhooks"),
]


@pytest.mark.parametrize(("path", "name", "key"), CASES, ids=[case[1] for case in CASES])
def test_duty_14_lists_are_shaped_like_the_samples(path: str, name: str, key: str) -> None:
    stand_in = fresh(v1_users="on")
    body, like = ask(stand_in, f"{path}?per_page=50"), sample(name)

    assert list(body) == list(like)
    assert list(body["meta"]) == list(like["meta"])
    assert_shaped_like(body[key], like[key])


def test_duty_14_calls_are_shaped_like_the_samples(still: AircallStandIn) -> None:
    query = "per_page=50&fetch_contact=true"
    pages = [ask(still, f"/v1/calls?{query}&page={page}") for page in range(1, 41)]
    calls = [call for body in pages for call in body["calls"]]

    like = sample("calls")["calls"]
    # A call may have been tagged by somebody who was deleted since.
    like[0]["tags"] = [{"id": 1, "name": "", "created_at": 1, "tagged_by": None}]
    # The samples hold no call of an unknown line, and no contact's gap of these kinds.
    contacts = [{"contact": contact} for contact in sample("contacts")["contacts"]]
    like += [{**like[0], **contact} for contact in contacts]
    assert len(calls) == 2000
    assert_shaped_like(calls, like)


def test_duty_14_single_documents_are_shaped_like_the_samples(still: AircallStandIn) -> None:
    for path, name in (
        ("/v1/contacts", "contact"),
        ("/v1/numbers", "number"),
        ("/v1/tags", "tag"),
        ("/v1/teams", "team"),
        ("/v2/users", "user_v2"),
        ("/v1/webhooks", "webhook"),
    ):
        listed = ask(still, f"{path}?per_page=1")
        key = next(key for key in listed if key != "meta")
        body, like = ask(still, f"{path}/{listed[key][0]['id']}"), sample(name)
        assert list(body) == list(like)
        assert list(body[key[:-1]]) == list(like[key[:-1]])


def test_duty_14_phone_entries_vary_their_key_order(still: AircallStandIn) -> None:
    contacts = ask(still, "/v1/contacts?per_page=50")["contacts"]

    assert len({tuple(phone) for c in contacts for phone in c["phone_numbers"]}) > 2


def test_every_phone_number_is_fiction(still: AircallStandIn) -> None:
    contacts = [
        phone["value"]
        for page in range(1, 8)
        for contact in ask(still, f"/v1/contacts?per_page=50&page={page}")["contacts"]
        for phone in contact["phone_numbers"]
    ]
    calls = [
        call["raw_digits"]
        for page in range(1, 20)
        for call in ask(still, f"/v1/calls?per_page=50&page={page}")["calls"]
    ]
    numbers = [number["digits"] for number in ask(still, "/v1/numbers")["numbers"]]

    for shown in {*contacts, *calls, *numbers} - {"anonymous"}:
        compact = "+" + "".join(filter(str.isdigit, shown))
        assert FICTION.fullmatch(compact), shown


def test_duty_10_order_by_works_on_contacts_only(stand_in: AircallStandIn) -> None:
    first = ask(stand_in, "/v1/contacts?per_page=1")["contacts"][0]
    stand_in.world.clock.advance(100)
    ask(stand_in, f"/v1/contacts/{first['id']}", "POST", first_name="Moved")

    latest = ask(stand_in, "/v1/contacts?per_page=1&order_by=updated_at&order=desc")
    assert latest["contacts"][0]["id"] == first["id"]
    assert latest["contacts"][0]["updated_at"] == NOW + 100


def test_duty_11_contacts_include_both_ends(still: AircallStandIn) -> None:
    made = ask(still, "/v1/contacts?per_page=3")["contacts"][1]["created_at"]
    for order in ("created_at", "updated_at"):
        window = f"from={made}&to={made}&order_by={order}"
        assert ask(still, f"/v1/contacts?{window}")["meta"]["total"] == 1


def test_duty_11_users_filter_on_their_creation(still: AircallStandIn) -> None:
    everybody = ask(still, "/v2/users")["meta"]["total"]
    recent = ask(still, f"/v2/users?from={NOW - 200 * 86_400}")["meta"]["total"]
    assert 0 < recent < everybody


def test_duty_17_numbers_have_users_only_when_read_alone(still: AircallStandIn) -> None:
    listed = ask(still, "/v1/numbers")["numbers"][0]
    alone = ask(still, f"/v1/numbers/{listed['id']}")["number"]

    assert "users" not in listed
    assert list(alone) == [*listed, "users"]


def test_duty_18_availabilities_change_between_reads(still: AircallStandIn) -> None:
    first = ask(still, "/v1/users/availabilities?per_page=50")
    second = ask(still, "/v1/users/availabilities?per_page=50")

    assert first["users"] != second["users"]
    assert list(first["users"][0]) == ["availability", "id"]
    user = first["users"][0]["id"]
    assert list(ask(still, f"/v1/users/{user}/availability")) == ["availability"]


def test_availabilities_can_be_fixed(stand_in: AircallStandIn) -> None:
    user = ask(stand_in, "/v2/users")["users"][0]["id"]
    ask(stand_in, f"/_admin/users/{user}/availability", "PUT", availability="new_state")

    for _ in range(3):
        state = ask(stand_in, f"/v1/users/{user}/availability")["availability"]
        assert state == "new_state"


def test_duty_19_v2_users_link_to_v2_and_others_to_v1(still: AircallStandIn) -> None:
    user = ask(still, "/v2/users")["users"][0]
    mates = ask(still, "/v1/teams")["teams"][0]["users"]

    assert user["direct_link"].startswith("https://api.aircall.io/v2/users/")
    assert mates[0]["direct_link"].startswith("https://api.aircall.io/v1/users/")
    assert ask(still, f"/v2/users/{user['email']}")["user"]["id"] == user["id"]


@pytest.mark.parametrize(("switch", "status"), [("404", 404), ("410", 410), ("on", 200)])
def test_duty_19_v1_users_by_switch(switch: str, status: int) -> None:
    stand_in = fresh(calls=0, v1_users=switch)
    key = (stand_in.api_id, stand_in.api_token)

    assert stand_in.app.test_client().get("/v1/users", auth=key).status_code == status
    assert ask(stand_in, "/v1/users/availabilities")["users"]


def test_duty_20_a_webhook_shows_its_id_only_when_read(stand_in: AircallStandIn) -> None:
    sent = {"url": "https://example.com/new", "events": ["call.ended"]}
    made = ask(stand_in, "/v1/webhooks", "POST", **sent)["webhook"]
    changed = ask(stand_in, f"/v1/webhooks/{made['webhook_id']}", "PUT", active=False)["webhook"]
    read = ask(stand_in, f"/v1/webhooks/{made['webhook_id']}")["webhook"]

    assert list(made) == list(sample("webhook_created")["webhook"])
    assert "id" not in changed
    assert changed["events"] == []
    assert isinstance(read["id"], int)
    assert ask(stand_in, f"/v1/webhooks/{read['id']}")["webhook"] == read
    assert all(len(hook["token"]) == 32 for hook in ask(stand_in, "/v1/webhooks")["webhooks"])


def test_duty_21_system_tags_keep_their_code_and_custom_ones_nothing(
    stand_in: AircallStandIn,
) -> None:
    ask(stand_in, "/v1/tags", "POST", name="Mine", color="#123abc", description="dropped")
    tags = ask(stand_in, "/v1/tags?per_page=50")["tags"]

    assert tags[:9] == sample("tags")["tags"][:9]
    assert tags[-1]["name"] == "Mine"
    assert all(tag["description"] is None for tag in tags[9:])


def test_duty_27_deletions_leave_no_trace(stand_in: AircallStandIn) -> None:
    user = ask(stand_in, "/v1/teams")["teams"][0]["users"][0]["id"]
    ask(stand_in, f"/v1/users/{user}", "DELETE")

    assert user not in [item["id"] for item in ask(stand_in, "/v2/users?per_page=50")["users"]]
    for team in ask(stand_in, "/v1/teams")["teams"]:
        assert user not in [mate["id"] for mate in team["users"]]


def test_duty_28_phone_and_mail_edits_do_not_move_updated_at(stand_in: AircallStandIn) -> None:
    contact = ask(stand_in, "/v1/contacts?per_page=1")["contacts"][0]
    stand_in.world.clock.advance(500)
    path = f"/v1/contacts/{contact['id']}"
    added = ask(stand_in, f"{path}/phone_details", "POST", value="+12025550199", label="New")
    phone = added["contact"]["phone_numbers"][-1]["id"]
    changed = ask(stand_in, f"{path}/phone_details/{phone}", "PUT", value="+12025550198")
    ask(stand_in, f"{path}/email_details", "POST", value="new@example.com")

    assert changed["contact"]["phone_numbers"][-1]["value"] == "+12025550198"
    assert ask(stand_in, path)["contact"]["updated_at"] == contact["updated_at"]
    ask(stand_in, path, "POST", first_name="New")
    assert ask(stand_in, path)["contact"]["updated_at"] == NOW + 500


def test_hostile_names_are_among_the_people(still: AircallStandIn) -> None:
    users = ask(still, "/v2/users?per_page=50")["users"]
    names = [user["name"] for user in users]

    assert {name[0] for name in names} >= set("=+-@")
    assert any("\n" in name for name in names)
    assert any("\t" in name for name in names)
    assert any("\u200b" in name for name in names)
    assert any(len(name) == 60 for name in names)
    assert len(users) == 40


@pytest.mark.parametrize("kind", ["contacts", "numbers", "tags", "teams", "users", "webhooks"])
def test_the_truth_is_what_the_lists_say(still: AircallStandIn, kind: str) -> None:
    path = "/v2/users" if kind == "users" else f"/v1/{kind}"
    listed, page = [], 1
    while True:
        body = ask(still, f"{path}?per_page=50&page={page}")
        listed += body[kind]
        if page * 50 >= body["meta"]["total"]:
            break
        page += 1

    text = still.app.test_client().get(f"/_admin/truth/{kind}").get_data(as_text=True)
    assert [json.loads(line) for line in text.split("\n") if line] == listed


def test_the_samples_folder_is_served_as_it_stands() -> None:
    stand_in = fresh(samples_dir=SAMPLES)
    unsigned = ("recording", "voicemail")
    calls = ask(stand_in, "/v1/calls?per_page=50&fetch_contact=true")

    assert calls["meta"] == sample("calls")["meta"]
    for call, like in zip(calls["calls"], sample("calls")["calls"], strict=True):
        assert list(call) == list(like)
        for key in like:
            if key not in unsigned:
                assert call[key] == like[key], key
    for path, name in (
        ("/v1/company", "company"),
        ("/v1/contacts?per_page=50", "contacts"),
        ("/v1/numbers?per_page=50", "numbers"),
        ("/v1/tags?per_page=50", "tags"),
        ("/v1/teams?per_page=50", "teams"),
        ("/v2/users?per_page=50", "users_v2"),
        ("/v1/users/availabilities?per_page=50", "users_availabilities"),
        ("/v1/webhooks?per_page=50", "webhooks"),
        ("/v1/tags?per_page=2&page=2", "tags_page_2_of_7"),
        ("/v1/numbers/1402232", "number"),
        ("/v1/teams/268101", "team"),
        ("/v1/calls?page=200&per_page=50", "calls_past_end"),
        ("/v1/calls/4310251012?fetch_call_timeline=true", "call_with_timeline"),
    ):
        assert ask(stand_in, path) == sample(name), path


@pytest.mark.parametrize("real_time", [1_700_000_000, 1_995_000_000])
def test_samples_are_shown_whatever_the_year(real_time: int) -> None:
    clock = WorldClock()
    clock.freeze(real_time)
    stand_in = AircallStandIn(samples_dir=SAMPLES, clock=clock, rate_limit=None)

    assert ask(stand_in, "/v1/calls")["meta"]["total"] == 24
