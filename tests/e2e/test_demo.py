"""The demo page in a real browser, our processes and both stand-ins behind it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from sandbox.demo.processes import DemoOptions
from sandbox.serve import World
from tests.e2e.conftest import TAB, Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

DEMO = DemoOptions(world=World(calls=2_000, arrivals_per_minute=0))
DAY_0 = datetime(1899, 12, 30)  # noqa: DTZ001 - day 0 of a spreadsheet's clock
MINUTE = timedelta(minutes=1)
ROOT = Path(__file__).parents[2]


def test_a_newcomer_connects_imports_and_refreshes(visitor: Visitor) -> None:
    visitor.connect()

    assert visitor.sidebar.get_by_label("Entity").input_value() == "calls"
    start = visitor.today() - timedelta(days=30)
    assert visitor.sidebar.get_by_label("Start date", exact=True).input_value() == start.isoformat()

    visitor.import_calls()

    expected = [str(call["id"]) for call in visitor.calls_since(start)]
    viewer = visitor.viewer()
    assert len(expected) > 100
    assert sorted(row[0] for row in viewer.rows(TAB)[1:]) == sorted(expected)
    expect(visitor.page.get_by_text(TAB, exact=True).first).to_be_visible()
    expect(visitor.page.get_by_text("Call ID", exact=True).first).to_be_visible(timeout=10_000)
    expect(visitor.page.get_by_text("inbound", exact=True).first).to_be_visible()
    counted = f"{len(expected):,} calls in tab {TAB}"
    expect(visitor.sidebar.get_by_text(counted)).to_be_visible()

    visitor.aircall("POST", "/calls", {"count": 3})
    visitor.button("Refresh now").click()
    expect(visitor.button("Refresh now")).to_be_enabled(timeout=30_000)

    assert len(viewer.rows(TAB)) - 1 == len(expected) + 3
    assert visitor.complaints == []
    viewer.close()


def test_aircall_away_during_an_import_is_told_and_the_next_click_works(visitor: Visitor) -> None:
    visitor.connect()
    key = visitor.demo.aircall_api_id
    visitor.aircall("DELETE", f"/keys/{key}")
    visitor.button("Import calls").click()
    refusal = visitor.sidebar.get_by_text(re.compile("does not accept this API ID and token"))
    expect(refusal.filter(visible=True)).to_have_count(1, timeout=30_000)

    token = visitor.demo.aircall_api_token
    visitor.aircall("POST", "/keys", {"api_id": key, "api_token": token})
    visitor.button("Refresh now").click()

    added = re.compile(f"calls (in|added to) tab {TAB}")
    expect(visitor.sidebar.get_by_text(added)).to_be_visible(timeout=30_000)


def test_a_wrong_key_is_told_in_the_sidebar_and_nothing_is_written(guest: Visitor) -> None:
    guest.button("Use another key").click()
    guest.sidebar.get_by_label("API ID").fill("somebody")
    guest.sidebar.get_by_label("API token").fill("not-the-secret")
    guest.button("Connect").click()

    expect(
        guest.sidebar.get_by_text(re.compile("does not accept this API ID and token")).first
    ).to_be_visible(timeout=20_000)
    assert "not-the-secret" not in guest.sidebar.content()
    viewer = guest.viewer()
    assert TAB not in viewer.tabs()
    viewer.close()


def test_the_page_fits_its_300_pixels_and_holds_no_secret(guest: Visitor) -> None:
    for step in (
        lambda: None,
        lambda: guest.open_form("calls"),
        guest.page.reload,
        guest.have_calls,
    ):
        step()
        widths = guest.sidebar.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        assert widths[0] <= widths[1] <= 300
        primary = guest.sidebar.locator("button.primary:visible").count()
        assert primary <= 1
        content = guest.sidebar.content()
        assert guest.demo.aircall_api_token not in content
        assert "session=" not in guest.sidebar.evaluate("location.href")


def test_a_start_date_in_the_future_is_told_beside_its_field(guest: Visitor) -> None:
    guest.open_form("calls")
    future = guest.today() + timedelta(days=3)
    guest.sidebar.get_by_label("Start date", exact=True).fill(future.isoformat())
    guest.sidebar.locator("form button.primary").click()

    expect(guest.sidebar.get_by_text(re.compile("future")).first).to_be_visible(timeout=10_000)


def test_a_header_explains_its_column(guest: Visitor) -> None:
    guest.have_calls()
    guest.button("Open tab").click()

    guest.page.get_by_role("gridcell", name="Direction", exact=True).hover()
    expect(guest.page.get_by_role("tooltip")).to_have_text(re.compile("inbound: they called you"))


def test_notes_beside_a_call_survive_sorting_and_a_refresh(guest: Visitor) -> None:
    guest.have_calls()
    viewer = guest.viewer()
    width = len(viewer.rows(TAB)[0])
    tab_id = viewer.tabs()[TAB]["sheetId"]
    viewer.change({"appendDimension": {"sheetId": tab_id, "dimension": "COLUMNS", "length": 1}})
    letter = "AF" if width == 31 else "AG"
    viewer.write(TAB, f"{letter}3", [["call back"]])
    noted = viewer.rows(TAB)[2][0]
    viewer.change(
        {
            "sortRange": {
                "range": {"sheetId": tab_id, "startRowIndex": 1},
                "sortSpecs": [{"dimensionIndex": 0, "sortOrder": "DESCENDING"}],
            }
        }
    )
    guest.aircall("POST", "/calls", {"count": 2})

    guest.button("Refresh now").click()
    expect(guest.button("Refresh now")).to_be_enabled(timeout=30_000)

    rows = viewer.rows(TAB)[1:]
    assert [row[0] for row in rows if len(row) > width and row[width] == "call back"] == [noted]
    assert len({row[0] for row in rows}) == len(rows)
    viewer.close()


def test_the_header_turns_red_when_a_refresh_is_overdue(guest: Visitor) -> None:
    guest.have_calls()
    guest.button("Open tab").click()
    viewer = guest.viewer()
    minutes = (datetime.now(guest.zone).replace(tzinfo=None) - DAY_0) / MINUTE
    formula = f'=NOW()*1440+N("Callsheet: the next refresh is overdue")>{int(minutes)}'
    condition = {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": formula}]}
    look = {"backgroundColorStyle": {"rgbColor": {"red": 0.8}}}
    area = {"sheetId": viewer.tabs()[TAB]["sheetId"], "startRowIndex": 0, "endRowIndex": 1}
    rule = {"ranges": [area], "booleanRule": {"condition": condition, "format": look}}
    viewer.change({"addConditionalFormatRule": {"rule": rule}})
    viewer.close()

    header = guest.page.get_by_role("gridcell", name="Direction", exact=True)
    expect(header).to_have_css("background-color", "rgb(204, 0, 0)", timeout=10_000)


def test_ctrl_c_ends_every_process_it_started() -> None:
    port = _free_port()
    demo = subprocess.Popen(
        [sys.executable, "-m", "callsheet", "demo"],
        cwd=ROOT,
        env={**os.environ, "PORT": str(port)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        _until_answering(f"http://127.0.0.1:{port}/")
        family = _descendants(demo.pid)
        assert len(family) >= 6
        os.killpg(demo.pid, signal.SIGINT)
        demo.communicate(timeout=20)
    finally:
        if demo.poll() is None:
            demo.kill()

    for _ in range(50):
        left = {pid for pid in family if _alive(pid)}
        if not left:
            break
        time.sleep(0.1)
    assert left == set()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _until_answering(url: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if httpx.get(url).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise AssertionError(f"{url} did not answer")


def _descendants(pid: int) -> set[int]:
    found = subprocess.run(["ps", "-eo", "pid,ppid"], capture_output=True, text=True, check=True)
    pairs = [tuple(map(int, line.split())) for line in found.stdout.splitlines()[1:]]
    family = {pid}
    while more := {child for child, parent in pairs if parent in family} - family:
        family |= more
    return family


def _alive(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"
