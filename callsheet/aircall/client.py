"""One Aircall account over HTTP: signing in, budget, timeouts, bounded retries, paging."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import httpx

from callsheet.aircall.answers import classify, decode, seconds_to_wait
from callsheet.aircall.budget import Budget, LocalBudget
from callsheet.clock import Clock, SystemClock
from callsheet.connection import AircallKey
from callsheet.entity import Record
from callsheet.errors import SourceError, SourceRateLimited, SourceUnavailable, UnexpectedPayload
from callsheet.retry import RetryPolicy, may_try_again, wait_before

log = logging.getLogger(__name__)

PAGE_SIZE = 50
"""Aircall cuts a larger per_page to 50 (API reference, pagination)."""

_TIMEOUT = httpx.Timeout(30.0, connect=5.0)
_WHOLE_REQUEST_SECONDS = 60.0
_POLICY = RetryPolicy(tries=6, first_wait=0.5, longest_wait=20.0, deadline=300.0)
_CHECK_POLICY = RetryPolicy(tries=2, first_wait=0.2, longest_wait=0.5, deadline=5.0)


@dataclass(frozen=True, slots=True)
class Company:
    """The Aircall company that a key belongs to."""

    name: str
    users_count: int
    numbers_count: int


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of a paged list. total: records in the whole query as the source counts them."""

    records: list[Record]
    number: int
    per_page: int
    total: int

    @property
    def is_last(self) -> bool:
        """Whether the source has no further page; the test that holds on every list."""
        return self.number * self.per_page >= self.total


def _ignore_wait(_seconds: float) -> None:
    return None


class AircallClient:
    """Asks Aircall within a budget. `requests` counts every try that was sent."""

    def __init__(
        self,
        base_url: str,
        key: AircallKey,
        budget: Budget,
        *,
        clock: Clock | None = None,
        policy: RetryPolicy = _POLICY,
        on_wait: Callable[[float], None] = _ignore_wait,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Make a client.

        clock: also tells readers the time. on_wait: called with the seconds before each wait for
        the budget. transport: another way to the server, for tests.
        """
        self._http = httpx.Client(
            base_url=base_url,
            auth=(key.api_id, key.api_token),
            timeout=_TIMEOUT,
            headers={"Accept": "application/json", "User-Agent": "callsheet"},
            transport=transport,
        )
        self._budget = budget
        self.clock = clock or SystemClock()
        self._policy = policy
        self._on_wait = on_wait
        self.requests = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def company(self) -> Company:
        """Return the company; needs a valid key (`GET /v1/company`, three fields, measured)."""
        body = self.get("/v1/company").get("company")
        if not isinstance(body, dict) or not isinstance(body.get("name"), str):
            raise UnexpectedPayload("company without a name")
        return Company(
            body["name"], int(body.get("users_count") or 0), int(body.get("numbers_count") or 0)
        )

    def page(
        self,
        path: str,
        records_key: str,
        parameters: Mapping[str, str | int],
        *,
        number: int = 1,
        per_page: int = PAGE_SIZE,
    ) -> Page:
        """Return one page of a list. All parameters go with every page: next-page links lose some.

        Raises SourceError.
        """
        body = self.get(path, {**parameters, "page": number, "per_page": per_page})
        records, meta = body.get(records_key), body.get("meta")
        if not isinstance(records, list) or not isinstance(meta, dict):
            raise UnexpectedPayload(f"{path} without {records_key} or meta")
        try:
            return Page(records, number, int(meta.get("per_page", per_page)), int(meta["total"]))
        except (KeyError, TypeError, ValueError):
            raise UnexpectedPayload(f"{path} with a meta that cannot be read") from None

    def get(self, path: str, parameters: Mapping[str, str | int] | None = None) -> dict[str, Any]:
        """Return the JSON object at `path`, trying again while that makes sense.

        Raises SourceError: what to do about it is in its recovery.
        """
        began = self.clock.now()
        attempt = 0
        while True:
            self._wait_for_budget()
            attempt += 1
            try:
                return self._ask_once(path, parameters or {})
            except (SourceUnavailable, SourceRateLimited) as error:
                waited = (self.clock.now() - began).total_seconds()
                wait = self._wait_after(error, attempt)
                if not may_try_again(attempt, waited, wait, self._policy):
                    raise
                log.info("source_retry path=%s attempt=%d wait=%.1f", path, attempt, wait)
                self.clock.sleep(wait)

    def _ask_once(self, path: str, parameters: Mapping[str, str | int]) -> dict[str, Any]:
        self.requests += 1
        began = self.clock.now()
        try:
            with self._http.stream("GET", path, params=dict(parameters)) as response:
                body = bytearray()
                for chunk in response.iter_bytes():
                    body += chunk
                    if (self.clock.now() - began).total_seconds() > _WHOLE_REQUEST_SECONDS:
                        raise SourceUnavailable("answer took too long")
        except httpx.TransportError as error:
            raise SourceUnavailable(type(error).__name__) from None
        except httpx.DecodingError:
            raise SourceUnavailable("answer could not be unpacked") from None
        problem = classify(response.status_code, path)
        if isinstance(problem, SourceRateLimited):
            wait = seconds_to_wait(response.headers, self.clock.now())
            self._budget.close(wait)
        if problem is not None:
            raise problem
        return decode(bytes(body), path)

    def _wait_for_budget(self) -> None:
        while (wait := self._budget.take()) > 0:
            self._on_wait(wait)
            self.clock.sleep(wait)

    def _wait_after(self, error: SourceError, attempt: int) -> float:
        # After a 429 the budget is closed until the reset: that wait is enough.
        return 0.0 if isinstance(error, SourceRateLimited) else wait_before(attempt, self._policy)


def check_key(base_url: str, key: AircallKey) -> Company:
    """Ask Aircall at once whether it accepts the key, within about 5 seconds.

    Raises CredentialsRejected, SourceUnavailable or SourceRateLimited.
    """
    clock = SystemClock()
    budget = LocalBudget(per_minute=_CHECK_POLICY.tries, clock=clock)
    with AircallClient(base_url, key, budget, clock=clock, policy=_CHECK_POLICY) as client:
        return client.company()
