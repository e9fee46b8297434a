"""Telling a work-horse that its worker is to end: a byte that parent and child share."""

from __future__ import annotations

import mmap


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


STOPPING = Stopping()
"""Of this worker and its work-horses."""
