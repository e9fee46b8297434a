"""The Aircall client against small servers that behave: retries, limits, refusals, secrets."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from callsheet.aircall.budget import LocalBudget
from callsheet.aircall.client import AircallClient
from callsheet.clock import Clock, SystemClock
from callsheet.connection import AircallKey
from callsheet.errors import (
    CredentialsRejected,
    LeaseLost,
    SourceRateLimited,
    SourceRequestRefused,
    SourceUnavailable,
    UnexpectedPayload,
)
from callsheet.retry import RetryPolicy
from tests.clock import FrozenClock

COMPANY = {"company": {"name": "Lantern & Loom Ltd", "users_count": 7, "numbers_count": 4}}
Server = Callable[[httpx.Request], httpx.Response]


def client_of(
    server: Server, clock: Clock | None = None, *, per_minute: int = 60, **more: Any
) -> AircallClient:
    clock = clock or FrozenClock()
    return AircallClient(
        "https://aircall.test",
        AircallKey("an-id", "a-secret-token"),
        LocalBudget(per_minute, clock),
        clock=clock,
        transport=httpx.MockTransport(server),
        **more,
    )


def answering(*answers: httpx.Response | Exception) -> Server:
    rest = list(answers)

    def server(_request: httpx.Request) -> httpx.Response:
        answer = rest.pop(0) if len(rest) > 1 else rest[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    return server


OK = httpx.Response(200, json=COMPANY)


@pytest.mark.parametrize(
    "trouble",
    [
        httpx.Response(500, json={"error": "x"}),
        httpx.Response(502, html="<html>Bad gateway</html>"),
        httpx.Response(408),
        httpx.DecodingError("not gzip"),
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("slow"),
        httpx.RemoteProtocolError("peer closed connection without sending complete message body"),
        httpx.Response(200, content=b'{"company": {"na'),
        httpx.Response(200, content=b"[]"),
    ],
    ids=lambda t: t.status_code if isinstance(t, httpx.Response) else type(t).__name__,
)
def test_passing_troubles_are_tried_again(trouble: httpx.Response | Exception) -> None:
    client = client_of(answering(trouble, OK))

    assert client.company().users_count == 7
    assert client.requests == 2


def test_a_trouble_that_stays_ends_within_the_deadline() -> None:
    clock = FrozenClock()
    began = clock.now()
    client = client_of(answering(httpx.Response(503)), clock)

    with pytest.raises(SourceUnavailable):
        client.company()

    assert client.requests == 6
    assert (clock.now() - began).total_seconds() < 300


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, CredentialsRejected),
        (403, CredentialsRejected),
        (400, SourceRequestRefused),
        (404, SourceRequestRefused),
    ],
)
def test_refusals_are_not_tried_again(status: int, error: type[Exception]) -> None:
    client = client_of(answering(httpx.Response(status, json={"message": "Forbidden"})))

    with pytest.raises(error):
        client.company()

    assert client.requests == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed_with_the_key(status: int) -> None:
    elsewhere = httpx.Response(status, headers={"Location": "https://elsewhere.test/v1/company"})
    client = client_of(answering(elsewhere, OK))

    with pytest.raises(SourceRequestRefused):
        client.company()

    assert client.requests == 1


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"X-AircallApi-Reset": "SECONDS"}, 20),
        ({"X-AircallApi-Reset": "MILLISECONDS"}, 20),
        ({"Retry-After": "7"}, 7),
        ({}, 60),
        ({"Retry-After": "soon"}, 60),
        ({"Retry-After": "86400"}, 120),
        ({"Retry-After": "nan"}, 60),
        ({"X-AircallApi-Reset": "inf"}, 60),
        ({"X-AircallApi-Reset": "30"}, 30),
        ({"X-AircallApi-Reset": "1500000000"}, 60),  # clocks disagree
    ],
)
def test_a_429_is_waited_out_as_it_asks(headers: dict[str, str], wait: float) -> None:
    clock = FrozenClock()
    reset = clock.now().timestamp() + 20
    given = {
        k: v.replace("MILLISECONDS", str(int(reset * 1000))).replace("SECONDS", str(int(reset)))
        for k, v in headers.items()
    }
    client = client_of(answering(httpx.Response(429, headers=given, text="<oops>"), OK), clock)

    client.company()

    assert sum(clock.sleeps) == pytest.approx(wait, abs=0.01)


def test_a_429_that_stays_is_reported_as_such() -> None:
    client = client_of(answering(httpx.Response(429)))

    with pytest.raises(SourceRateLimited):
        client.company()


def test_every_page_carries_all_parameters() -> None:
    seen: list[httpx.Request] = []

    def server(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        meta = {"count": 0, "total": 0, "current_page": 1, "per_page": 50}
        return httpx.Response(200, json={"calls": [], "meta": meta})

    client_of(server).page("/v1/calls", "calls", {"fetch_contact": "true", "from": 5}, number=3)

    assert dict(seen[0].url.params) == {
        "fetch_contact": "true",
        "from": "5",
        "page": "3",
        "per_page": "50",
    }


def test_meta_without_links_is_enough() -> None:
    meta = {"count": 1, "total": 1, "current_page": 1, "per_page": 50}
    page = client_of(answering(httpx.Response(200, json={"meta": meta, "webhooks": [{}]}))).page(
        "/v1/webhooks", "webhooks", {}
    )

    assert page.is_last


@pytest.mark.parametrize(
    "body",
    [
        {"calls": []},
        {"meta": {"total": 1}},
        {"calls": [], "meta": {}},
        {"calls": [], "meta": {"total": 1, "per_page": 0}},
        {"calls": [], "meta": {"total": 1e400, "per_page": 50}},
    ],
)
def test_an_answer_of_another_shape_is_a_bug_report(body: dict[str, object]) -> None:
    client = client_of(answering(httpx.Response(200, content=json.dumps(body))))

    with pytest.raises(UnexpectedPayload):
        client.page("/v1/calls", "calls", {})


def test_neither_the_token_nor_what_was_asked_for_shows_anywhere(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    client = client_of(answering(httpx.ConnectError("refused")))

    with pytest.raises(SourceUnavailable) as caught:
        client.page("/v1/contacts/search", "contacts", {"phone_number": "+12025550143"})

    assert "source_retry path=/v1/contacts/search" in caplog.text
    assert "2025550143" not in caplog.text
    shown = caplog.text + repr(caught.value) + repr(AircallKey("an-id", "a-secret-token"))
    assert "a-secret-token" not in shown


def test_a_wait_is_told_whole_and_slept_in_slices() -> None:
    clock, told = FrozenClock(), list[float]()
    client = client_of(answering(OK), clock, per_minute=1, on_wait=told.append)

    client.company()
    client.company()

    assert told == [60]
    assert sum(clock.sleeps) == pytest.approx(60)
    assert max(clock.sleeps) <= 1


def test_a_stop_ends_a_wait_before_the_next_slice() -> None:
    clock = FrozenClock()

    def guard() -> None:
        if len(clock.sleeps) == 3:
            raise LeaseLost("stopped")

    client = client_of(answering(OK), clock, per_minute=1, guard=guard)
    client.company()
    with pytest.raises(LeaseLost):
        client.company()

    assert len(clock.sleeps) == 3
    assert client.requests == 1


def test_no_further_try_begins_after_the_deadline() -> None:
    clock = FrozenClock()
    policy = RetryPolicy(tries=50, first_wait=1, longest_wait=1, deadline=100)
    client = client_of(answering(httpx.Response(429)), clock, policy=policy)
    began = clock.now()

    with pytest.raises(SourceRateLimited):
        client.company()

    assert client.requests == 2
    assert (clock.now() - began).total_seconds() <= 120


def test_an_answer_that_drips_is_given_up_after_a_minute() -> None:
    clock = FrozenClock()

    class Dripping(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            while True:
                clock.move(10)
                yield b" "

    policy = RetryPolicy(tries=1)
    client = client_of(lambda _: httpx.Response(200, stream=Dripping()), clock, policy=policy)
    began = clock.now()

    with pytest.raises(SourceUnavailable):
        client.company()

    assert (clock.now() - began).total_seconds() <= 70


def test_a_request_counts_from_its_arrival_and_not_from_its_grant() -> None:
    clock = FrozenClock()

    def slow(_request: httpx.Request) -> httpx.Response:
        clock.move(20)
        return OK

    told: list[float] = []
    client = client_of(slow, clock, per_minute=1, on_wait=told.append)
    client.company()
    client.company()

    assert told == [60]


def test_threads_may_use_one_client() -> None:
    client = client_of(answering(OK), per_minute=1000)
    threads = [
        threading.Thread(target=lambda: [client.company() for _ in range(50)]) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert client.requests == 200


def listing(total: int, seen: Callable[[], None] = lambda: None) -> Server:
    """A list of so many calls; `seen` hears of each request."""

    def server(request: httpx.Request) -> httpx.Response:
        seen()
        number = int(request.url.params["page"])
        meta = {"total": total, "current_page": number, "per_page": 50}
        return httpx.Response(200, json={"calls": [{"id": number}], "meta": meta})

    return server


def test_pages_asked_for_ahead_keep_within_the_budget() -> None:
    clock, arrived = FrozenClock(), list[float]()
    server = listing(1_500, lambda: arrived.append(clock.now().timestamp()))
    with client_of(server, clock, per_minute=7) as client:
        pages = [page.number for page in client.pages("/v1/calls", "calls", {})]

    assert pages == list(range(1, 31))
    assert client.requests == 30
    arrived.sort()
    assert all(later - earlier >= 60 for earlier, later in zip(arrived, arrived[7:], strict=False))


def test_a_stop_reaches_pages_that_are_asked_for_ahead() -> None:
    stopped = threading.Event()

    def guard() -> None:
        if stopped.is_set():
            raise LeaseLost("stopped")

    with client_of(listing(5_000), per_minute=20, guard=guard) as client:
        pages = client.pages("/v1/calls", "calls", {})
        assert [next(pages).number for _ in range(12)] == list(range(1, 13))
        stopped.set()
        with pytest.raises(LeaseLost):
            list(pages)

    assert client.requests <= 20


def test_closing_ends_pages_that_wait_for_another_try() -> None:
    def server(request: httpx.Request) -> httpx.Response:
        if int(request.url.params["page"]) > 2:
            return httpx.Response(503)
        return httpx.Response(200, json={"calls": [], "meta": {"total": 900, "per_page": 50}})

    clock = SystemClock()
    policy = RetryPolicy(first_wait=60, longest_wait=60)
    client = client_of(server, clock, policy=policy)
    pages = client.pages("/v1/calls", "calls", {})
    assert [next(pages).number for _ in range(2)] == [1, 2]
    began = clock.now()

    client.close()

    assert (clock.now() - began).total_seconds() < 20


class Ledger(LocalBudget):
    """A budget that remembers which tickets were asked for and which given back."""

    def __init__(self, per_minute: int, clock: FrozenClock) -> None:
        super().__init__(per_minute, clock)
        self.taken: set[str] = set()
        self.settled: set[str] = set()

    def take(self, ticket: str = "") -> float:
        self.taken.add(ticket)
        return super().take(ticket)

    def settle(self, ticket: str) -> None:
        self.settled.add(ticket)
        super().settle(ticket)


def test_every_ticket_is_given_back_whatever_happens() -> None:
    clock = FrozenClock()
    budget = Ledger(7, clock)
    stopped = threading.Event()

    def guard() -> None:
        if stopped.is_set():
            raise LeaseLost("stopped")

    answers: list[Server] = [listing(1_000)]
    with AircallClient(
        "https://aircall.test",
        AircallKey("an-id", "a-secret-token"),
        budget,
        clock=clock,
        policy=RetryPolicy(tries=50, first_wait=1, longest_wait=1, deadline=100),
        guard=guard,
        transport=httpx.MockTransport(lambda request: answers[0](request)),
    ) as client:
        list(client.pages("/v1/calls", "calls", {}))
        answers[0] = answering(httpx.ConnectError("refused"))
        with pytest.raises(SourceUnavailable):
            client.company()
        answers[0] = answering(httpx.Response(429))
        with pytest.raises(SourceRateLimited):
            client.company()
        stopped.set()
        with pytest.raises(LeaseLost):
            client.company()

    assert len(budget.taken) > client.requests > 20
    assert budget.taken == budget.settled
