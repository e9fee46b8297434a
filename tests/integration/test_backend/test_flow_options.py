"""Options of data flows: merged, checked, shown; what changes the tab is read anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from callsheet.options import ColumnChoice, Filters, FlowOptions, WhenGone
from callsheet.quality import Quality
from tests.builders import ended

pytestmark = pytest.mark.integration

GOOD = {"api_id": "good-id", "api_token": "good-token-1234567890"}
FILTERS = {"direction": "inbound", "outcomes": ["missed"], "lines": [" Support "], "tags": ["VIP"]}


@pytest.fixture
def flow_of(services: Any) -> Any:
    return lambda flow_id: services.flows.get("sheet-1", flow_id)


def read_up_to_now(services: Any, flow_id: str) -> None:
    services.flows.change(
        "sheet-1", flow_id, lambda flow: replace(flow, bookmark=services.clock.now())
    )


def test_an_import_keeps_its_options(editor: Any, services: Any, flow_of: Any) -> None:
    sidebar = editor()
    sidebar("POST", "/connections", GOOD)
    options = {
        "filters": FILTERS,
        "columns": [{"key": "agent", "header": "Who"}, {"key": "id"}],
        "privacy": True,
        "when_gone": "remove",
    }

    started = sidebar(
        "POST", "/flows", {"entity": "calls", "since": "2026-11-01", "options": options}
    )

    assert started.status_code == 202
    flow = started.json["flow"]
    assert flow["options"]["filters"]["lines"] == ["Support"]
    assert flow["options"]["when_gone"] == "remove"
    assert flow["options"]["look_back_hours"] == 24
    assert flow_of(flow["id"]).options == FlowOptions(
        filters=Filters("inbound", ("missed",), ("Support",), tags=("VIP",)),
        columns=(ColumnChoice("agent", "Who"), ColumnChoice("id")),
        privacy=True,
        when_gone=WhenGone.REMOVE,
    )
    assert sidebar("GET", "/overview").json["flows"][0]["options"] == flow["options"]


@pytest.mark.parametrize(
    "options",
    [
        {"filters": {"direction": "inbound"}},
        {"columns": [{"key": "agent"}]},
        {"privacy": True},
        {"rolling_days": 90},
    ],
)
def test_what_changes_the_rows_is_read_from_the_start(
    importer: Any, services: Any, flow_of: Any, options: Any
) -> None:
    sidebar, flow_id, _ = importer()
    read_up_to_now(services, flow_id)

    assert sidebar("PATCH", f"/flows/{flow_id}", {"options": options}).status_code == 200

    assert flow_of(flow_id).bookmark is None
    read_up_to_now(services, flow_id)
    services.clock.sleep(86_400)
    sidebar("PATCH", f"/flows/{flow_id}", {"options": options, "schedule": {"cadence": "daily"}})
    assert flow_of(flow_id).bookmark is not None, "the same options again change nothing"


def test_other_options_leave_the_bookmark_and_each_other_alone(
    importer: Any, services: Any, flow_of: Any
) -> None:
    sidebar, flow_id, _ = importer()
    sidebar("PATCH", f"/flows/{flow_id}", {"options": {"filters": FILTERS}})
    read_up_to_now(services, flow_id)

    changed = sidebar(
        "PATCH", f"/flows/{flow_id}", {"options": {"when_gone": "keep", "look_back_hours": 48}}
    ).json["flow"]

    assert changed["options"]["filters"]["direction"] == "inbound"
    assert (changed["options"]["when_gone"], changed["options"]["look_back_hours"]) == ("keep", 48)
    assert flow_of(flow_id).bookmark is not None


def test_a_rolling_window_needs_no_start_date(editor: Any, services: Any) -> None:
    sidebar = editor()
    sidebar("POST", "/connections", GOOD)

    started = sidebar("POST", "/flows", {"entity": "calls", "options": {"rolling_days": 30}})

    assert started.status_code == 202
    first = (services.clock.now() - timedelta(days=31)).date().isoformat()
    assert started.json["flow"]["since"] >= first
    assert started.json["flow"]["options"]["rolling_days"] == 30


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"filters": {"direction": "both"}}, "direction has to be inbound or outbound"),
        ({"filters": {"outcomes": ["lost"]}}, "no outcome “lost”"),
        ({"filters": {"colour": "red"}}, "is not known here"),
        ({"columns": [{"key": "colour"}]}, "no column “colour”. Choose from: id"),
        ({"columns": [{"key": "agent"}, {"key": "agent"}]}, "chosen twice"),
        ({"layout": "wide"}, "no layout “wide”"),
        ({"rolling_days": 0}, "rolling window has to be 1 to"),
        ({"rolling_days": "soon"}, "rolling window has to be a whole number"),
        ({"when_gone": "burn"}, "choice for removed records has to be one of"),
        ({"look_back_hours": 0}, "look-back has to be"),
        ({"archive_months": 0}, "archive has to be 1 to 120 months"),
        ({"archive_by": "week"}, "has to be one of"),
    ],
)
def test_options_that_make_no_sense_are_refused_and_nothing_changes(
    importer: Any, flow_of: Any, options: Any, sentence: str
) -> None:
    sidebar, flow_id, _ = importer()

    refused = sidebar("PATCH", f"/flows/{flow_id}", {"options": options})

    assert refused.status_code == 400
    assert sentence in refused.json["error"]["message"]
    assert flow_of(flow_id).options == FlowOptions()


def test_lists_take_no_filters(editor: Any) -> None:
    sidebar = editor()
    sidebar("POST", "/connections", GOOD)

    refused = sidebar("POST", "/flows", {"entity": "tags", "options": {"filters": FILTERS}})

    assert refused.json["error"]["message"].startswith("Only calls can be filtered")
    assert sidebar("POST", "/flows", {"entity": "tags"}).json["flow"]["since"] is None


def test_the_overview_says_what_can_be_chosen(editor: Any) -> None:
    entities = {one["name"]: one for one in editor()("GET", "/overview").json["entities"]}

    calls = entities["calls"]
    assert [preset["name"] for preset in calls["presets"]][:2] == ["all", "essential"]
    assert calls["columns"][0]["header"] == "Call ID"
    assert calls["can_filter"] is True
    assert calls["can_lose_records"] is False
    assert calls["layouts"] == []
    assert all(one["help"] for one in entities.values())


def test_a_run_shows_its_quality_card(importer: Any, services: Any) -> None:
    sidebar, _, run_id = importer()
    assert sidebar("GET", f"/runs/{run_id}").json["quality"] is None

    card = Quality(1702, 1702, without_agent=3)
    run = services.runs.find(run_id)
    ended(services.redis, run, quality=card)

    shown = sidebar("GET", f"/runs/{run_id}").json["quality"]
    assert shown["without_agent"] == 3
    assert shown["sentences"] == ["1,702 received of 1,702", "3 answered without an agent"]
    assert sidebar("GET", "/overview").json["flows"][0]["last_run"]["quality"] == shown
