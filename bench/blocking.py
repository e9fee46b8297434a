"""What one job an import looks like: a job of RQ that has its worker until the import is over."""

from __future__ import annotations

import subprocess
import sys

from bench.harness import ROOT


def whole_import(spreadsheet: str, since: str) -> None:
    """Import calls in one go, waiting in the job for the request limit."""
    command = [sys.executable, "-m", "callsheet", "import", "calls", "--json"]
    command += ["--spreadsheet", spreadsheet, "--since", since]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
