"""Asking Aircall how many records there are, within the account's budget and a few seconds."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from threading import Lock

from redis import Redis

from callsheet.aircall.client import AircallClient
from callsheet.aircall.readers import reader_for
from callsheet.clock import Clock
from callsheet.connection import AircallKey, Connection
from callsheet.entity import Entity
from callsheet.errors import SourceRateLimited
from callsheet.retry import RetryPolicy
from callsheet.settings import Settings
from callsheet.span import Span
from callsheet.store.budget import SharedBudget

Count = Callable[[AircallKey, Connection, Entity, Span | None], int]
"""Key, connection, entity and span to the number of records. Raises SourceError."""

_POLICY = RetryPolicy(tries=2, first_wait=0.2, longest_wait=0.5, deadline=5.0)
_LONGEST_WAIT = 2.0  # seconds for the budget; a person is looking at the form
_KEPT_SECONDS = 60.0
_KEPT = 500

_Question = tuple[str, str, datetime | None]


class AircallCounter:
    """Asks, and remembers each answer for a minute: people try several dates and options."""

    def __init__(self, settings: Settings, redis: Redis, clock: Clock) -> None:
        self._settings = settings
        self._redis = redis
        self._clock = clock
        self._known: dict[_Question, tuple[float, int]] = {}
        self._lock = Lock()

    def __call__(
        self, key: AircallKey, connection: Connection, entity: Entity, span: Span | None
    ) -> int:
        """Return how many records there are. Raises SourceError."""
        question = (connection.account, entity.name, None if span is None else span.start)
        with self._lock:
            asked_at, total = self._known.get(question, (0.0, 0))
        if asked_at and time.monotonic() - asked_at < _KEPT_SECONDS:
            return total
        total = self._ask(key, connection, entity, span)
        with self._lock:
            if len(self._known) >= _KEPT:
                self._known.clear()
            self._known[question] = (time.monotonic(), total)
        return total

    def _ask(
        self, key: AircallKey, connection: Connection, entity: Entity, span: Span | None
    ) -> int:
        per_minute = connection.requests_per_minute or self._settings.aircall_requests_per_minute
        spare = connection.spare_share
        budget = SharedBudget(self._redis, connection.account, per_minute, spare=spare)
        with AircallClient(
            self._settings.aircall_api_url,
            key,
            budget,
            clock=self._clock,
            policy=_POLICY,
            on_wait=_refuse_to_wait,
        ) as client:
            return reader_for(client, entity, span, now=self._clock.now()).expect()


def _refuse_to_wait(seconds: float) -> None:
    if seconds > _LONGEST_WAIT:
        raise SourceRateLimited(
            "budget in use",
            message="Imports use Aircall’s request limit right now, so there is no estimate. You "
            "can import all the same.",
        )
