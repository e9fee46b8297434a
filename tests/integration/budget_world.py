"""A world of runs in invented time around the budget's own scripts on a real Redis server."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from redis import Redis

from callsheet.store.budget import SharedBudget

BEGIN = 1_800_000_000.0
_CLOCK = "test:clock"
_NAMES = count()


class RedisInAnyTime:
    """A Redis whose scripts read the time from a key, so that a test can set it."""

    def __init__(self, redis: Redis) -> None:
        self.redis = redis
        self.set(BEGIN)

    def set(self, now: float) -> None:
        """Let it be so many UNIX seconds."""
        micros = round(now * 1e6)
        self.redis.delete(_CLOCK)
        self.redis.rpush(_CLOCK, micros // 1_000_000, micros % 1_000_000)

    def register_script(self, text: str) -> Any:
        """Register a script whose TIME is ours."""
        assert "redis.call('TIME')" in text
        return self.redis.register_script(
            text.replace("redis.call('TIME')", f"redis.call('LRANGE', '{_CLOCK}', 0, 1)")
        )


@dataclass(slots=True)
class Runner:
    """A run that asks for page after page, with one request at a time.

    out, back: seconds to Aircall and back. think: seconds between two requests. begins: when.
    wants: how many requests it needs. dies_waiting, dies_sent: after so many waits or grants it is
    killed, without a word. refused: every so manieth request gets a 429.
    """

    name: str
    budget: SharedBudget
    out: float = 0.01
    back: float = 0.01
    think: float = 0.0
    begins: float = 0.0
    wants: int = 1_000_000
    dies_waiting: int = 0
    dies_sent: int = 0
    refused: int = 0
    takes: int = 0
    waited: list[float] = field(default_factory=list)
    ended: float = 0.0

    def steps(self, world: World) -> Iterator[float]:
        """Live; yield the seconds until the next thing happens."""
        yield self.begins
        waits = 0
        for number in range(1, self.wants + 1):
            ticket, asked = f"t{next(_NAMES)}", world.now
            while (wait := self._take(ticket)) > 0:
                waits += 1
                if waits == self.dies_waiting:
                    return
                yield wait
            self.waited.append(world.now - asked)
            yield self.out
            world.arrivals.append((world.now, self.name))
            if number == self.dies_sent:
                return
            yield self.back
            self.budget.settle(ticket)
            if self.refused and number % self.refused == 0:
                self.budget.close(5.0 + number % 7)
            yield self.think
        self.ended = world.now

    def _take(self, ticket: str) -> float:
        self.takes += 1
        return self.budget.take(ticket)


class World:
    """One Aircall account and the runs on it."""

    def __init__(self, redis: Redis, per_minute: int = 60, *, reserve: float = 0.0) -> None:
        self.clock = RedisInAnyTime(redis)
        self.per_minute, self.reserve = per_minute, reserve
        self.account = f"test:{next(_NAMES)}"
        self.now = 0.0
        self.runners: list[Runner] = []
        self.arrivals: list[tuple[float, str]] = []

    def budget(self, run: str, *, interactive: bool = True) -> SharedBudget:
        """Return the account's budget for a run."""
        return SharedBudget(
            self.clock,  # type: ignore[arg-type]
            self.account,
            self.per_minute,
            run=run,
            interactive=interactive,
            reserve=self.reserve,
        )

    def add(self, name: str, *, interactive: bool = True, **how: Any) -> Runner:
        """Add a run; a name that is there already is another thread of that run."""
        runner = Runner(name, self.budget(name, interactive=interactive), **how)
        self.runners.append(runner)
        return runner

    def live(self, seconds: float = 1e9) -> None:
        """Let the runs live for so many seconds, or until all have what they want."""
        lives = [runner.steps(self) for runner in self.runners]
        agenda = [(0.0, number) for number in range(len(lives))]
        while agenda and agenda[0][0] <= seconds:
            self.now, number = heapq.heappop(agenda)
            self.clock.set(BEGIN + self.now)
            pause = next(lives[number], None)
            if pause is not None:
                heapq.heappush(agenda, (self.now + pause, number))

    def fullest(self, period: float = 60.0) -> int:
        """Return the most requests that arrived in any rolling minute."""
        return fullest([at for at, _ in self.arrivals], period)

    def shares(self, after: float = 0.0) -> Counter[str]:
        """Return how many requests each run got through from a moment on."""
        return Counter(name for at, name in self.arrivals if at >= after)


def fullest(moments: list[float], period: float) -> int:
    """Return the most moments in any half-open stretch of `period` seconds."""
    moments = sorted(moments)
    most = first = 0
    for last, moment in enumerate(moments):
        while moment - moments[first] >= period:
            first += 1
        most = max(most, last - first + 1)
    return most
