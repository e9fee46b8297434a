"""When to try again, and how fast after refusals: bounded, jittered; pure but for the chance."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

MINUTE = 60.0

FLIGHT_SHARE = 0.5
"""A request whose arrival was never reported counts as if it had arrived this share of a period
after it was granted. Nobody but a killed process leaves one behind."""

QUIET_PERIODS = 10
"""Two 429s within so many periods lower the rate; so many without any raise it by one step."""

LOWER = 0.75
LOWEST = 10
"""The rate is never lowered below so many requests a period."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how long one request is tried.

    tries: requests sent at the most. first_wait, longest_wait: seconds between tries, doubling.
    deadline: seconds from the first try after which no further try begins.
    """

    tries: int = 5
    first_wait: float = 0.5
    longest_wait: float = 30.0
    deadline: float = 180.0


def wait_before(
    attempt: int,
    policy: RetryPolicy,
    *,
    asked: float | None = None,
    chance: Callable[[], float] = random.random,
) -> float:
    """Return the seconds to wait before try number `attempt` + 1 (attempts count from 1).

    asked: seconds that the server asked us to wait; obeyed, with a little jitter on top so that
    clients do not come back all at once.
    """
    if asked is not None:
        return asked + chance() * min(1.0, 0.1 * asked + 0.05)
    ceiling = min(policy.longest_wait, policy.first_wait * 2.0 ** (attempt - 1))
    return ceiling * (0.5 + 0.5 * chance())


def may_try_again(attempt: int, waited: float, wait: float, policy: RetryPolicy) -> bool:
    """Say whether to try again after `attempt` tries and `waited` seconds, with `wait` to come."""
    return attempt < policy.tries and waited + wait <= policy.deadline


@dataclass(slots=True)
class LearnedRate:
    """What 429s have taught: the rate after the last of them, and since when. Times in seconds."""

    rate: float | None = None
    since: float = 0.0
    struck: float | None = None

    def at(self, now: float, limit: int, quiet: float) -> int:
        """Return the requests a period: each stretch of `quiet` seconds takes back one lowering."""
        if self.rate is None:
            return limit
        steps = min(100, max(0, int((now - self.since) / quiet)))
        return min(limit, int(self.rate / LOWER**steps + 1e-9))

    def strike(self, now: float, limit: int, quiet: float) -> None:
        """Learn from a 429: the second one within `quiet` seconds lowers the rate."""
        if self.rate is not None:
            self.rate = self.at(now, limit, quiet)
        if self.struck is not None and now - self.struck < quiet:
            self.rate = max(min(LOWEST, limit), int(self.at(now, limit, quiet) * LOWER))
        self.since = self.struck = now
