"""Data flows from the sidebar: schedule, pause, copies, runs, notices, other tools, one of each."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Locator, expect
from redis import Redis

from callsheet.catalogue import ENTITIES
from callsheet.enqueue import enqueue_run, new_run
from callsheet.run import Trigger
from callsheet.store.flows import FlowStore
from callsheet.store.freshness import FreshnessStore
from callsheet.store.notices import NoticeStore
from callsheet.store.runs import RunStore
from sandbox.demo.processes import DemoOptions
from sandbox.serve import World
from tests.e2e.conftest import Visitor
from tests.e2e.looks import FINE, wrong_with
from tests.integration.receivers import receiver

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

# So many calls that reading them takes two minutes' requests: there is time to cancel.
DEMO = DemoOptions(world=World(calls=6_000, days=30, arrivals_per_minute=0), requests_per_minute=60)


def test_what_a_schedule_means_is_said_while_it_is_chosen(guest: Visitor) -> None:
    card = _imported(guest, "webhooks")
    _press(card, "Schedule")
    form = card.get_by_role("form", name="Schedule")
    means = form.get_by_role("status", name="What this means")
    expect(means).to_contain_text("Every Monday at 06:00")
    form.get_by_label("Refresh").select_option(label="Every day")
    form.get_by_label("Time").fill("02:30")
    expect(means).to_contain_text(
        re.compile(r"clocks go (forward and there is no|back and) 02:3\d")
    )
    form.get_by_label("Time").fill("07:30")
    for weekend in ("Saturday", "Sunday"):
        form.get_by_role("button", name=weekend).click()
    expect(means).to_contain_text("Monday to Friday at 07:30")
    expect(means).to_contain_text(re.compile(r"Next: .* 07:3\d, .* 07:3\d, .* 07:3\d"))

    form.get_by_label("Refresh").select_option(label="Every 30 minutes")
    expect(form.get_by_label("Time")).to_be_hidden()
    form.get_by_label("Only within working hours").check()
    form.get_by_label("From").fill("09:00")
    form.get_by_label("Until").fill("09:20")
    expect(means).to_contain_text("at least one hour")
    form.get_by_label("Until").fill("17:30")
    expect(means).to_contain_text(re.compile(r"It comes at \d+ and \d+ past"))
    _press(form, "Save schedule")

    expect(form).to_have_count(0)
    expect(card.get_by_text("every 30 minutes, 09:00–17:30, Monday to Friday")).to_be_visible()
    assert guest.sidebar.locator("button.primary:visible").count() == 1


def test_an_import_is_renamed_paused_resumed_copied_and_removed_with_its_tab(
    guest: Visitor,
) -> None:
    card = _imported(guest, "teams")
    _more(card, "Rename")
    card.get_by_label("Name of this import").fill("Who is where")
    _press(card, "Rename")
    card = _card(guest, "Who is where")
    _more(card, "Pause")
    expect(card.get_by_text("refreshed only by hand")).to_be_visible()
    _press(card, "Resume")
    expect(card.get_by_text("refreshed only by hand")).to_be_hidden()

    _more(card, "Duplicate")
    copy = _card(guest, "Who is where (copy)")
    expect(copy.get_by_text("refreshed only by hand")).to_be_visible()
    _press(copy, "Resume")
    expect(copy.get_by_text("refreshed only by hand")).to_be_hidden()
    _let_it_be_stale(guest, "Who is where (copy)")
    guest.page.reload()
    copy = _card(guest, "Who is where (copy)")
    expect(copy.get_by_text(re.compile("Out of date since"))).to_be_visible()
    notices = guest.sidebar.get_by_role("region", name="Notices")
    expect(notices).to_contain_text("Who is where (copy) is out of date")
    _press(notices, "Show")
    expect(copy.get_by_text("two refreshes in a row have not come")).to_be_visible()
    _press(copy, "Refresh now")
    expect(copy.get_by_role("button", name="Open tab")).to_be_visible(timeout=30_000)
    expect(copy.get_by_text("two refreshes in a row")).to_have_count(0)
    expect(notices.get_by_text("out of date")).to_have_count(0, timeout=30_000)
    viewer = guest.viewer()
    assert {"Aircall – Teams", "Aircall – Teams (2)"} <= set(viewer.tabs())
    _more(copy, "Remove")
    copy.get_by_label("Delete the tab too").check()
    _press(copy, "Remove import")

    expect(copy).to_have_count(0)
    for _ in range(100):
        if "Aircall – Teams (2)" not in viewer.tabs():
            break
        guest.page.wait_for_timeout(100)
    assert "Aircall – Teams (2)" not in viewer.tabs()
    assert "Aircall – Teams" in viewer.tabs()
    viewer.close()
    assert guest.complaints == []


def test_a_refused_key_makes_a_notice_and_the_runs_tell_what_helps(guest: Visitor) -> None:
    card = _imported(guest, "numbers")
    account, token = guest.demo.aircall_api_id, guest.demo.aircall_api_token
    guest.aircall("DELETE", f"/keys/{account}")
    _press(card, "Refresh now")
    expect(card.get_by_role("button", name="Fix settings")).to_be_visible(timeout=30_000)
    guest.aircall("POST", "/keys", {"api_id": account, "api_token": token})

    guest.page.reload()
    notices = guest.sidebar.get_by_role("region", name="Notices")
    expect(notices).to_contain_text("Aircall – Numbers needs you")
    _press(notices, "Show")
    card = guest.card(ENTITIES["numbers"])
    _press(card, "Runs")
    runs = card.get_by_role("region", name="Runs")
    runs.get_by_text("Failed", exact=True).click()
    expect(runs.get_by_text("then press Refresh now")).to_be_visible()
    expect(runs.get_by_text("by hand").filter(visible=True)).to_be_visible()
    expect(runs.get_by_text("2 runs so far: 1 succeeded, 1 failed")).to_be_visible()
    _press(notices, "Dismiss: Aircall – Numbers needs you")
    expect(notices).to_be_hidden()

    _press(card, "Refresh now")
    expect(card.get_by_text("is up to date")).to_be_visible(timeout=30_000)
    expect(runs.get_by_text("3 runs so far: 2 succeeded, 1 failed")).to_be_visible()


def test_a_deleted_tab_is_asked_about_after_a_scheduled_run(guest: Visitor) -> None:
    _imported(guest, "companies")
    viewer = guest.viewer()
    tab_id = viewer.tabs()["Aircall – Companies"]["sheetId"]
    viewer.change({"deleteSheet": {"sheetId": tab_id}})
    _run_as_scheduled(guest, "companies")
    guest.page.reload()
    notices = guest.sidebar.get_by_role("region", name="Notices")
    _press(notices, "Show")
    card = guest.card(ENTITIES["companies"])
    expect(card.get_by_role("button", name="Remove this import")).to_be_visible()

    _press(card, "Make it again")

    expect(card.get_by_text("added to tab Aircall – Companies")).to_be_visible(timeout=30_000)
    expect(notices).to_be_hidden(timeout=30_000)
    assert "Aircall – Companies" in viewer.tabs()
    viewer.close()


def test_a_replacing_refresh_is_taken_back(guest: Visitor) -> None:
    guest.open_form("tags")
    guest.sidebar.get_by_text("More options").click()
    guest.sidebar.locator("summary", has_text="Rows in the tab").click()
    guest.sidebar.get_by_label("Title of the new tab").fill("Our tags")
    guest.sidebar.get_by_label("At each refresh").select_option("replace")
    guest.import_chosen()
    viewer = guest.viewer()
    before = viewer.rows("Our tags")
    guest.aircall("POST", "/tags", {"name": "Brand new"})
    card = _card(guest, "Aircall – Tags – Our tags")
    _press(card, "Refresh now")
    expect(card.get_by_text("1 tag added to tab Our tags")).to_be_visible(timeout=30_000)
    assert len(viewer.rows("Our tags")) == len(before) + 1

    _more(card, "Undo the last refresh")

    expect(card.get_by_text("data from before the last import are back")).to_be_visible(
        timeout=30_000
    )
    assert viewer.rows("Our tags") == before
    viewer.close()
    expect(card.get_by_text("You took the last import back")).to_be_visible()
    _press(card, "Runs")
    expect(card.get_by_role("region", name="Runs").get_by_text("taken back").first).to_be_visible()
    assert guest.complaints == []


def test_who_hears_of_notices_is_chosen_in_the_settings(guest: Visitor) -> None:
    if guest.button("Connect").count():
        guest.connect()
    guest.sidebar.get_by_text("Settings", exact=True).click()
    guest.button("Notices").click()
    hearing = guest.sidebar.get_by_role("form", name="Who hears of notices")
    hearing.get_by_label("All imports once a day").check()
    hearing.get_by_label("Slack address").fill("https://hooks.callsheet.example/slack")
    _press(hearing, "Save")
    expect(hearing).to_have_count(0)

    guest.button("Notices").click()

    expect(hearing.get_by_label("All imports once a day")).to_be_checked()
    expect(hearing.get_by_text("Slack is told")).to_be_visible()
    assert "hooks.callsheet.example" not in guest.sidebar.content()


def test_a_key_is_shown_once_starts_the_import_and_is_revoked(guest: Visitor) -> None:
    card = _imported(guest, "users")
    url, key = _key(card)

    with receiver() as elsewhere:
        elsewhere.answers = [500]
        card.get_by_label("Webhook address").fill(f"{elsewhere.url}/in")
        _press(card, "Save address")
        secret = card.get_by_label("Signing secret", exact=True).input_value()
        assert card.get_by_label("Key", exact=True).count() == 0
        expect(card.get_by_text("Nothing was posted yet")).to_be_visible()

        assert _start(url, key) == 202

        tries = card.get_by_role("list", name="Last tries").get_by_role("listitem")
        expect(tries.filter(has_text="Did not arrive (500)")).to_have_count(1, timeout=30_000)
        expect(tries.filter(has_text="Arrived (200)")).to_have_count(1, timeout=30_000)
    assert card.get_by_label("Signing secret", exact=True).input_value() == secret
    _press(card, "Close")
    held = "[...document.querySelectorAll('input, textarea')].map((one) => one.value).join()"
    assert not {key, secret} & set(guest.sidebar.evaluate(held).split(","))
    assert key not in guest.sidebar.content()
    _more(card, "Connect other tools")
    expect(card.get_by_text("posted to 127.0.0.1, signed")).to_be_visible()
    _press(card, "Remove webhook")
    _press(card, "Make an address")
    address = card.get_by_label("Address for events", exact=True).input_value()
    assert httpx.post(address, json={"event": "call.ended"}).status_code in {200, 202}
    expect(card.get_by_text("Gathering events, then it begins")).to_be_visible(timeout=60_000)
    _press(card, "End address")
    _press(card, "Refresh now")
    expect(card.get_by_text("Gathering events")).to_have_count(0)
    expect(card.locator(".progress")).to_have_count(0, timeout=60_000)
    expect(card.get_by_role("button", name="Make an address")).to_be_visible()
    assert httpx.post(address).status_code == 404
    _press(card, "Revoke key")
    expect(card.get_by_role("button", name="Make a key")).to_be_visible()
    assert _start(url, key) == 404


def test_a_file_of_imports_is_copied_and_applied_after_a_look_at_the_changes(
    guest: Visitor,
) -> None:
    if guest.button("Connect").count():
        guest.connect()
    view, form, area = _file_view(guest)
    _press(view, "Copy")
    expect(view.get_by_role("button", name="Copied")).to_be_visible()
    area.press("ControlOrMeta+V")
    text = area.input_value()
    assert text.startswith("# Data flows of Callsheet")

    _press(form, "See what changes")
    what = form.get_by_role("status", name="What changes")
    expect(what).to_contain_text("Nothing changes")
    area.fill("flows:\n  odd:\n    entity: faxes\n  odder:\n    entity: tags\n")
    _press(form, "See what changes")
    expect(form.get_by_role("alert")).to_contain_text(
        "Line 2, flow “odd”: Callsheet does not import"
    )
    chosen = area.evaluate("one => one.value.slice(one.selectionStart, one.selectionEnd)")
    assert chosen == "  odd:"
    more = f"{text}  kept:\n    entity: tags\n    label: Kept in git\n    paused: true\n"
    file = {"name": "set-up.yaml", "mimeType": "text/plain", "buffer": more.encode()}
    form.locator("input[type=file]").set_input_files([file])
    expect(area).to_have_value(more)
    _press(form, "See what changes")
    expect(what).to_contain_text("kept: new, tags")
    _press(form, "Apply")
    expect(_card(guest, "Kept in git")).to_be_visible()

    view, form, area = _file_view(guest)
    with guest.page.expect_download() as download:
        _press(view, "Download")
    assert "label: Kept in git" in Path(download.value.path()).read_text(encoding="utf-8")
    area.evaluate(
        """(one, text) => {
            const dataTransfer = new DataTransfer();
            dataTransfer.items.add(new File([text], "set-up.yaml"));
            one.dispatchEvent(new DragEvent("drop", { dataTransfer, cancelable: true }));
        }""",
        text,
    )
    expect(area).to_have_value(text)
    form.get_by_label("Remove imports that are not in it").check()
    _press(form, "See what changes")
    expect(what).to_contain_text("kept: is removed; its tab stays")
    _press(form, "Apply")
    expect(_card(guest, "Kept in git")).to_have_count(0)


def test_progress_comes_as_events_and_by_asking_where_they_do_not_get_through(
    guest: Visitor,
) -> None:
    asked: list[str] = []
    guest.page.on("request", lambda one: asked.append(one.url))
    events = re.compile(r"/api/v1/runs/\w+/events$")
    itself = re.compile(r"/api/v1/runs/\w+$")
    card = guest.card(ENTITIES["companies"])
    if not card.count():
        card = _imported(guest, "companies")
    _unfold(card)

    def refresh() -> tuple[bool, bool]:
        """Refresh; return whether it listened to events, and whether it asked for the run."""
        asked.clear()
        _press(card, "Refresh now")
        expect(card.get_by_role("progressbar")).to_be_visible()
        expect(card.get_by_role("button", name="Refresh now")).to_be_enabled(timeout=30_000)
        return any(map(events.search, asked)), any(map(itself.search, asked))

    assert refresh() == (True, False)
    guest.page.route(events, lambda route: route.abort())
    assert refresh() == (True, True)
    guest.page.unroute(events)
    guest.page.route(events, lambda _: None)  # no answer, as behind a proxy that collects them
    assert refresh() == (True, True)


def test_one_of_each_sets_up_what_is_missing(guest: Visitor) -> None:
    if guest.button("Connect").count():
        guest.connect()

    guest.button("Set up one of each").click()

    cards = guest.sidebar.locator(".card")
    expect(cards).to_have_count(len(ENTITIES), timeout=20_000)
    expect(guest.button("Set up one of each")).to_have_count(0)
    contacts = _card(guest, "Aircall – Contacts")
    _unfold(contacts)
    expect(contacts.locator(".quality")).to_be_visible(timeout=60_000)
    assert guest.sidebar.locator("button.primary:visible").count() <= 1
    assert guest.complaints == []


def test_every_form_fits_300_pixels_names_its_fields_and_can_be_read(guest: Visitor) -> None:
    card = guest.card(ENTITIES["companies"])
    if not card.count():
        card = _imported(guest, "companies")
    _unfold(card)
    guest.page.emulate_media(reduced_motion="reduce")  # no colour is on its way to another
    forms = ("Options", "Schedule", "Runs", "More", "Rename", "More", "Connect other tools")
    for name in (*forms, "Make a key", "Make an address", "More", "Remove"):
        _press(card, name)
        if name == "Schedule":
            card.get_by_label("Refresh", exact=True).select_option("hourly")
            card.get_by_label("Only within working hours").check()
        expect(card.locator("[aria-busy]")).to_have_count(0)
        assert wrong_with(guest.sidebar) == FINE, name
        assert card.evaluate("one => one.contains(document.activeElement)"), name
    guest.sidebar.get_by_text("Settings", exact=True).click()
    settings = ("Replace key", "Request limit", "Notices", "Imports as a file", "Disconnect")
    for name in settings:
        guest.button(name).click()
        expect(guest.sidebar.locator(".settings [aria-busy]")).to_have_count(0)
        assert wrong_with(guest.sidebar) == FINE, name
    assert guest.complaints == []


def test_a_long_import_shows_its_pace_and_is_cancelled(guest: Visitor) -> None:
    card = _card(guest, "Aircall – Calls")
    if not card.count():
        guest.open_form("calls")
        guest.sidebar.locator("form button.primary").click()
    _unfold(card)
    expect(card.get_by_role("progressbar")).to_have_attribute(
        "aria-valuetext", re.compile(r"of [\d,]+ calls"), timeout=60_000
    )
    expect(card.get_by_text(re.compile(r"a minute|Goes on"))).to_be_visible(timeout=20_000)

    _press(card, "Cancel")

    expect(card.get_by_text("Cancelled. What was written stays")).to_be_visible(timeout=20_000)
    _press(card, "Runs")
    expect(card.get_by_role("region", name="Runs").get_by_text("Cancelled").first).to_be_visible()
    assert guest.complaints == []


def _file_view(guest: Visitor) -> tuple[Locator, Locator, Locator]:
    """Open the imports as a file; return the view, its form and the field of that."""
    guest.sidebar.get_by_text("Settings", exact=True).click()
    guest.button("Imports as a file").click()
    view = guest.sidebar.get_by_role("region", name="Imports as a file")
    form = view.get_by_role("form", name="Apply a file")
    return view, form, form.get_by_role("textbox", name="File")


def _let_it_be_stale(guest: Visitor, label: str) -> None:
    """Let an import that never ran be three days old, and wait until the scheduler notices."""
    with Redis.from_url(guest.demo.redis_url) as redis:
        flows, freshness = FlowStore(redis), FreshnessStore(redis)
        found = flows.of_spreadsheet(guest.demo.spreadsheet_id)
        flow = next(one for one in found if one.label == label)
        before = flow.created_at - timedelta(days=3)
        flows.change(flow.spreadsheet_id, flow.id, lambda one: replace(one, created_at=before))
        freshness.look_again(flow.spreadsheet_id, flow.id, before)
        for _ in range(300):
            if freshness.count_stale():
                return
            guest.page.wait_for_timeout(100)
    raise AssertionError("not stale")


def _imported(guest: Visitor, entity: str) -> Locator:
    """The unfolded card of a new import of this entity."""
    guest.open_form(entity)
    guest.import_chosen()
    card = guest.card(ENTITIES[entity])
    _unfold(card)
    return card


def _card(guest: Visitor, label: str) -> Locator:
    return guest.sidebar.get_by_role("region", name=label, exact=True)


def _unfold(card: Locator) -> None:
    expect(card).to_be_visible(timeout=20_000)
    toggle = card.locator(".card-toggle[aria-expanded=false]")
    if toggle.count():
        toggle.click()


def _press(within: Locator, name: str) -> None:
    within.get_by_role("button", name=name, exact=True).click()


def _more(card: Locator, name: str) -> None:
    _unfold(card)
    _press(card, "More")
    _press(card, name)


def _run_as_scheduled(guest: Visitor, entity: str) -> None:
    """Let a run take place as the scheduler starts them, and wait until its notice is told."""
    with Redis.from_url(guest.demo.redis_url) as redis:
        flows, runs = FlowStore(redis), RunStore(redis)
        found = flows.of_spreadsheet(guest.demo.spreadsheet_id)
        flow = next(one for one in found if one.entity == entity)
        run, _ = runs.start(new_run(flow, Trigger.SCHEDULE, datetime.now(UTC)))
        enqueue_run(redis, run, job_timeout=60)
        for _ in range(200):
            if NoticeStore(redis).of_spreadsheet(guest.demo.spreadsheet_id):
                return
            guest.page.wait_for_timeout(100)
    raise AssertionError("no notice")


def _key(card: Locator) -> tuple[str, str]:
    """Make a key in the sidebar; return what the command that it shows has in it."""
    _more(card, "Connect other tools")
    _press(card, "Make a key")
    key = card.get_by_label("Key", exact=True).input_value()
    command = card.get_by_label("Command", exact=True).input_value()
    url = re.search(r"https?://\S+", command)
    assert url
    assert f"Bearer {key}" in command
    return url.group(), key


def _start(url: str, key: str) -> int:
    return httpx.post(url, headers={"Authorization": f"Bearer {key}"}).status_code
