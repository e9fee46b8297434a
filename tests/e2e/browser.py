"""Find a Chromium for the browser tests, or install one.

Order: CALLSHEET_CHROMIUM, one on PATH, one that Playwright has, Playwright's own download, Debian's
package (as root). Run with --install to install; imported by the tests to find it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
PACKAGES = ("chromium-headless-shell", "chromium")


def find_chromium() -> str | None:
    """Return the program's path, or None."""
    named = os.environ.get("CALLSHEET_CHROMIUM")
    if named:
        return named
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return found
    return _of_playwright()


def _of_playwright() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def _install() -> str | None:
    for attempt in (_download, _debian):
        if attempt():
            return find_chromium()
    return None


def _download() -> bool:
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    return subprocess.run(command, capture_output=True, check=False, timeout=300).returncode == 0


def _debian() -> bool:
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        return False
    quiet = {"capture_output": True, "check": False}
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update"], env=environment, **quiet)  # type: ignore[call-overload]
    for package in PACKAGES:
        command = ["apt-get", "install", "-y", "--no-install-recommends", package]
        if subprocess.run(command, env=environment, **quiet).returncode == 0:  # type: ignore[call-overload]
            return True
    return False


if __name__ == "__main__":
    chromium = find_chromium() or ("--install" in sys.argv and _install()) or None
    if chromium is None:
        sys.exit(
            "No Chromium was found or could be installed. Install Chromium and set "
            "CALLSHEET_CHROMIUM to its path."
        )
    print(f"Browser for the tests: {chromium}")
