"""What one job an import looks like: a job of RQ that has its worker until the import is over."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile

from bench.harness import ROOT


def whole_import(spreadsheet: str, since: str) -> None:
    """Import calls in one go, waiting in the job for the request limit.

    Without our Redis, in which all of these imports would be of one account and share its budget:
    the bench has one company stand for many.
    """
    command = [sys.executable, "-m", "callsheet", "import", "calls", "--json"]
    command += ["--spreadsheet", spreadsheet, "--since", since]
    with tempfile.TemporaryDirectory(prefix="cs-") as folder:
        alone = {name: value for name, value in os.environ.items() if name != "REDIS_URL"}
        alone["CALLSHEET_DATA_DIR"] = folder
        subprocess.run(command, cwd=ROOT, env=alone, check=True, stdout=subprocess.DEVNULL)
