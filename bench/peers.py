"""Other readers and writers, installed into a virtual environment of their own for comparison."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

PACKAGES = {
    "dlt": "dlt",
    "airbyte": "airbyte-cdk",
    "gspread": "gspread",
    "gspread-dataframe": "gspread-dataframe",
}
FOLDER = Path(tempfile.gettempdir()) / "callsheet-bench-peers"


def pythons(names: str) -> dict[str, Path]:
    """Return the interpreter for each peer of a list with commas; says so if one is missing."""
    found = {}
    for name in filter(None, names.split(",")):
        if name == "httpx":
            found[name] = Path(sys.executable)
        elif name not in PACKAGES:
            raise SystemExit(f"No such peer: {name}. There are httpx, {', '.join(PACKAGES)}.")
        elif (python := _installed(PACKAGES[name])) is not None:
            found[name] = python
    return found


def versions() -> list[str]:
    """Return the peers' versions, as far as they are installed."""
    python = FOLDER / "bin" / "python"
    if not python.is_file():
        return []
    listed = subprocess.run(
        [python, "-m", "pip", "freeze"], capture_output=True, text=True, check=False
    )
    wanted = tuple(f"{package}==" for package in PACKAGES.values())
    return [line for line in listed.stdout.splitlines() if line.startswith(wanted)]


def _installed(package: str) -> Path | None:
    python = FOLDER / "bin" / "python"
    if not python.is_file():
        venv.create(FOLDER, with_pip=True)
    known = [python, "-m", "pip", "show", "--quiet", package]
    if subprocess.run(known, capture_output=True, check=False).returncode == 0:
        return python
    print(f"Installing {package} for comparison (once) ...", flush=True)
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", package]
    done = subprocess.run(install, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"{package} could not be installed and is left out.")
        return None
    return python
