"""Google's quotas, shared by all processes: of each service account and of its Cloud project."""

from __future__ import annotations

import secrets
from typing import Literal

from redis import Redis

from callsheet.retry import MINUTE
from callsheet.store.budget import Level, LeveledBudget

_RESERVE = 0.1
"""Share of each quota that only runs and proofs for which a person waits may use."""

_ACCOUNT, _PROJECT = 0, 1

Way = Literal["read", "write"]
Kind = Literal["account", "project"]


def level_name(way: Way, kind: Kind, whose: str) -> str:
    """Return under which name a quota is kept, see keys.request_budget.

    whose: the account's address, or the project's name.
    """
    return f"google:{way}:{kind}:{whose}"


class GoogleQuota:
    """The quotas of one service account, for one client that sends one request at a time.

    Reads and writes are counted apart, each on two levels in one script: at most `per_account` of
    the account and `per_project` of all accounts of its Cloud project in any rolling minute. run,
    interactive: as in LeveledBudget. period: what a minute is, in seconds.
    """

    def __init__(  # noqa: PLR0913 - two names, two sizes, and whose requests they are
        self,
        redis: Redis,
        email: str,
        project: str,
        *,
        per_account: int,
        per_project: int,
        run: str = "",
        interactive: bool = True,
        period: float = MINUTE,
    ) -> None:
        def level(way: Way, kind: Kind, whose: str, limit: int) -> Level:
            return Level(level_name(way, kind, whose), limit, int(limit * _RESERVE))

        def budget(way: Way) -> LeveledBudget:
            levels = (
                level(way, "account", email, per_account),
                level(way, "project", project, per_project),
            )
            return LeveledBudget(redis, levels, run=run, interactive=interactive, period=period)

        self._budgets: dict[Way, LeveledBudget] = {"read": budget("read"), "write": budget("write")}
        self._tickets: dict[Way, str] = {}
        self._period = period

    def take(self, way: Way) -> float:
        """Return 0 when the request may be sent now (and count it), else the seconds to wait.

        Raises StoreUnavailable.
        """
        ticket = self._tickets.setdefault(way, secrets.token_hex(8))
        return self._budgets[way].take(ticket)

    def settle(self, way: Way) -> None:
        """Say that the request has been answered, or never will be; also gives up a wait."""
        ticket = self._tickets.pop(way, None)
        if ticket is not None:
            self._budgets[way].settle(ticket)

    def refused(self, way: Way, limit: str, told: float | None) -> float:
        """Close the account's quota, or its project's, for everybody; return for how many seconds.

        limit: Google's name of it, such as `WriteRequestsPerMinutePerUser`. Without a time from
        Google it is a minute: the quota that we count was not used up by us.
        """
        level = _PROJECT if limit.endswith("PerProject") else _ACCOUNT
        seconds = self._period if told is None else max(1.0, told)
        self._budgets[way].close(seconds, level)
        return seconds
