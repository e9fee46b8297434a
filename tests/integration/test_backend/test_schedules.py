"""Schedules through the API: taken, checked, said, and moved with the spreadsheet's time zone."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from callsheet.cadence import failed_once_more
from callsheet.store.freshness import FreshnessStore

pytestmark = pytest.mark.integration

OFFICE = {
    "cadence": "hourly",
    "days": ["friday", "monday", "tuesday", "wednesday", "thursday"],
    "hours": {"start": "08:00", "end": "18:00"},
}


def local(moment: str, zone: str) -> datetime:
    return datetime.fromisoformat(moment).astimezone(ZoneInfo(zone))


def test_a_schedule_is_kept_and_said_in_plain_words(importer: Any) -> None:
    sidebar, flow_id, _ = importer()

    changed = sidebar("PATCH", f"/flows/{flow_id}", {"schedule": OFFICE}).json["flow"]

    schedule = changed["schedule"]
    assert schedule["sentence"] == "every hour, 08:00–18:00, Monday to Friday"
    assert schedule["days"] == ["monday", "tuesday", "wednesday", "thursday", "friday"]
    assert schedule["hours"] == OFFICE["hours"]
    due = local(changed["next_run_at"], "Europe/Berlin")
    assert 8 <= due.hour < 18
    assert due.weekday() < 5
    assert sidebar("GET", "/overview").json["flows"][0]["schedule"] == schedule


def test_what_a_new_flow_gets_fits_its_entity_and_layout(importer: Any) -> None:
    sidebar, _, _ = importer()
    contacts = sidebar("POST", "/flows", {"entity": "contacts"}).json["flow"]
    history = {"entity": "user_availabilities", "options": {"layout": "history"}}
    availability = sidebar("POST", "/flows", history).json["flow"]
    webhooks = sidebar("POST", "/flows", {"entity": "webhooks"}).json["flow"]

    assert contacts["schedule"]["cadence"] == "every_4_hours"
    assert availability["schedule"]["cadence"] == "every_15_minutes"
    assert webhooks["schedule"]["sentence"] == "every Monday at 06:00"


@pytest.mark.parametrize(
    ("schedule", "advice"),
    [
        ({"cadence": "every_5_minutes"}, "the shortest is every 15 minutes"),
        ({"cadence": "daily", "at": "7 o'clock"}, "time of day is not in the expected form"),
        ({"cadence": "daily", "at": "24:00"}, "between 00:00 and 23:59"),
        ({"cadence": "daily", "days": ["noday"]}, "list of days has to be one of 'monday'"),
        ({"cadence": "daily", "hours": OFFICE["hours"]}, "choose the time of day"),
        ({"cadence": "hourly", "at": "07:00"}, "give working hours instead"),
        ({"cadence": "off", "days": ["monday"]}, "choose a rhythm"),
        ({"cadence": "hourly", "hours": {"start": "08:00"}}, "end of the working hours is missing"),
        ({"cadence": "hourly", "hours": {"start": "08:00", "end": "08:30"}}, "at least one hour"),
        ({"cadence": "hourly", "zone": "Europe/Paris"}, "not known here"),
        ({}, "refresh rhythm is missing"),
        ("hourly", "The schedule is not valid"),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(
    importer: Any, services: Any, schedule: Any, advice: str
) -> None:
    sidebar, flow_id, _ = importer()
    before = services.flows.get("sheet-1", flow_id)

    refused = sidebar("PATCH", f"/flows/{flow_id}", {"schedule": schedule})

    assert refused.status_code == 400
    assert advice in refused.json["error"]["message"]
    assert services.flows.get("sheet-1", flow_id) == before


def test_the_plan_follows_the_spreadsheets_time_zone(
    importer: Any, newcomer: Any, services: Any
) -> None:
    sidebar, flow_id, _ = importer()
    daily = {"schedule": {"cadence": "daily", "at": "07:00"}}
    berlin = sidebar("PATCH", f"/flows/{flow_id}", daily).json["flow"]

    newcomer(body={"time_zone": "America/New_York"})

    flow = services.flows.get("sheet-1", flow_id)
    assert local(berlin["next_run_at"], "Europe/Berlin").hour == 7
    assert flow.zone == "America/New_York"
    assert local(flow.next_run_at.isoformat(), "America/New_York").hour == 7


def test_somebody_who_has_not_proved_to_edit_moves_nothing(
    importer: Any, newcomer: Any, services: Any
) -> None:
    _, flow_id, _ = importer()
    services.clock.sleep(86_401)  # the proof is over, as for anybody else
    services.redis.delete(*services.redis.keys("*edit-proof*"))

    newcomer(body={"time_zone": "America/New_York"})

    assert services.flows.get("sheet-1", flow_id).zone == "Europe/Berlin"


def slots_of(sidebar: Any) -> list[datetime]:
    flows = sidebar("GET", "/overview").json["flows"]
    return sorted(datetime.fromisoformat(flow["next_run_at"]) for flow in flows)


def test_the_imports_of_an_account_lie_apart_and_the_sidebar_says_why(importer: Any) -> None:
    sidebar, _, _ = importer()
    alone = sidebar("GET", "/overview").json["flows"][0]["placement"]
    for entity in ("users", "teams", "tags"):
        sidebar("POST", "/flows", {"entity": entity, "schedule": {"cadence": "hourly"}})

    flows = sidebar("GET", "/overview").json["flows"]
    slots = slots_of(sidebar)

    assert alone.startswith("at ")
    assert "collide" not in alone
    assert {flow["placement"].split(" past, ")[1] for flow in flows} == {
        "so that your 4 imports do not collide"
    }
    assert all((b - a).total_seconds() >= 600 for a, b in pairwise(slots))
    assert slots[-1] - slots[0] <= timedelta(minutes=50)


def test_places_are_given_back_and_nobody_else_moves(importer: Any, services: Any) -> None:
    sidebar, flow_id, _ = importer()
    daily = {"schedule": {"cadence": "daily", "at": "07:00"}}
    ids = []
    for entity in ("users", "teams", "tags"):
        services.clock.sleep(1)
        ids.append(sidebar("POST", "/flows", {"entity": entity, **daily}).json["flow"]["id"])
    first, second, third = (services.flows.get("sheet-1", one).offset for one in ids)

    sidebar("DELETE", f"/flows/{ids[1]}")
    after_removal = services.flows.get("sheet-1", ids[2]).offset
    sidebar("POST", f"/flows/{ids[0]}/pause")
    after_pause = services.flows.get("sheet-1", ids[2]).offset

    assert (second - first, third - second) == (600, 600)
    assert after_removal == second, "nothing to make way for at ten past any more"
    assert after_pause == first
    account = services.flows.get("sheet-1", flow_id).account
    assert services.flows.counts_of_accounts([account]) == {account: 2}


def test_what_is_tried_again_is_told_from_what_is_on_schedule(importer: Any, services: Any) -> None:
    sidebar, flow_id, _ = importer()
    daily = {"schedule": {"cadence": "daily", "at": "07:00"}}
    before = sidebar("PATCH", f"/flows/{flow_id}", daily).json["flow"]

    again = partial(failed_once_more, now=services.clock.now())
    services.flows.change("sheet-1", flow_id, again)
    after = sidebar("GET", f"/flows/{flow_id}").json

    assert (before["is_retried"], after["is_retried"]) == (False, True)
    assert after["next_run_at"] < before["next_run_at"]


def test_a_flow_that_has_gone_stale_says_since_when(importer: Any, services: Any) -> None:
    sidebar, flow_id, _ = importer()
    since = services.clock.now()
    FreshnessStore(services.redis).is_stale("sheet-1", flow_id, since)

    (flow,) = sidebar("GET", "/overview").json["flows"]

    assert datetime.fromisoformat(flow["stale_since"]) == since


PREVIEWED = [
    {"cadence": "every_15_minutes"},
    OFFICE,
    {"cadence": "every_12_hours"},
    {"cadence": "daily", "at": "07:00"},
    {"cadence": "weekly", "at": "06:30", "days": ["tuesday"]},
]


@pytest.mark.parametrize("minutes", [0, 20, 40])
@pytest.mark.parametrize("schedule", PREVIEWED, ids=lambda one: one["cadence"])
def test_what_is_foretold_of_a_schedule_is_what_comes_of_it(
    importer: Any, services: Any, schedule: Any, minutes: int
) -> None:
    services.clock.sleep(60 * minutes)  # places depend on how far the hour is
    sidebar, flow_id, _ = importer()
    for entity in ("users", "teams", "tags"):
        sidebar("POST", "/flows", {"entity": entity, "schedule": {"cadence": "hourly"}})
    services.clock.sleep(1)  # what is made next is younger than all others
    new = {"entity": "numbers", "schedule": schedule}

    foretold = sidebar("POST", "/schedule-previews", {"schedule": schedule, "flow_id": flow_id})
    changed = sidebar("PATCH", f"/flows/{flow_id}", {"schedule": schedule}).json["flow"]
    for_new = sidebar("POST", "/schedule-previews", {"schedule": schedule}).json
    made = sidebar("POST", "/flows", new).json["flow"]

    assert foretold.status_code == 200
    assert foretold.json["next_runs"][0] == changed["next_run_at"]
    assert foretold.json["schedule"] == changed["schedule"]
    assert for_new["next_runs"][0] == made["next_run_at"]
    assert len(set(for_new["next_runs"])) == 3


def test_a_preview_names_the_import_before_and_none_of_another_spreadsheet(
    importer: Any, editor: Any
) -> None:
    sidebar, _, _ = importer()
    elsewhere = editor(body={"spreadsheet_id": "sheet-2"})
    elsewhere("POST", "/connections", {"api_id": "good-id", "api_token": "good-token-1234567890"})
    elsewhere("POST", "/flows", {"entity": "users", "schedule": {"cadence": "hourly"}})
    hourly = {"schedule": {"cadence": "hourly"}}

    here = sidebar("POST", "/schedule-previews", hourly).json
    there = elsewhere("POST", "/schedule-previews", hourly).json

    said = {here["placement"].split(", ", 1)[1], there["placement"].split(", ", 1)[1]}
    tail = ", so that your 3 imports do not collide"
    assert said <= {
        f"10 minutes after {whom}{tail}"
        for whom in ("Aircall – Calls", "Aircall – Users", "one in another sheet")
    }
    assert here["placement"].split(" past")[0] == there["placement"].split(" past")[0]
    assert "Users" not in here["placement"]
    assert "Calls" not in there["placement"]


def test_a_preview_tells_of_changing_clocks_and_keeps_nothing(importer: Any, services: Any) -> None:
    sidebar, flow_id, _ = importer()
    before = services.flows.get("sheet-1", flow_id)
    at_night = {"schedule": {"cadence": "daily", "at": "02:30"}, "flow_id": flow_id}

    night = sidebar("POST", "/schedule-previews", at_night).json
    off = sidebar("POST", "/schedule-previews", {"schedule": {"cadence": "off"}}).json

    assert "there is no 02:3" in night["note"] or "comes twice" in night["note"]
    assert (off["next_runs"], off["placement"], off["note"]) == ([], None, None)
    assert services.flows.get("sheet-1", flow_id) == before


@pytest.mark.parametrize(
    ("body", "status", "advice"),
    [
        ({"schedule": {"cadence": "hourly", "at": "07:00"}}, 400, "give working hours instead"),
        ({"schedule": {"cadence": "every_5_minutes"}}, 400, "the shortest is every 15 minutes"),
        ({}, 400, "schedule is missing"),
        ({"schedule": {"cadence": "hourly"}, "flow_id": "nobodys"}, 404, "no longer exists"),
    ],
)
def test_a_preview_refuses_what_saving_would_refuse(
    importer: Any, body: Any, status: int, advice: str
) -> None:
    sidebar, _, _ = importer()

    refused = sidebar("POST", "/schedule-previews", body)

    assert refused.status_code == status
    assert advice in refused.json["error"]["message"]


def test_a_flow_of_another_spreadsheet_is_not_previewed(importer: Any, editor: Any) -> None:
    _, flow_id, _ = importer()
    elsewhere = editor(body={"spreadsheet_id": "sheet-2"})

    refused = elsewhere(
        "POST", "/schedule-previews", {"schedule": {"cadence": "hourly"}, "flow_id": flow_id}
    )

    assert refused.status_code == 404
