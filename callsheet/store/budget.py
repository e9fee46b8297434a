"""The request budget of an Aircall account, shared by all workers on all machines.

docs/decisions/0009-request-budget.md has the reasons. Google's quotas (google_quota.py) are kept
by the same scripts.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from redis import Redis
from redis.exceptions import RedisError

from callsheet.errors import StoreUnavailable
from callsheet.retry import FLIGHT_SHARE, MINUTE
from callsheet.store import keys
from callsheet.store.budget_scripts import CLOSE, SETTLE, TAKE

log = logging.getLogger(__name__)

RESERVE = 0.2
"""Share of an account's budget that only runs for which a person waits may use."""

_GRACE_SECONDS = 1.0
"""A waiter that comes so much later than it was told is taken for dead."""


@dataclass(frozen=True, slots=True)
class Level:
    """One limit that requests are counted on.

    name: whose limit it is. limit: requests a period. reserve: so many of them are only for
    interactive runs.
    """

    name: str
    limit: int
    reserve: int = 0


class LeveledBudget:
    """Never more requests in any rolling period than each of the levels allows.

    run: whose requests these are; runs share each level evenly. interactive: a person waits for
    the run, so it may use the reserve too. period: what a minute is, in seconds.
    """

    def __init__(
        self,
        redis: Redis,
        levels: Sequence[Level],
        *,
        run: str = "",
        interactive: bool = True,
        period: float = MINUTE,
    ) -> None:
        self._run = run or secrets.token_hex(8)
        self._levels = levels
        self._period = int(period * 1000)
        self._kind = int(interactive)
        self._limits = [number for level in levels for number in (level.limit, level.reserve)]
        self._keys = [key for level in levels for key in _keys_of(level)]
        self._settled_keys = [key for level in levels for key in _keys_of(level)[:2]]
        self._take = redis.register_script(TAKE)
        self._settle = redis.register_script(SETTLE)
        self._close = redis.register_script(CLOSE)

    def take(self, ticket: str = "") -> float:
        """Return 0 when the request may be sent now (and count it), else the seconds to wait.

        Raises StoreUnavailable: without Redis nobody knows what is left.
        """
        flight = int(self._period * FLIGHT_SHARE) if ticket else 0
        whose: list[str | int] = [self._run, ticket or secrets.token_hex(8), self._kind]
        times = [self._period, flight, int(_GRACE_SECONDS * 1000)]
        try:
            wait = self._take(keys=self._keys, args=[*whose, *times, *self._limits])
        except RedisError as error:
            raise StoreUnavailable(type(error).__name__) from None
        return int(wait) / 1000.0  # type: ignore[call-overload,no-any-return,unused-ignore]

    def settle(self, ticket: str) -> None:
        """Say that the request has arrived, or never will; also gives up a wait."""
        try:
            self._settle(keys=self._settled_keys, args=[f"{self._run}/{ticket}"])
        except RedisError as error:  # it counts for longer than it had to: harmless
            log.warning("budget_not_settled error=%s", type(error).__name__)

    def close(self, seconds: float, level: int = 0) -> None:
        """Let nobody send for so many seconds: we were told to wait on this level."""
        about = [max(1, int(seconds * 1000)), self._levels[level].limit, self._period]
        try:
            self._close(keys=_keys_of(self._levels[level])[2:], args=about)
        except RedisError as error:
            raise StoreUnavailable(type(error).__name__) from None


class SharedBudget(LeveledBudget):
    """Never more than `per_minute` requests to the account in any rolling minute.

    run, interactive, period: as above. reserve: share of the budget, 0 to 1, that only interactive
    runs may use. spare: share left to the customer's other integrations.
    """

    def __init__(  # noqa: PLR0913 - each is a share or a size of the budget
        self,
        redis: Redis,
        account: str,
        per_minute: int,
        *,
        run: str = "",
        interactive: bool = True,
        reserve: float = 0.0,
        spare: float = 0.0,
        period: float = MINUTE,
    ) -> None:
        limit = max(1, int(per_minute * (1 - spare) + 1e-9))
        level = Level(account, limit, int(limit * reserve))
        super().__init__(redis, [level], run=run, interactive=interactive, period=period)


def _keys_of(level: Level) -> list[str]:
    return [
        keys.request_budget(level.name),
        keys.request_budget_waiters(level.name),
        keys.request_budget_closed(level.name),
        keys.request_budget_learned(level.name),
    ]
