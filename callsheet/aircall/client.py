"""One Aircall account over HTTP: signing in, budget, timeouts, bounded retries, paging."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, Self

import httpx

from callsheet.aircall.ahead import PagesAhead
from callsheet.aircall.answers import classify, decode, seconds_to_wait
from callsheet.aircall.budget import Budget
from callsheet.aircall.listing import Listing
from callsheet.aircall.page import PAGE_SIZE, Body, Page
from callsheet.aircall.tls import tls_context
from callsheet.aircall.windows import LAST_PAGE
from callsheet.clock import Clock, SystemClock
from callsheet.connection import AircallKey
from callsheet.errors import SourceRateLimited, SourceUnavailable, UnexpectedPayload
from callsheet.page_memory import Answer, PageMemory
from callsheet.retry import RetryPolicy, may_try_again, wait_before

log = logging.getLogger(__name__)

_TIMEOUT = httpx.Timeout(30.0, connect=5.0)
_WHOLE_REQUEST_SECONDS = 60.0
_POLICY = RetryPolicy(tries=6, first_wait=0.5, longest_wait=20.0, deadline=600.0)
_SLICE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Company:
    """The Aircall company that a key belongs to."""

    name: str
    users_count: int
    numbers_count: int


def ignore_answer(_status: str) -> None:
    """What hears of answers where nobody counts them."""


def _ignore_wait(_seconds: float) -> None:
    return None


def _go_on() -> None:
    return None


class AircallClient:
    """Asks Aircall within a budget, from any number of threads.

    `requests` counts every try that was sent.
    """

    def __init__(  # noqa: PLR0913 - what it hears and tells while it waits
        self,
        base_url: str,
        key: AircallKey,
        budget: Budget,
        *,
        clock: Clock | None = None,
        policy: RetryPolicy = _POLICY,
        on_wait: Callable[[float], None] = _ignore_wait,
        on_answer: Callable[[str], None] = ignore_answer,
        guard: Callable[[], None] = _go_on,
        memory: PageMemory | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Make a client.

        clock: also tells readers the time. on_wait: called with the seconds before each wait for
        the budget, by one thread at a time. on_answer: told the status of each answer, "none" where
        there was none, by any thread. guard: called before each second of waiting; what it
        raises ends the wait. memory: where pages are looked up before the source is asked.
        transport: another way to the server, such as connections that are kept.
        """
        self._http = httpx.Client(
            base_url=base_url,
            auth=(key.api_id, key.api_token),
            timeout=_TIMEOUT,
            headers={"Accept": "application/json", "User-Agent": "callsheet"},
            transport=transport,
            verify=tls_context(),
        )
        self._budget = budget
        self.clock = clock or SystemClock()
        self._policy = policy
        self._on_wait = on_wait
        self._on_answer = on_answer
        self._guard = guard
        self._memory = memory
        self._ahead = PagesAhead()
        self._is_closed = False
        self._lock = threading.Lock()
        self._telling = threading.Lock()
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

    @property
    def remembers(self) -> bool:
        """Whether pages are looked up in a memory first."""
        return self._memory is not None

    def close(self) -> None:
        """Close the connections, when what is under way has come to its end."""
        self._is_closed = True
        self._ahead.rest()
        self._http.close()

    def rest(self) -> None:
        """Wait for pages that are under way."""
        self._ahead.rest()

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
        again: int = 0,
    ) -> Page:
        """Return one page of a list. All parameters go with every page: next-page links lose some.

        again: how often this page has been read before by the same reading; a memory tells these
        answers apart. Raises SourceError.
        """
        one = Listing(self, path, records_key, parameters, per_page, again)
        return one.recalled(number) or one.fetched(number, self.wait_for_budget())

    def pages(
        self,
        path: str,
        records_key: str,
        parameters: Mapping[str, str | int],
        *,
        again: int = 0,
    ) -> Iterator[Page]:
        """Yield the pages of a list in order, as far as they can be paged, some asked for ahead.

        One list after the other. Raises SourceError in the place of the page that fails.
        """
        listing = Listing(self, path, records_key, parameters, PAGE_SIZE, again)
        return self._ahead.pages(listing, LAST_PAGE)

    def get(self, path: str, parameters: Mapping[str, str | int] | None = None) -> dict[str, Any]:
        """Return the JSON object at `path`, trying again while that makes sense.

        Raises SourceError: what to do about it is in its recovery.
        """
        return self._ask(path, parameters or {}, self.wait_for_budget())[0]

    def recalled(self, question: str, path: str) -> Body | None:
        """Return what the memory has for a question, if there is a memory and it has."""
        known = None if self._memory is None else self._memory.recall(question)
        if known is None:
            return None
        return Body(decode(known.body, path), known.read_at, is_remembered=True)

    def fetched(
        self, question: str, path: str, query: Mapping[str, str | int], ticket: str
    ) -> Body:
        """Ask the source and let the memory keep the answer. Raises SourceError."""
        value, raw = self._ask(path, query, ticket)
        read_at = self.clock.now()
        if self._memory is not None:
            self._memory.keep(question, Answer(raw, read_at))
        return Body(value, read_at)

    def _ask(
        self, path: str, parameters: Mapping[str, str | int], ticket: str
    ) -> tuple[dict[str, Any], bytes]:
        began = self.clock.now()
        attempt = 0
        while True:
            attempt += 1
            try:
                return self._ask_once(path, parameters, ticket)
            except (SourceUnavailable, SourceRateLimited) as error:
                # After a 429 the budget is closed until the reset: that wait is enough.
                is_limited = isinstance(error, SourceRateLimited)
                wait = 0.0 if is_limited else wait_before(attempt, self._policy)
                if not may_try_again(attempt, self._since(began), wait, self._policy):
                    raise
                log.info("source_retry path=%s attempt=%d wait=%.1f", path, attempt, wait)
                self._sleep(wait)
                ticket = self.wait_for_budget()
                if self._since(began) > self._policy.deadline:
                    self._budget.settle(ticket)
                    raise

    def _ask_once(
        self, path: str, parameters: Mapping[str, str | int], ticket: str
    ) -> tuple[dict[str, Any], bytes]:
        with self._lock:
            self.requests += 1
        try:
            status, headers, body = self._read(path, parameters, ticket)
        except httpx.TransportError as error:
            self._on_answer("none")
            raise SourceUnavailable(type(error).__name__) from None
        except httpx.DecodingError:
            raise SourceUnavailable("answer could not be unpacked") from None
        self._on_answer(str(status))
        problem = classify(status, path)
        if isinstance(problem, SourceRateLimited):
            self._budget.close(seconds_to_wait(headers, self.clock.now()))
        if problem is not None:
            raise problem
        return decode(body, path), body

    def _read(
        self, path: str, parameters: Mapping[str, str | int], ticket: str
    ) -> tuple[int, httpx.Headers, bytes]:
        """Send one request; it has arrived once its answer begins, or once it has failed."""
        began = self.clock.now()
        chunks: list[bytes] = []
        has_arrived = False
        try:
            with self._http.stream("GET", path, params=dict(parameters)) as response:
                self._budget.settle(ticket)
                has_arrived = True
                for chunk in response.iter_bytes():
                    chunks.append(chunk)
                    if self._since(began) > _WHOLE_REQUEST_SECONDS:
                        raise SourceUnavailable("answer took too long")
        finally:
            if not has_arrived:
                self._budget.settle(ticket)
        return response.status_code, response.headers, b"".join(chunks)

    def ticket_at_once(self) -> str | None:
        """Return the ticket of a request that may be sent now; None if it would have to wait."""
        ticket = secrets.token_hex(8)
        if self._budget.take(ticket) <= 0:
            return ticket
        self._budget.settle(ticket)
        return None

    def wait_for_budget(self) -> str:
        """Return the ticket of a request that may be sent now."""
        ticket = secrets.token_hex(8)
        try:
            while (wait := self._budget.take(ticket)) > 0:
                with self._telling:
                    self._on_wait(wait)
                self._sleep(wait)
        except BaseException:
            self._budget.settle(ticket)  # leave the line, so that nobody waits behind us
            raise
        return ticket

    def _since(self, moment: datetime) -> float:
        return (self.clock.now() - moment).total_seconds()

    def _sleep(self, seconds: float) -> None:
        while seconds > 0:
            self._guard()
            if self._is_closed:
                raise SourceUnavailable("closed while it waited")
            self.clock.sleep(min(_SLICE_SECONDS, seconds))
            seconds -= _SLICE_SECONDS
