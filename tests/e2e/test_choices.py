"""The options of the sidebar: what they say before, and what they make of the tab."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, expect

from callsheet.shaping import CALLS_ESSENTIAL, mask
from sandbox.demo.processes import DemoOptions
from sandbox.serve import World
from tests.e2e.conftest import TAB, Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

# So many calls that reading all of them takes longer than ten minutes.
DEMO = DemoOptions(
    world=World(calls=160_000, days=180, arrivals_per_minute=0), requests_per_minute=120
)


def test_a_long_import_is_said_before_and_shortened_with_one_click(guest: Visitor) -> None:
    guest.open_form("calls")
    estimate = guest.sidebar.get_by_role("status", name="Estimate")
    since = guest.sidebar.get_by_label("Start date", exact=True)

    since.fill((guest.today() - timedelta(days=400)).isoformat())
    expect(estimate).to_contain_text("would fit ten minutes")
    expect(estimate).to_contain_text("at 120 a minute")
    expect(guest.sidebar.get_by_text("Aircall keeps about six months")).to_be_visible()
    take = estimate.get_by_role("button", name=re.compile("Take the last"))
    days = int(re.sub(r"\D", "", take.inner_text()))
    take.click()

    expect(estimate).not_to_contain_text("would fit ten minutes")
    assert since.input_value() == (guest.today() - timedelta(days=days - 1)).isoformat()
    calls = guest.count_calls_since(guest.today() - timedelta(days=days - 1))
    expect(estimate).to_contain_text(f"About {round(calls, -2):,} calls")


def test_a_rolling_period_takes_the_place_of_the_start_date(guest: Visitor) -> None:
    guest.open_form("calls")
    _more(guest, "Period")

    guest.sidebar.get_by_label("Period", exact=True).select_option(label="Only the last 7 days")

    expect(guest.sidebar.get_by_label("Start date", exact=True)).to_be_hidden()
    expect(guest.sidebar.get_by_text("always the last 7 days")).to_be_visible()
    expect(guest.sidebar.get_by_label("Calls that become older")).to_be_visible()
    expect(guest.sidebar.get_by_role("status", name="Estimate")).to_contain_text("calls")


def test_columns_are_ordered_renamed_and_chosen_by_keyboard_alone(guest: Visitor) -> None:
    guest.open_form("calls")
    group = _more(guest, "Columns")
    guest.sidebar.get_by_label("Ready choices").select_option(label="The essential columns")
    press = guest.page.keyboard.press

    guest.sidebar.get_by_label("Call ID", exact=True).focus()
    for key in ("Space", "ArrowDown", "ArrowDown", "Alt+ArrowUp", "ArrowDown", "Space", "F2"):
        press(key)
    guest.page.keyboard.type("Not kept")
    press("Escape")
    press("ArrowUp")
    press("F2")
    guest.page.keyboard.type("In or out")
    press("Enter")

    rows = group.get_by_role("checkbox")
    assert rows.first.is_checked(), "the primary key is always there"
    names = group.locator(".column-name").all_inner_texts()[:3]
    assert names == ["Call ID", "In or out", "Started at"]
    assert not group.get_by_label("Started at", exact=True).is_checked()
    said = group.locator("summary").inner_text()
    assert f"{len(CALLS_ESSENTIAL) - 1} of 31, 1 renamed" in said
    assert guest.sidebar.get_by_label("Ready choices").input_value() == "own"
    stops = group.locator("li [tabindex='0']")
    assert stops.count() == 4, "the list is one stop, with the tools of its row"


def test_options_shape_the_tab_and_a_change_shapes_it_anew(guest: Visitor) -> None:
    guest.open_form("calls")
    start = guest.today() - timedelta(days=1)
    guest.sidebar.get_by_label("Start date", exact=True).fill(start.isoformat())
    columns = _more(guest, "Columns")
    columns.get_by_role("button", name="Choose none").click()
    for header in ("Direction", "Caller number"):
        columns.get_by_label(header, exact=True).check()
    columns.get_by_label("Direction", exact=True).press("F2")
    guest.page.keyboard.type("Way")
    guest.page.keyboard.press("Enter")
    _group(guest, "Which calls").locator("summary").click()
    guest.sidebar.get_by_label("Direction", exact=True).last.select_option("inbound")
    expect(guest.sidebar.get_by_role("status", name="Estimate")).to_contain_text(
        "Filters are applied after reading"
    )

    guest.import_chosen()

    inbound = {str(c["id"]): c for c in guest.calls_since(start) if c["direction"] == "inbound"}
    viewer = guest.viewer()
    header, *rows = viewer.rows(TAB)
    assert header == ["Call ID", "Way", "Caller number"]
    assert {row[0] for row in rows} == set(inbound)
    assert len(rows) == len(inbound)
    assert all(row[2] == inbound[row[0]]["raw_digits"] for row in rows)

    guest.button("Options").click()
    _group(guest, "Privacy").locator("summary").click()
    guest.sidebar.get_by_label("Hide who called").check()
    guest.button("Save and refresh").click()
    expect(guest.button("Refreshing…")).to_have_count(1)
    expect(guest.button("Refresh now")).to_be_enabled(timeout=40_000)

    masked = viewer.rows(TAB)[1:]
    viewer.close()
    assert {row[0]: row[2] for row in masked} == {
        key: mask(call["raw_digits"]) for key, call in inbound.items()
    }
    expect(guest.sidebar.get_by_text("numbers masked, names left out")).to_be_visible()
    assert guest.complaints == []


def test_teams_by_member_and_availabilities_as_a_history(guest: Visitor) -> None:
    for entity, table in (
        ("teams", "Team members"),
        ("user_availabilities", "User availability history"),
    ):
        guest.open_form(entity)
        guest.sidebar.get_by_label(table, exact=True).check()
        if entity == "user_availabilities":
            rhythm = guest.sidebar.get_by_label("Refresh", exact=True)
            assert rhythm.input_value() == "every_15_minutes"
        guest.import_chosen()

    viewer = guest.viewer()
    members = {row[0] for row in viewer.rows("Aircall – Team members")[1:]}
    statuses = viewer.rows("Aircall – User availability history")[1:]
    viewer.close()
    assert members == {
        f"{team['id']}-{user['id']}" for team in guest.truth("teams") for user in team["users"]
    }
    assert {row[1] for row in statuses} == {str(u["id"]) for u in guest.truth("availabilities")}


def test_the_request_limit_leaves_a_share_to_others(guest: Visitor) -> None:
    guest.open_form("tags")
    guest.sidebar.get_by_text("Settings", exact=True).click()
    guest.button("Request limit").click()
    guest.sidebar.get_by_label("Requests a minute that Aircall allows").fill("100")
    guest.sidebar.get_by_label("Left to other integrations").select_option(label="20 %")
    expect(guest.sidebar.get_by_text("at most 80 a minute. Aircall")).to_be_visible()

    guest.button("Save").click()

    expect(guest.sidebar.get_by_text("at most 80 a minute", exact=True)).to_be_visible()
    guest.page.reload()
    guest.sidebar.get_by_text("Settings", exact=True).click()
    expect(guest.sidebar.get_by_text("at most 80 a minute", exact=True)).to_be_visible()


def test_every_field_has_a_label_and_nothing_is_wider_than_the_sidebar(guest: Visitor) -> None:
    guest.open_form("calls")
    guest.sidebar.get_by_text("More options").click()
    for summary in guest.sidebar.locator(".group > summary").all():
        summary.click()

    nameless = guest.sidebar.evaluate(
        """() => [...document.querySelectorAll("input, select, button, summary")]
            .filter((one) => !one.labels?.length && !one.getAttribute("aria-label")
              && !one.textContent.trim()).map((one) => one.outerHTML)"""
    )
    widths = guest.sidebar.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )

    assert nameless == []
    assert widths[0] <= widths[1] <= 300
    assert guest.sidebar.locator("button.primary:visible").count() == 1


def _more(guest: Visitor, name: str) -> Locator:
    guest.sidebar.get_by_text("More options").click()
    group = _group(guest, name)
    group.locator("summary").click()
    return group


def _group(guest: Visitor, name: str) -> Locator:
    summary = guest.sidebar.locator("summary", has_text=re.compile(f"^{name}"))
    return guest.sidebar.locator(".group").filter(has=summary)
