"""A process of its own that reads pages from Aircall within the shared budget, until killed."""

from __future__ import annotations

import sys

from redis import Redis

from callsheet.aircall.client import AircallClient
from callsheet.connection import AircallKey
from callsheet.store.budget import SharedBudget


def main() -> None:
    """Arguments: address and key pair of Aircall, Redis, run, requests a period, period."""
    url, api_id, token, redis_url, run, per_period, period = sys.argv[1:]
    with Redis.from_url(redis_url) as redis:
        budget = SharedBudget(redis, "account", int(per_period), run=run, period=float(period))
        with AircallClient(url, AircallKey(api_id, token), budget) as client:
            while True:
                client.page("/v1/tags", "tags", {"run": run})


if __name__ == "__main__":
    main()
