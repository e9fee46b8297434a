"""Any number of flows in a spreadsheet: several of one entity, paused, copied, removed, of each."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from callsheet.catalogue import ENTITIES
from callsheet.run import RunState
from callsheet.store.freshness import FreshnessStore
from callsheet.store.removals import TabRemovals
from tests.builders import ended

pytestmark = pytest.mark.integration

GOOD = {"api_id": "good-id", "api_token": "good-token-1234567890"}
SUPPORT = {"filters": {"teams": ["Support"]}}


@pytest.fixture
def sidebar(editor: Any) -> Any:
    connected = editor()
    connected("POST", "/connections", GOOD)
    return connected


@pytest.fixture
def today(services: Any) -> str:
    return services.clock.now().date().isoformat()


@pytest.fixture
def calls(sidebar: Any, today: str) -> Any:
    """Imports calls; more of the body may be given."""
    return lambda **more: sidebar("POST", "/flows", {"entity": "calls", "since": today, **more})


def end_runs(services: Any) -> None:
    for flow in services.flows.of_spreadsheet("sheet-1"):
        for run in services.runs.of_flow(flow.id):
            ended(services.redis, run)


def seen_in_tab(services: Any, flow_id: str, title: str, tab_id: int = 7) -> None:
    """The first run has made the tab, or a later one has seen its title."""
    services.flows.change(
        "sheet-1", flow_id, lambda flow: replace(flow, tab_id=tab_id, tab_title=title)
    )


def test_calls_of_two_teams_are_two_flows_with_a_tab_each(calls: Any, sidebar: Any) -> None:
    first = calls().json["flow"]
    second = calls(another=True, options=SUPPORT, tab="Support calls").json["flow"]
    third = calls(another=True, options={"filters": {"teams": ["Sales"]}}).json["flow"]

    listed = sidebar("GET", "/flows").json["flows"]
    assert [flow["name"] for flow in listed] == ["calls", "calls-2", "calls-3"]
    assert [flow["label"] for flow in (first, second, third)] == [
        "Aircall – Calls",
        "Aircall – Calls – Support calls",
        "Aircall – Calls (2)",
    ]
    assert second["options"]["filters"]["teams"] == ["Support"]
    assert sidebar("GET", f"/flows/{second['id']}").json["id"] == second["id"]


def test_the_list_tells_of_each_flow_what_it_tells_alone(
    calls: Any, sidebar: Any, services: Any, today: str
) -> None:
    ids = [calls().json["flow"]["id"]]
    for entity in ("users", "teams", "tags"):
        services.clock.sleep(1)
        made = sidebar("POST", "/flows", {"entity": entity, "since": today}).json
        ids.append(made["flow"]["id"])
    end_runs(services)
    services.clock.sleep(1)
    again = sidebar("POST", f"/flows/{ids[1]}/runs").json
    FreshnessStore(services.redis).is_stale("sheet-1", ids[2], services.clock.now())

    listed = sidebar("GET", "/flows").json["flows"]

    assert listed == [sidebar("GET", f"/flows/{one}").json for one in ids]
    assert listed == sidebar("GET", "/overview").json["flows"]
    assert [flow["last_run"]["flow_id"] for flow in listed] == ids
    active = [flow["active_run"] and flow["active_run"]["id"] for flow in listed]
    assert active == [None, again["id"], None, None]
    assert [flow["stale_since"] is not None for flow in listed] == [False, False, True, False]


def test_a_double_click_on_another_makes_one(calls: Any, sidebar: Any) -> None:
    calls()

    with ThreadPoolExecutor(4) as clicks:
        answers = list(clicks.map(lambda _: calls(another=True, options=SUPPORT), range(4)))

    assert [answer.status_code for answer in answers] == [202] * 4
    assert len({answer.json["flow"]["id"] for answer in answers}) == 1
    assert len({answer.json["run"]["id"] for answer in answers}) == 1
    assert len(sidebar("GET", "/flows").json["flows"]) == 2


def test_different_flows_made_at_the_same_moment_are_all_there(calls: Any, sidebar: Any) -> None:
    teams = [f"Team {number}" for number in range(5)]

    def another(team: str) -> Any:
        return calls(another=True, options={"filters": {"teams": [team]}})

    with ThreadPoolExecutor(5) as people:
        list(people.map(another, teams))

    flows = sidebar("GET", "/flows").json["flows"]
    assert sorted(flow["options"]["filters"]["teams"][0] for flow in flows) == teams
    assert len({flow["name"] for flow in flows}) == 5


def test_an_import_of_an_entity_with_several_flows_asks_which(calls: Any) -> None:
    calls()
    calls(another=True, options=SUPPORT)

    refused = calls()

    assert refused.status_code == 400
    assert "has 2 imports of Calls" in refused.json["error"]["message"]


def test_a_label_follows_the_tab_until_one_is_chosen(
    calls: Any, sidebar: Any, services: Any
) -> None:
    flow_id = calls().json["flow"]["id"]

    seen_in_tab(services, flow_id, "Berlin")
    follows = sidebar("GET", f"/flows/{flow_id}").json
    chosen = sidebar("PATCH", f"/flows/{flow_id}", {"label": "  The  office "}).json["flow"]
    seen_in_tab(services, flow_id, "Berlin 2026")
    stays = sidebar("GET", f"/flows/{flow_id}").json
    again = sidebar("PATCH", f"/flows/{flow_id}", {"label": ""}).json["flow"]

    assert (follows["label"], follows["label_is_chosen"]) == ("Aircall – Calls – Berlin", False)
    assert (chosen["label"], chosen["label_is_chosen"]) == ("The office", True)
    assert stays["label"] == "The office"
    assert again["label"] == "Aircall – Calls – Berlin 2026"
    too_long = sidebar("PATCH", f"/flows/{flow_id}", {"label": "x" * 150})
    assert too_long.status_code == 400
    assert "100 characters" in too_long.json["error"]["message"]


def test_a_tab_that_another_flow_owns_is_refused(calls: Any, services: Any, sidebar: Any) -> None:
    first = calls().json["flow"]["id"]
    seen_in_tab(services, first, "Phone")

    refused = calls(another=True, options=SUPPORT, tab="PHONE")
    other = calls(another=True, options=SUPPORT, tab="Help").json["flow"]["id"]
    taken = sidebar("PATCH", f"/flows/{other}", {"tab": "phone"})
    free = sidebar("PATCH", f"/flows/{other}", {"tab": "Support"})
    there = sidebar("PATCH", f"/flows/{first}", {"tab": "Telephone"})

    assert refused.status_code == taken.status_code == there.status_code == 400
    assert "belongs to the import “calls”" in refused.json["error"]["message"]
    assert free.json["flow"]["label"] == "Aircall – Calls – Support"
    assert "Rename it in the spreadsheet" in there.json["error"]["message"]
    assert len(sidebar("GET", "/flows").json["flows"]) == 2


def test_a_paused_flow_rests_until_it_is_resumed_but_refreshes_by_hand(
    calls: Any, sidebar: Any, services: Any
) -> None:
    flow_id = calls().json["flow"]["id"]
    end_runs(services)

    paused = sidebar("POST", f"/flows/{flow_id}/pause").json
    changed = sidebar("PATCH", f"/flows/{flow_id}", {"schedule": {"cadence": "daily"}}).json["flow"]
    by_hand = sidebar("POST", f"/flows/{flow_id}/runs")
    still = sidebar("GET", f"/flows/{flow_id}").json
    resumed = sidebar("POST", f"/flows/{flow_id}/resume").json

    assert (paused["is_paused"], paused["next_run_at"]) == (True, None)
    assert (changed["is_paused"], changed["next_run_at"]) == (True, None)
    assert by_hand.status_code == 202
    assert (still["is_paused"], still["next_run_at"]) == (True, None)
    assert resumed["is_paused"] is False
    assert resumed["next_run_at"] is not None


def test_a_pause_by_a_person_outlasts_disconnecting(
    calls: Any, sidebar: Any, services: Any
) -> None:
    flow_id = calls().json["flow"]["id"]
    sidebar("POST", f"/flows/{flow_id}/pause")
    connection = sidebar("GET", "/overview").json["connection"]["id"]

    sidebar("DELETE", f"/connections/{connection}")
    sidebar("POST", "/connections", GOOD)

    flow = services.flows.get("sheet-1", flow_id)
    assert flow.is_paused
    assert flow.paused_because is None
    assert flow.next_run_at is None


def test_a_copy_has_a_tab_of_its_own_and_waits_for_its_changes(
    calls: Any, sidebar: Any, services: Any
) -> None:
    source = calls(options=SUPPORT, schedule={"cadence": "daily", "at": "07:30"}).json["flow"]
    seen_in_tab(services, source["id"], "Support")

    first = sidebar("POST", f"/flows/{source['id']}/duplicate")
    second = sidebar("POST", f"/flows/{source['id']}/duplicate")
    services.clock.sleep(60)
    later = sidebar("POST", f"/flows/{source['id']}/duplicate")

    assert first.status_code == 201
    assert first.json["id"] == second.json["id"], "the second click of a double click"
    assert later.json["id"] != first.json["id"]
    copy = first.json
    assert copy["name"] == "calls-2"
    assert copy["tab"] is None
    assert copy["label"] == "Aircall – Calls"
    assert copy["options"] == source["options"]
    assert copy["schedule"] == source["schedule"]
    assert (copy["is_paused"], copy["next_run_at"]) == (True, None)
    assert copy["active_run"] is None


def test_a_flow_is_removed_with_its_tab_only_on_request(
    calls: Any, sidebar: Any, services: Any
) -> None:
    removals = TabRemovals(services.redis)
    first = calls().json["flow"]["id"]
    second = calls(another=True, options=SUPPORT).json["flow"]["id"]

    assert sidebar("DELETE", f"/flows/{first}").status_code == 204
    assert sidebar("DELETE", f"/flows/{second}?with_tab=true").status_code == 204
    odd = sidebar("DELETE", f"/flows/{second}?with_tab=perhaps")

    assert [one.flow_id for one in removals.due(services.clock.now())] == [second]
    (run,) = services.runs.of_flow(second)
    assert run.state is RunState.CANCELLED
    assert sidebar("GET", "/flows").json["flows"] == []
    assert odd.status_code == 400


def test_a_tab_that_is_wanted_again_is_not_deleted(calls: Any, sidebar: Any, services: Any) -> None:
    flow_id = calls().json["flow"]["id"]
    sidebar("DELETE", f"/flows/{flow_id}?with_tab=true")

    again = calls().json["flow"]["id"]

    assert again == flow_id
    assert TabRemovals(services.redis).due(services.clock.now()) == []


def test_one_of_each_makes_what_is_missing_short_lists_first(
    calls: Any, sidebar: Any, services: Any
) -> None:
    users = sidebar("POST", "/flows", {"entity": "users"}).json["flow"]["id"]

    answer = sidebar("POST", "/flows/one-of-each", {})

    assert answer.status_code == 202
    made = [flow["entity"] for flow in answer.json["made"]]
    assert set(made) == set(ENTITIES) - {"users"}
    assert made[0] == "companies"
    assert made[-1] == "calls"
    assert [flow["id"] for flow in answer.json["kept"]] == [users]
    for flow in answer.json["made"]:
        assert flow["next_run_at"] is not None, flow["entity"]
        assert flow["label"] == f"Aircall – {ENTITIES[flow['entity']].label}"
    runs = [services.runs.pick("job") for _ in range(1 + len(made))]
    assert [run.entity for run in runs] == ["users", *made]

    again = sidebar("POST", "/flows/one-of-each", {}).json
    assert again["made"] == []
    assert len(again["kept"]) == len(ENTITIES)


def test_one_of_each_with_a_wrong_date_makes_nothing(sidebar: Any) -> None:
    refused = sidebar("POST", "/flows/one-of-each", {"since": "soon"})

    assert refused.status_code == 400
    assert sidebar("GET", "/flows").json["flows"] == []


def test_another_write_mode_reads_from_the_start_again(
    calls: Any, sidebar: Any, services: Any
) -> None:
    flow_id = calls().json["flow"]["id"]
    services.flows.change(
        "sheet-1", flow_id, lambda flow: replace(flow, bookmark=services.clock.now())
    )

    sidebar("PATCH", f"/flows/{flow_id}", {"label": "Kept"})
    kept = services.flows.get("sheet-1", flow_id).bookmark
    changed = sidebar("PATCH", f"/flows/{flow_id}", {"write_mode": "replace"}).json["flow"]

    assert kept == services.clock.now()
    assert changed["write_mode"] == "replace"
    assert services.flows.get("sheet-1", flow_id).bookmark is None


def test_two_changes_at_once_both_happen(calls: Any, sidebar: Any, services: Any) -> None:
    flow_id = calls().json["flow"]["id"]
    earlier = (services.clock.now() - timedelta(days=9)).date().isoformat()
    changes = [
        {"label": "Both"},
        {"schedule": {"cadence": "weekly"}},
        {"options": {"privacy": True}},
        {"since": earlier},
    ]

    with ThreadPoolExecutor(4) as people:
        list(people.map(lambda body: sidebar("PATCH", f"/flows/{flow_id}", body), changes))

    flow = sidebar("GET", f"/flows/{flow_id}").json
    assert flow["label"] == "Both"
    assert flow["schedule"]["cadence"] == "weekly"
    assert flow["options"]["privacy"] is True
    assert flow["since"] == earlier


def test_nothing_is_reached_from_another_spreadsheet(calls: Any, sidebar: Any, editor: Any) -> None:
    flow = calls().json["flow"]
    flow_id = flow["id"]
    thief = editor(body={"spreadsheet_id": "sheet-2"})
    thief("POST", "/connections", GOOD)

    answers = [
        thief("GET", f"/flows/{flow_id}"),
        thief("PATCH", f"/flows/{flow_id}", {"label": "Mine"}),
        thief("POST", f"/flows/{flow_id}/pause"),
        thief("POST", f"/flows/{flow_id}/resume"),
        thief("POST", f"/flows/{flow_id}/duplicate"),
        thief("DELETE", f"/flows/{flow_id}?with_tab=true"),
        thief("POST", "/flows", {"entity": "users", "connection_id": flow["connection_id"]}),
    ]

    assert [answer.status_code for answer in answers] == [404] * len(answers)
    assert thief("GET", "/flows").json["flows"] == []
    assert sidebar("GET", f"/flows/{flow_id}").json["label"] == "Aircall – Calls"


def test_a_connection_that_is_not_there_makes_nothing(sidebar: Any) -> None:
    refused = sidebar("POST", "/flows", {"entity": "users", "connection_id": "0" * 24})

    assert refused.status_code == 404
    assert sidebar("GET", "/flows").json["flows"] == []


def test_a_body_too_large_is_refused_in_a_sentence(sidebar: Any) -> None:
    refused = sidebar("POST", "/flows", {"entity": "users", "label": "x" * 70_000})

    assert refused.status_code == 413
    assert "too large" in refused.json["error"]["message"]
