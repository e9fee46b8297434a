"""Telling a work-horse that its worker is to end: a byte that parent and child share."""

from __future__ import annotations

import logging
import mmap
import os
import threading
import time

log = logging.getLogger(__name__)

_LOOK_SECONDS = 0.25


class Stopping:
    """Whether the worker is to end; made before the fork, read after it."""

    def __init__(self) -> None:
        self._shared = mmap.mmap(-1, 1)

    def request(self) -> None:
        """Ask for the end; safe in a signal handler."""
        self._shared[0] = 1

    @property
    def is_requested(self) -> bool:
        """Whether somebody has asked for the end."""
        return self._shared[0] == 1


def end_in_time(stopping: Stopping, seconds: float) -> None:
    """End this process so long after its worker was told to end, in the middle of what it does.

    Every job of ours may be cut off anywhere: it is done again, or goes on, elsewhere.
    """

    def watch() -> None:
        while not stopping.is_requested:
            time.sleep(_LOOK_SECONDS)
        time.sleep(seconds)
        log.warning("job_cut_short")
        os._exit(1)

    threading.Thread(target=watch, name="end-in-time", daemon=True).start()


STOPPING = Stopping()
"""Of this worker and its work-horses."""
