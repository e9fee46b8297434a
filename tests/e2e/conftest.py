"""A running demo and a real browser."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import httpx
import pytest
from playwright.sync_api import Browser, Frame, Locator, Page, expect, sync_playwright

from callsheet.entity import Entity
from sandbox.demo.processes import Demo, DemoOptions, running_demo
from sandbox.serve import World
from tests.e2e.browser import find_chromium
from tests.integration.google import Viewer

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
TAB = "Aircall – Calls"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    path = find_chromium()
    assert path, "no Chromium: run `make browser`"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield started
        started.close()


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person in front of the demo page."""

    page: Page
    demo: Demo
    complaints: list[str]

    zone: ClassVar[ZoneInfo] = ZoneInfo("Europe/Paris")  # of the demo's spreadsheet

    def today(self) -> date:
        """The day in the spreadsheet."""
        return datetime.now(self.zone).date()

    @property
    def sidebar(self) -> Frame:
        """The backend's page, two frames deep, once its own code shows something.

        A frame is there as soon as its address is, which holds the session until code runs.
        """
        for _ in range(100):
            for frame in self.page.frames:
                if frame.url.startswith(f"{self.demo.web_url}/sidebar"):
                    expect(frame.locator("#app")).not_to_have_attribute("aria-busy", "true")
                    return frame
            self.page.wait_for_timeout(100)
        raise AssertionError("the sidebar did not open")

    def button(self, name: str) -> Locator:
        """A button of the sidebar."""
        return self.sidebar.get_by_role("button", name=name, exact=True)

    def connect(self) -> None:
        """Connect with the key that is filled in."""
        self.button("Connect").click()
        expect(self.button("Import calls")).to_be_visible(timeout=20_000)

    def import_calls(self) -> None:
        """Press the one button, and wait until the rows are there."""
        self.button("Import calls").click()
        expect(self.button("Refresh now")).to_be_enabled(timeout=40_000)

    def have_calls(self) -> None:
        """Get to a spreadsheet that is connected and has its calls, whatever is there already."""
        if self.button("Connect").count():
            self.connect()
        if self.button("Import calls").count():
            self.import_calls()
        expect(self.button("Refresh now")).to_be_enabled(timeout=40_000)

    def open_form(self, entity: str) -> None:
        """Get to the form for one more import, connected, with this entity chosen."""
        if self.button("Connect").count():
            self.connect()
        if self.button("Add import").count():
            self.button("Add import").click()
        self.sidebar.get_by_label("Entity").select_option(entity)

    def card(self, entity: Entity) -> Locator:
        """The card of the entity's import, whichever of its tables was chosen."""
        titles = [one.default_tab_title for one in (entity, *(entity.layouts or {}).values())]
        return self.sidebar.get_by_role("region", name=re.compile(f"^({'|'.join(titles)})$"))

    def import_chosen(self) -> None:
        """Press the coloured button of the form, and wait until the rows are there."""
        start = self.sidebar.locator("form button.primary")
        start.click()
        expect(start).to_have_count(0, timeout=20_000)
        expect(self.button("Importing…")).to_have_count(0, timeout=60_000)

    def viewer(self) -> Viewer:
        """The same spreadsheet over the API."""
        world = {"sheets_url": self.demo.sheets_url, "access_token": self.demo.access_token}
        return Viewer(world, self.demo.spreadsheet_id)

    def truth(self, path: str) -> list[dict[str, Any]]:
        """What the Aircall stand-in has, whole."""
        text = self.aircall("GET", f"/truth/{path}").text
        return [json.loads(line) for line in text.split("\n") if line]

    def calls_since(self, day: date) -> list[dict[str, Any]]:
        """The calls that the Aircall stand-in has from the beginning of a day on."""
        return self.truth(f"calls?{self._since(day)}")

    def count_calls_since(self, day: date) -> int:
        """How many these are."""
        found = self.aircall("GET", f"/truth/calls/count?{self._since(day)}").json()
        return int(found["total"])

    def _since(self, day: date) -> str:
        start = int(datetime.combine(day, time.min, self.zone).timestamp())
        return f"from={start - 1}&to=4000000000"

    def aircall(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """Steer the Aircall stand-in."""
        answer = httpx.request(method, f"{self.demo.aircall_url}/_admin{path}", json=body)
        answer.raise_for_status()
        return answer


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Visitor]:
    """Somebody who has just opened the page of a fresh demo; no call arrives by itself."""
    options = DemoOptions(world=World(calls=2_000, arrivals_per_minute=0))
    with _demo(options) as demo, _visit(browser, demo) as visitor:
        yield visitor


@pytest.fixture(scope="module")
def shared_demo(request: pytest.FixtureRequest) -> Iterator[Demo]:
    """One demo for all tests of a module, made as its DEMO says."""
    with _demo(request.module.DEMO) as demo:
        yield demo


@pytest.fixture
def guest(browser: Browser, shared_demo: Demo) -> Iterator[Visitor]:
    """Somebody who has just opened the page of the module's demo."""
    with _visit(browser, shared_demo) as visitor:
        yield visitor


@contextmanager
def _demo(options: DemoOptions) -> Iterator[Demo]:
    folder = Path(tempfile.mkdtemp(prefix="cs-"))
    log = (lambda name, line: print(name, line)) if os.environ.get("DEMO_LOG") else _silent
    with running_demo(folder, options, log) as demo:
        yield demo
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _visit(browser: Browser, demo: Demo) -> Iterator[Visitor]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda message: (
            complaints.append(f"{message.text} {message.location.get('url')}")
            if message.type == "error"
            else None
        ),
    )
    page.goto(demo.page_url)
    yield Visitor(page, demo, complaints)
    context.close()


def _silent(_name: str, _line: str) -> None:
    return None
