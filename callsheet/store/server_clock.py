"""The time of the Redis server: workers on several machines agree on it, whatever theirs say."""

from __future__ import annotations

from datetime import UTC, datetime

from redis import Redis

from callsheet.clock import Clock


class ServerClock:
    """A Clock that is put right once, by the server's; for as long as a job lasts.

    A worker whose own clock is off would try again at the wrong time, and read up to the wrong
    moment.
    """

    def __init__(self, redis: Redis, clock: Clock) -> None:
        """Ask the server for its time (TIME, to the microsecond). Raises RedisError."""
        seconds, microseconds = redis.time()
        there = datetime.fromtimestamp(seconds, UTC).replace(microsecond=microseconds)
        self._clock = clock
        self.ahead = there - clock.now()

    def now(self) -> datetime:
        """Return the server's time, in UTC."""
        return self._clock.now() + self.ahead

    def sleep(self, seconds: float) -> None:
        """Wait."""
        self._clock.sleep(seconds)
