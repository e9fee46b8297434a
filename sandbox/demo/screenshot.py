"""`python -m sandbox screenshot`: the README's picture, taken of the running demo by a browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sandbox.demo.command import Terminal, temporary_folder
from sandbox.demo.processes import Demo, DemoOptions, running_demo
from sandbox.demo.supervisor import ChildEnded
from sandbox.serve import World

if TYPE_CHECKING:
    from playwright.sync_api import FrameLocator, Page

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
STEP_MS = 60_000
CALLS_ARRIVE_MS = 8_000
BUSY = 45.0  # calls a minute
# Long enough for the glow of changes to fade a little.
SETTLE_MS = 1_200


def find_browser() -> str | None:
    """A Chromium on this machine; None leaves the choice to Playwright."""
    named = os.environ.get("CALLSHEET_CHROMIUM")
    found = (shutil.which(name) for name in BROWSERS)
    return named or next((path for path in found if path), None)


@contextmanager
def open_page(demo: Demo, width: int, height: int, scale: float) -> Iterator[Page]:
    """The demo page in a headless browser, with its sidebar open."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=OPTIONS)
        page = browser.new_page(
            viewport={"width": width, "height": height}, device_scale_factor=scale
        )
        page.set_default_timeout(STEP_MS)
        page.goto(demo.page_url)
        page.wait_for_selector("body[data-ready=true]")
        yield page
        browser.close()


def sidebar_of(page: Page) -> FrameLocator:
    """The backend's page: a frame in the frame that Apps Script made."""
    return page.frame_locator("#sidebar-body iframe").frame_locator("#frame")


def connect_and_import(page: Page) -> None:
    """What a newcomer does: connect, import calls, look at the tab."""
    sidebar = sidebar_of(page)
    sidebar.get_by_role("button", name="Connect", exact=True).click()
    sidebar.get_by_role("button", name="Import calls").click()
    sidebar.get_by_role("button", name="Refresh now").wait_for()
    page.get_by_role("tab", name="Calls").click()
    page.wait_for_function("document.querySelectorAll('.row .cell').length > 100")


def refresh_later(page: Page) -> None:
    """Some calls later, the user brings what came in."""
    page.wait_for_timeout(CALLS_ARRIVE_MS)
    before = page.locator("#count").inner_text()
    sidebar_of(page).get_by_role("button", name="Refresh now").click()
    changed = "before => document.getElementById('count').textContent !== before"
    page.wait_for_function(changed, arg=before)
    sidebar_of(page).get_by_role("button", name="Refresh now").wait_for()
    page.wait_for_timeout(SETTLE_MS)


@click.command()
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--width", type=click.IntRange(900), default=1440, show_default=True)
@click.option("--height", type=click.IntRange(500), default=810, show_default=True)
@click.option("--scale", type=click.FloatRange(1, 3), default=1.5, show_default=True)
def screenshot(out: Path, width: int, height: int, scale: float) -> None:
    """Run the demo, import calls in a browser, and write a picture of it to OUT."""
    out.parent.mkdir(parents=True, exist_ok=True)
    terminal = Terminal()
    options = DemoOptions(world=World(arrivals_per_minute=BUSY))
    try:
        with (
            temporary_folder() as folder,
            running_demo(Path(folder), options, terminal, remove_folder=True) as demo,
            open_page(demo, width, height, scale) as page,
        ):
            connect_and_import(page)
            refresh_later(page)
            page.screenshot(path=out)
    except ChildEnded as error:
        raise click.ClickException(str(error)) from None
    terminal.say(f"Wrote {out}")
