"""What a command without queue shares with the workers, where there is a Redis to share it in."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from callsheet.aircall.budget import Budget, LocalBudget
from callsheet.clock import Clock
from callsheet.connection import AircallKey, account_of
from callsheet.settings import Settings, embedded_socket
from callsheet.sheets.accounts import ServiceAccount
from callsheet.sheets.client import SheetsClient, ignore_wait, nothing
from callsheet.store.budget import RESERVE, SharedBudget
from callsheet.store.client import connect, require_answer
from callsheet.store.locks import TabLocks
from callsheet.wiring import aircall_client, google_client, google_quota

OnWait = Callable[[float], None]

_ASKED = "company"
"""The ticket of the request that has told which account this is."""


@dataclass(frozen=True, slots=True)
class Sharing:
    """Budgets and locks: those of all processes, or of this one where it is alone."""

    settings: Settings
    clock: Clock
    redis: Redis | None

    def google(self, account: ServiceAccount, on_wait: OnWait = ignore_wait) -> SheetsClient:
        """Return a client of the account, within its quota. Raises GoogleCredentialsRejected."""
        quota = None
        if self.redis is not None:
            quota = google_quota(self.settings, self.redis, account, interactive=False)
        return google_client(self.settings, self.clock, account, quota, on_wait)

    def budget(self, key: AircallKey, on_wait: OnWait = ignore_wait) -> Budget:
        """Return the request budget of the key's company.

        A shared one needs the company's name: one request, which counts. Raises SourceError,
        CredentialsRejected, StoreUnavailable.
        """
        per_minute = self.settings.aircall_requests_per_minute
        alone = LocalBudget(per_minute, self.clock, elapsed=time.monotonic)
        if self.redis is None:
            return alone
        with aircall_client(self.settings, key, alone, self.clock, on_wait) as client:
            company = client.company()
        account = account_of(self.settings.aircall_api_url, company.name)
        shared = SharedBudget(self.redis, account, per_minute, interactive=False, reserve=RESERVE)
        while (wait := shared.take(_ASKED)) > 0:
            on_wait(wait)
            self.clock.sleep(wait)
        shared.settle(_ASKED)
        return shared

    @contextmanager
    def only_writer(self, spreadsheet_id: str, flow_key: str) -> Iterator[Callable[[], None]]:
        """Hold the tab for as long as the context lasts; it gives the guard of each write.

        Raises TabInUse, StoreUnavailable.
        """
        if self.redis is None:
            yield nothing
            return
        with TabLocks(self.redis).hold(spreadsheet_id, flow_key) as holding:
            yield holding.guard


@contextmanager
def sharing(settings: Settings, clock: Clock) -> Iterator[Sharing]:
    """Find the Redis of the workers: the one that REDIS_URL names, or an embedded one that runs.

    Raises StoreUnavailable when the former does not answer.
    """
    redis = _workers_redis(settings)
    try:
        yield Sharing(settings, clock, redis)
    finally:
        if redis is not None:
            redis.close()


def _workers_redis(settings: Settings) -> Redis | None:
    if settings.redis_url is None and not Path(embedded_socket(settings.data_dir)).exists():
        return None
    redis = connect(settings)
    if settings.redis_url is not None:
        require_answer(redis, settings)
        return redis
    try:
        redis.ping()
    except RedisError:  # the socket that a killed server left behind
        return None
    return redis
