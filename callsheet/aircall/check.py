"""Asks Aircall whether it accepts a key."""

from __future__ import annotations

import time

from callsheet.aircall.budget import LocalBudget
from callsheet.aircall.client import AircallClient, Company
from callsheet.clock import SystemClock
from callsheet.connection import AircallKey
from callsheet.retry import RetryPolicy

_CHECK_POLICY = RetryPolicy(tries=2, first_wait=0.2, longest_wait=0.5, deadline=5.0)


def check_key(base_url: str, key: AircallKey) -> Company:
    """Ask Aircall at once whether it accepts the key, within about 5 seconds.

    Raises CredentialsRejected, SourceUnavailable or SourceRateLimited.
    """
    clock = SystemClock()
    budget = LocalBudget(_CHECK_POLICY.tries, clock, elapsed=time.monotonic)
    with AircallClient(base_url, key, budget, clock=clock, policy=_CHECK_POLICY) as client:
        return client.company()
