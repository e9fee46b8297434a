"""Ends the demo's processes when the supervisor is gone, however it went: `kill -9` too.

Runs as a small process of its own, started as a file with the standard library only. The supervisor
holds the other end of its standard input and writes a line per process group: "+4711" or "-4711".
The end of that input means that the supervisor has ended.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import time

PATIENCE_SECONDS = 4.0


def main() -> None:
    """Keep the list of groups, then end them and remove the folder given as an argument."""
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        number = int(line[1:])
        if line.startswith("+"):
            groups.add(number)
        else:
            groups.discard(number)
    _end(groups)
    for folder in sys.argv[1:]:
        shutil.rmtree(folder, ignore_errors=True)


def _end(groups: set[int]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    left = {group for group in groups if _signal(group, signal.SIGTERM)}
    while left and time.monotonic() < deadline:
        time.sleep(0.05)
        left = {group for group in left if _signal(group, 0)}
    for group in left:
        _signal(group, signal.SIGKILL)


def _signal(group: int, number: int) -> bool:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
        return True
    return False


if __name__ == "__main__":
    main()
