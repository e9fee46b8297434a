"""The Aircall stand-in's calls: their life, their windows and pages, what people do to them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.aircall.clock import WorldClock
from sandbox.aircall.server import AircallStandIn

NOW = 1_795_000_000  # A Wednesday forenoon in Europe, in November 2026.
DAY = 86_400
Ask = Callable[..., Any]


def frozen(**knobs: Any) -> AircallStandIn:
    clock = WorldClock()
    clock.freeze(NOW)
    return AircallStandIn(clock=clock, rate_limit=None, **{"calls": 1500, "days": 20, **knobs})


def asker(stand_in: AircallStandIn) -> Ask:
    client = stand_in.app.test_client()
    key = (stand_in.api_id, stand_in.api_token)

    def ask(path: str, method: str = "GET", **sent: Any) -> Any:
        answered = client.open(path, method=method, json=sent or None, auth=key)
        assert answered.status_code < 300, answered.get_data(as_text=True)
        return answered.get_json() if answered.get_data() else None

    return ask


@pytest.fixture
def stand_in() -> AircallStandIn:
    return frozen()


@pytest.fixture
def ask(stand_in: AircallStandIn) -> Ask:
    return asker(stand_in)


@pytest.fixture(scope="module")
def still() -> AircallStandIn:
    """One world that no test changes."""
    return frozen()


@pytest.fixture(scope="module")
def edited() -> AircallStandIn:
    """A world with calls added, moved and deleted, so that not all of it is invented order."""
    stand_in = frozen(calls=800, burst=40)
    ask = asker(stand_in)
    ids = [call["id"] for call in walk(ask)]
    deleted = ids[100:400:7]
    for call_id in deleted:
        ask(f"/_admin/calls/{call_id}", "DELETE")
    for call_id in set(ids[3:600:11]).difference(deleted):
        ask(f"/_admin/calls/{call_id}", "PATCH", started_at=NOW - 3 * DAY)
    for hours in range(0, 300, 5):
        ask("/_admin/calls", "POST", started_at=NOW - hours * 3600, count=2)
    return stand_in


def walk(ask: Ask, query: str = "", path: str = "/v1/calls") -> Iterator[dict[str, Any]]:
    page = 1
    while True:
        body = ask(f"{path}?per_page=50&page={page}&{query}")
        yield from body["calls"]
        if page * 50 >= body["meta"]["total"]:
            return
        page += 1


def total(ask: Ask, after: int, upto: int) -> int:
    return int(ask(f"/v1/calls?per_page=1&from={after}&to={upto}")["meta"]["total"])


def truth(stand_in: AircallStandIn, query: str = "") -> list[dict[str, Any]]:
    text = stand_in.app.test_client().get(f"/_admin/truth/calls?{query}").get_data(as_text=True)
    return [json.loads(line) for line in text.splitlines()]


def unsigned(call: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in call.items() if key not in ("recording", "voicemail")}


def test_walking_the_pages_gives_each_call_once(still: AircallStandIn) -> None:
    ids = [call["id"] for call in walk(asker(still))]

    assert len(ids) == len(set(ids)) == 1500
    assert ids == sorted(ids)
    assert min(ids) > 2**32


def test_pages_agree_with_the_truth(still: AircallStandIn) -> None:
    walked = [unsigned(call) for call in walk(asker(still), "fetch_contact=true")]

    assert walked == [unsigned(call) for call in truth(still)]


def test_descending_order_is_the_reverse(still: AircallStandIn) -> None:
    up = [call["id"] for call in walk(asker(still))]
    down = [call["id"] for call in walk(asker(still), "order=desc")]

    assert down == up[::-1]


def test_duty_11_from_is_excluded_and_to_is_included(still: AircallStandIn) -> None:
    ask = asker(still)
    call = next(walk(ask, f"from={NOW - 9 * DAY}"))
    moment = call["started_at"]

    before = [c["id"] for c in walk(ask, f"from={moment}&to={moment + 60}")]
    exactly = [c["id"] for c in walk(ask, f"from={moment - 1}&to={moment}")]

    assert call["id"] not in before
    assert call["id"] in exactly


@given(cuts=st.lists(st.integers(NOW - 20 * DAY, NOW), min_size=1, max_size=6))
def test_duty_11_windows_add_up_at_any_split(edited: AircallStandIn, cuts: list[int]) -> None:
    world = edited.world
    edges = [NOW - 21 * DAY, *sorted(cuts), NOW]
    windows = [world.window(after, upto, NOW) for after, upto in pairwise(edges)]

    whole = [world.book.id_of(ref) for ref in world.window(None, None, NOW).refs(0, 10_000)]
    joined = [world.book.id_of(ref) for w in windows for ref in w.refs(0, 10_000)]

    assert sum(window.total for window in windows) == len(whole)
    assert sorted(joined) == sorted(whole)


def test_every_call_of_a_window_starts_inside_it(edited: AircallStandIn) -> None:
    ask = asker(edited)
    for after in range(NOW - 8 * DAY, NOW, 5 * 3600 + 7):
        calls = list(walk(ask, f"from={after}&to={after + 5 * 3600}"))

        assert all(after < call["started_at"] <= after + 5 * 3600 for call in calls)
        assert len({call["id"] for call in calls}) == len(calls)


def test_a_burst_puts_many_calls_into_one_second() -> None:
    ask = asker(frozen(burst=300))
    second = NOW - 3630

    assert total(ask, second - 1, second) > 280
    assert total(ask, second - 1, second + 1) >= 300


def test_duty_6_the_wall_comes_before_the_data(still: AircallStandIn) -> None:
    client = still.app.test_client()
    key = (still.api_id, still.api_token)
    empty = f"from={NOW + 99}&to={NOW + 100}"

    inside = client.get(f"/v1/calls?page=200&per_page=50&{empty}", auth=key)
    outside = client.get(f"/v1/calls?page=201&per_page=50&{empty}", auth=key)

    assert (inside.status_code, inside.get_json()["calls"]) == (200, [])
    assert outside.status_code == 400


def test_duty_7_a_page_past_the_end_is_empty_and_knows_the_total(still: AircallStandIn) -> None:
    meta = asker(still)("/v1/calls?page=200&per_page=50")["meta"]

    link = "https://api.aircall.io/v1/calls?order=asc&page=199&per_page=50"
    assert meta["previous_page_link"] == link
    assert (meta["next_page_link"], meta["count"], meta["total"]) == (None, 0, 1500)


def test_duty_9_links_carry_the_window_but_not_the_flags(still: AircallStandIn) -> None:
    query = f"from={NOW - 9 * DAY}&to={NOW}&order=desc&fetch_contact=true"
    link = asker(still)(f"/v1/calls?{query}")["meta"]["next_page_link"]

    told = parse_qs(urlsplit(link).query)
    assert link.startswith("https://api.aircall.io/v1/calls?")
    assert told == {
        "from": [str(NOW - 9 * DAY)],
        "to": [str(NOW)],
        "order": ["desc"],
        "page": ["2"],
        "per_page": ["20"],
    }


@pytest.mark.parametrize("after", [NOW * 1000, 10**30, NOW + 1, NOW])
def test_a_window_in_the_future_is_empty(still: AircallStandIn, after: int) -> None:
    """Milliseconds in the place of seconds are a window far in the future."""
    assert total(asker(still), after, after * 2) == 0


def test_duty_12_calls_older_than_six_months_are_not_shown() -> None:
    ask = asker(frozen(calls=2000, days=300))
    edge = NOW - 183 * DAY

    assert total(ask, NOW - 300 * DAY, edge) == 0
    assert 0 < total(ask, 0, NOW) < 2000
    assert total(ask, 0, NOW) == total(ask, edge, NOW)


def test_duty_13_new_calls_land_on_the_last_page_and_shift_the_first_when_descending(
    ask: Ask,
) -> None:
    first = [call["id"] for call in ask("/v1/calls?per_page=5")["calls"]]
    newest = ask("/v1/calls?per_page=5&order=desc")["calls"]

    added = ask("/_admin/calls/ring", "POST")

    assert [call["id"] for call in ask("/v1/calls?per_page=5")["calls"]] == first
    shifted = [call["id"] for call in ask("/v1/calls?per_page=5&order=desc")["calls"]]
    assert shifted == [added["id"], *(call["id"] for call in newest[:4])]


def test_duty_13_a_deletion_shifts_later_rows_forward(ask: Ask) -> None:
    first = [call["id"] for call in ask("/v1/calls?per_page=5")["calls"]]
    second = [call["id"] for call in ask("/v1/calls?per_page=5&page=2")["calls"]]

    ask(f"/_admin/calls/{first[0]}", "DELETE")

    assert [c["id"] for c in ask("/v1/calls?per_page=5&page=2")["calls"]][:4] == second[1:]


def test_duty_15_parts_that_come_on_request_only(still: AircallStandIn) -> None:
    ask = asker(still)
    flags = "fetch_contact=true&fetch_short_urls=true&fetch_call_timeline=true&fetch_aiva_conv=true"
    plain, full = list(walk(ask)), list(walk(ask, flags))

    assert all(call["contact"] is None for call in plain)
    assert 0.3 < sum(call["contact"] is not None for call in full) / len(full) < 0.7
    assert all(call["recording_short_url"] is None for call in plain)
    assert any(call["recording_short_url"] for call in full)
    assert any(call["voicemail_short_url"] for call in full)
    assert "ivr_options_selected" not in plain[0]
    assert "ai_voice_agents" not in plain[0]
    assert list(full[0])[-2:] == ["ivr_options_selected", "ai_voice_agents"]
    assert any(call["ivr_options_selected"] for call in full)


def test_duty_15_the_timeline_covers_two_months_only() -> None:
    ask = asker(frozen(days=150))
    calls = list(walk(ask, "fetch_call_timeline=true"))

    old = [call for call in calls if call["started_at"] < NOW - 62 * DAY]
    assert old
    assert not any("ivr_options_selected" in call for call in old)


def test_duty_16_the_number_in_a_call_is_not_the_number_of_the_list(still: AircallStandIn) -> None:
    ask = asker(still)
    embedded = next(walk(ask))["number"]
    listed = next(n for n in ask("/v1/numbers")["numbers"] if n["id"] == embedded["id"])

    assert embedded["flow_editor_enabled"] is True
    assert embedded["priority"] is None
    assert all(embedded["messages"].values())
    assert "flow_editor_enabled" not in listed
    assert listed["priority"] in (0, 1)
    assert None in listed["messages"].values()


def test_duty_23_links_change_at_every_read_and_die_after_an_hour(
    stand_in: AircallStandIn, ask: Ask
) -> None:
    call = next(call for call in walk(ask) if call["recording"])
    again = ask(f"/v1/calls/{call['id']}")["call"]
    client = stand_in.app.test_client()
    link = urlsplit(call["recording"])

    assert again["recording"] != call["recording"]
    assert again["asset"] == call["asset"]
    assert client.get(f"{link.path}?{link.query}").status_code == 200
    stand_in.world.clock.advance(3601)
    assert client.get(f"{link.path}?{link.query}").status_code == 403


def test_duty_24_calls_are_in_progress_when_the_world_begins(still: AircallStandIn) -> None:
    states = {call["status"] for call in walk(asker(still))}

    assert states == {"initial", "answered", "done"}


def test_duty_24_a_call_by_hand_passes_its_states(ask: Ask) -> None:
    ringing = ask("/_admin/calls/ring", "POST", direction="outbound")
    ask("/_admin/clock", "POST", advance=7)
    answered = ask(f"/_admin/calls/{ringing['id']}/answer", "POST")
    ask("/_admin/clock", "POST", advance=60)
    done = ask(f"/_admin/calls/{ringing['id']}/end", "POST", shift=1)
    ask("/_admin/clock", "POST", advance=121)
    final = ask(f"/v1/calls/{ringing['id']}")["call"]

    assert [c["status"] for c in (ringing, answered, done)] == ["initial", "answered", "done"]
    assert [c["duration"] for c in (ringing, answered, done, final)] == [0, 0, 68, 66]
    assert (done["cost"], done["pricing_type"]) == ("0.0", None)
    assert (final["cost"], final["pricing_type"]) == ("3.0", "in_bundle")
    assert final["started_at"] == ringing["started_at"] + 1
    assert total(ask, ringing["started_at"] - 1, ringing["started_at"]) == 0


def test_duty_25_finalisation_changes_cost_price_duration_and_sometimes_the_start(
    stand_in: AircallStandIn, ask: Ask
) -> None:
    ask("/_admin/arrivals", "PUT", per_minute=120)
    ask("/_admin/clock", "POST", advance=1800)
    window = f"from={NOW}&to={NOW + 1700}"
    fresh = {call["id"]: call for call in walk(ask, window) if call["status"] == "done"}
    ask("/_admin/clock", "POST", advance=3 * 3600)
    final = {call["id"]: call for call in walk(ask, f"from={NOW}&to={NOW + 1701}")}

    assert set(fresh) <= set(final)
    moved = [final[i]["started_at"] - fresh[i]["started_at"] for i in fresh]
    assert set(moved) == {0, 1}
    assert any(final[i]["cost"] != fresh[i]["cost"] for i in fresh)
    assert any(final[i]["pricing_type"] != fresh[i]["pricing_type"] for i in fresh)
    assert any(final[i]["duration"] < fresh[i]["duration"] for i in fresh)
    assert all(final[i]["duration"] == final[i]["ended_at"] - final[i]["started_at"] for i in fresh)


def test_duty_26_tags_comments_archive_assignment_and_voicemails_come_late() -> None:
    stand_in = frozen(calls=6000)
    ask = asker(stand_in)
    window = f"from={NOW - 2 * DAY}&to={NOW - 3600}"
    before = {call["id"]: call for call in walk(ask, window)}
    stand_in.world.clock.advance(6 * DAY)
    after = {call["id"]: call for call in walk(ask, window)}

    keys = ("tags", "comments", "archived", "assigned_to")
    pairs = [(call, after[call_id]) for call_id, call in before.items()]
    assert {key for old, new in pairs for key in keys if old[key] != new[key]} == set(keys)
    assert any(old["voicemail"] is None and new["voicemail"] for old, new in pairs)


def test_duty_26_a_comment_through_the_api_has_no_author_and_no_emoji(ask: Ask) -> None:
    call_id = next(call["id"] for call in walk(ask) if not call["comments"])
    for number in range(5):
        made = ask(f"/v1/calls/{call_id}/comments", "POST", content=f"Note {number} 🎉")

    comments = made["call"]["comments"]
    assert [comment["content"] for comment in comments] == [f"Note {n} " for n in range(5)]
    assert all(comment["posted_by"] is None for comment in comments)
    assert all(isinstance(comment["posted_at"], int) for comment in comments)
    with pytest.raises(AssertionError, match="at most 5"):
        ask(f"/v1/calls/{call_id}/comments", "POST", content="one too many")


def test_duty_26_archived_calls_stay_listed(ask: Ask) -> None:
    call_id = next(call["id"] for call in walk(ask) if not call["archived"])

    assert ask(f"/v1/calls/{call_id}/archive", "PUT")["call"]["archived"] is True
    assert call_id in [call["id"] for call in walk(ask)]
    assert ask(f"/v1/calls/{call_id}/unarchive", "PUT")["call"]["archived"] is False


def test_duty_27_a_deleted_user_vanishes_from_past_calls(ask: Ask) -> None:
    call = next(c for c in walk(ask) if c["user"] and c["direction"] == "outbound")
    ask(f"/v1/users/{call['user']['id']}", "DELETE")

    calls = list(walk(ask))
    assert all((c["user"] or {}).get("id") != call["user"]["id"] for c in calls)
    assert next(c for c in calls if c["id"] == call["id"])["user"] is None


def test_duty_27_a_deleted_contact_or_tag_vanishes_from_calls(ask: Ask) -> None:
    calls = list(walk(ask, "fetch_contact=true"))
    contact = next(call["contact"]["id"] for call in calls if call["contact"])
    tag = next(call["tags"][0]["id"] for call in calls if call["tags"])
    ask(f"/v1/contacts/{contact}", "DELETE")
    ask(f"/v1/tags/{tag}", "DELETE")

    for call in walk(ask, "fetch_contact=true"):
        assert (call["contact"] or {}).get("id") != contact
        assert tag not in [item["id"] for item in call["tags"]]


def test_new_calls_keep_arriving(stand_in: AircallStandIn, ask: Ask) -> None:
    before = total(ask, 0, NOW + DAY)
    stand_in.world.clock.advance(600)

    assert total(ask, 0, NOW + DAY) == before + 20


def test_all_six_reasons_occur_and_outbound_has_none(still: AircallStandIn) -> None:
    done = [call for call in walk(asker(still)) if call["status"] == "done"]
    missed = [c for c in done if c["direction"] == "inbound" and c["answered_at"] is None]

    assert {call["missed_call_reason"] for call in missed} == {
        "out_of_opening_hours",
        "short_abandoned",
        "abandoned_in_ivr",
        "abandoned_in_classic",
        "no_available_agent",
        "agents_did_not_answer",
    }
    assert all(call["user"] is None for call in missed)
    assert any(call["voicemail"] for call in missed)
    unanswered = [c for c in done if c["direction"] == "outbound" and c["answered_at"] is None]
    assert unanswered
    assert all(call["missed_call_reason"] is None for call in unanswered)
    assert not any(call["teams"] for call in done if call["direction"] == "outbound")
    assert any(call["raw_digits"] == "anonymous" for call in done)
    assert any(call["transferred_to"] for call in done)


def test_search_filters_join_by_and(ask: Ask) -> None:
    call = next(call for call in walk(ask) if len(call["tags"]) == 2 and call["user"])
    tags = "&".join(f"tags[]={tag['id']}" for tag in call["tags"])
    who = f"user_id={call['user']['id']}&direction={call['direction']}"
    found = list(walk(ask, f"{tags}&{who}", "/v1/calls/search"))

    assert call["id"] in [item["id"] for item in found]
    assert all({t["id"] for t in call["tags"]} <= {t["id"] for t in c["tags"]} for c in found)
    comma = ",".join(str(tag["id"]) for tag in call["tags"])
    assert not list(walk(ask, f"tags[]={comma}", "/v1/calls/search"))
