"""A running demo and a real browser."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Frame, Locator, Page, expect, sync_playwright

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

    def viewer(self) -> Viewer:
        """The same spreadsheet over the API."""
        world = {"sheets_url": self.demo.sheets_url, "access_token": self.demo.access_token}
        return Viewer(world, self.demo.spreadsheet_id)

    def aircall(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """Steer the Aircall stand-in."""
        answer = httpx.request(method, f"{self.demo.aircall_url}/_admin{path}", json=body)
        answer.raise_for_status()
        return answer


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Visitor]:
    """Somebody who has just opened the page of a fresh demo; no call arrives by itself."""
    folder = Path(tempfile.mkdtemp(prefix="cs-"))
    options = DemoOptions(world=World(calls=2_000, arrivals_per_minute=0))
    log = (lambda name, line: print(name, line)) if os.environ.get("DEMO_LOG") else _silent
    with running_demo(folder, options, log) as demo:
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        page = context.new_page()
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda message: complaints.append(message.text) if message.type == "error" else None,
        )
        page.goto(demo.page_url)
        yield Visitor(page, demo, complaints)
        context.close()
    shutil.rmtree(folder, ignore_errors=True)


def _silent(_name: str, _line: str) -> None:
    return None
