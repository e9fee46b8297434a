"""The stand-in's clock: the real time, shifted or frozen at will."""

from __future__ import annotations

import time
from collections.abc import Callable


class WorldClock:
    """Tell the time of the stand-in's world in UNIX seconds."""

    def __init__(self, source: Callable[[], float] = time.time) -> None:
        self._source = source
        self._offset = 0.0
        self._frozen: float | None = None

    def now(self) -> float:
        """Return the present moment of the world."""
        if self._frozen is not None:
            return self._frozen
        return self._source() + self._offset

    def seconds(self) -> int:
        """Return the present moment cut to whole seconds, as the API prints it."""
        return int(self.now())

    @property
    def is_frozen(self) -> bool:
        """Say whether time stands still."""
        return self._frozen is not None

    def advance(self, seconds: float) -> None:
        """Move forward, frozen or not."""
        if self._frozen is not None:
            self._frozen += seconds
        else:
            self._offset += seconds

    def freeze(self, moment: float | None = None) -> None:
        """Stop at the given moment, or at the present one."""
        self._frozen = self.now() if moment is None else moment

    def resume(self) -> None:
        """Let time run on from where it stands."""
        if self._frozen is not None:
            self._offset = self._frozen - self._source()
            self._frozen = None
