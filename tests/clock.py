"""A clock that stands still until told otherwise."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class FrozenClock:
    """A Clock whose time moves only by `sleep` and `move`; remembers the sleeps in seconds."""

    def __init__(self, now: datetime = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)) -> None:
        self._now = now
        self.sleeps: list[float] = []

    def now(self) -> datetime:
        return self._now

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.move(seconds)

    def move(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)
