"""The clients of Aircall and Google for one slice after the other, over connections that stay open.

Signing in to Google and shaking hands takes longer than most refreshes have to do.
"""

from __future__ import annotations

from redis import Redis

from callsheet.aircall.budget import Budget
from callsheet.aircall.client import AircallClient
from callsheet.aircall.kept import KeptTransport
from callsheet.clock import Clock
from callsheet.connection import AircallKey, Connection
from callsheet.run import Run
from callsheet.settings import Settings
from callsheet.sheets.client import SheetsClient
from callsheet.sheets.wire import Wire
from callsheet.store.counters import Counters
from callsheet.wiring import account_pool, aircall_client, google_client, google_quota, google_wire
from worker.watching import RunWatcher


class Outside:
    """What one work-horse has open. For one slice at a time."""

    def __init__(self, settings: Settings, redis: Redis, clock: Clock, counters: Counters) -> None:
        self._settings = settings
        self._redis = redis
        self._clock = clock
        self._counters = counters
        self._wires: dict[str, Wire] = {}
        self._transport = KeptTransport()

    def aircall(self, key: AircallKey, budget: Budget, watcher: RunWatcher) -> AircallClient:
        """Return a client for one Aircall account, with the watcher's pages as its memory."""
        return aircall_client(
            self._settings,
            key,
            budget,
            self._clock,
            watcher.waiting,
            guard=watcher.check,
            memory=watcher.pages,
            on_answer=self._counters.answered("aircall"),
            transport=self._transport,
        )

    def google(self, connection: Connection, run: Run, watcher: RunWatcher) -> SheetsClient:
        """Return a client that writes as the connection's account.

        Raises ServiceAccountGone, ConfigError and GoogleCredentialsRejected.
        """
        account = account_pool(self._settings).pinned(connection.service_account)
        if account.email not in self._wires:
            self._wires[account.email] = google_wire(self._settings, self._redis, account)
        quota = google_quota(
            self._settings, self._redis, account, run=run.id, interactive=run.is_interactive
        )
        return google_client(
            self._settings,
            self._clock,
            account,
            quota,
            watcher.waiting,
            on_answer=self._counters.answered("google"),
            wire=self._wires[account.email],
        )
