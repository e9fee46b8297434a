"""When to try again: bounded, jittered, within an overall deadline; pure but for the chance."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass


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
