"""`python -m tests.integration.slices`: one slice in a fork of its own for each line on stdin.

As a worker does it, without RQ: prints the child's process id, waits for a line, lets the child
go, and prints how it ended.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress

from callsheet.clock import SystemClock
from callsheet.errors import CallsheetError
from callsheet.process import end_with_parent
from callsheet.settings import Settings
from worker.importing import Importing
from worker.stopping import Stopping
from worker.warming import warm_up


def main() -> None:
    """Serve until stdin ends."""
    end_with_parent(signal.SIGKILL)
    settings = Settings.load()
    warm_up(settings)
    while sys.stdin.readline():
        ready, go = os.pipe()
        child = os.fork()
        if child == 0:
            os.read(ready, 1)
            _slice(settings)
        print(child, flush=True)
        sys.stdin.readline()
        os.write(go, b".")
        _, status = os.waitpid(child, 0)
        os.close(ready)
        os.close(go)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _slice(settings: Settings) -> None:
    status = 1
    try:
        with suppress(CallsheetError):  # written down as the run's error
            Importing(settings, SystemClock(), Stopping()).slices()
        status = 0
    finally:
        os._exit(status)


if __name__ == "__main__":
    main()
