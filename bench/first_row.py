"""How long from `make demo` to the first row on screen, with a visitor who clicks at once.

Run with `make bench`. Prints, for each of three runs: seconds until the page answers, until the
sidebar can be used, until connected, and until the first imported row is on screen.
"""

from __future__ import annotations

import os
import signal
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

import httpx
from playwright.sync_api import Browser, Frame, Page, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.e2e.browser import find_chromium  # noqa: E402 - after the path is set
from tests.e2e.conftest import FLAGS  # noqa: E402

RUNS = 3
STEPS = ("page", "sidebar", "connected", "first row")


def main() -> None:
    """Measure three times and print each run and the median."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(FLAGS))
        runs = [measure(browser) for _ in range(RUNS)]
        browser.close()
    print(f"{'seconds since the start, until':<32}" + "".join(f"{step:>12}" for step in STEPS))
    for number, run in enumerate(runs, 1):
        print(f"{f'run {number}':<32}" + "".join(f"{seconds:>12.2f}" for seconds in run))
    medians = [statistics.median(column) for column in zip(*runs, strict=True)]
    print(f"{'median':<32}" + "".join(f"{seconds:>12.2f}" for seconds in medians))


def measure(browser: Browser) -> list[float]:
    """Return the seconds from the start of the demo to each step."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    began = time.monotonic()
    demo = subprocess.Popen(
        [sys.executable, "-m", "callsheet", "demo"],
        cwd=ROOT,
        env={**os.environ, "PORT": str(port)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        return [moment - began for moment in visit(browser, f"http://127.0.0.1:{port}/")]
    finally:
        demo.send_signal(signal.SIGINT)
        demo.wait(20)


def visit(browser: Browser, url: str) -> list[float]:
    """Click through the main job; return when each step was reached."""
    _until_answering(url)
    moments = [time.monotonic()]
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(url)
    sidebar = _sidebar(page)
    connect = sidebar.get_by_role("button", name="Connect", exact=True)
    connect.wait_for()
    moments.append(time.monotonic())
    connect.click()
    start = sidebar.get_by_role("button", name="Import calls", exact=True)
    start.wait_for()
    moments.append(time.monotonic())
    start.click()
    page.get_by_text("Call ID", exact=True).first.wait_for(timeout=60_000)
    page.get_by_text("inbound", exact=True).first.wait_for(timeout=60_000)
    moments.append(time.monotonic())
    page.close()
    return moments


def _sidebar(page: Page) -> Frame:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        for frame in page.frames:
            if frame.url.endswith("/sidebar") or "/sidebar#" in frame.url:
                return frame
        page.wait_for_timeout(50)
    raise TimeoutError("the sidebar did not open")


def _until_answering(url: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if httpx.get(url).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise TimeoutError(f"{url} did not answer")


if __name__ == "__main__":
    main()
