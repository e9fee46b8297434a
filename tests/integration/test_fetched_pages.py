"""Pages that a run keeps in Redis for itself and for others."""

from __future__ import annotations

import os
import threading
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr
from redis import Redis

from callsheet.page_memory import Answer
from callsheet.span import Span
from callsheet.store import keys, pages
from callsheet.store.pages import Fetch, FetchedPages, FetchStore
from callsheet.store.vault import Vault

pytestmark = pytest.mark.integration

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
BODY = b'{"calls": [{"raw_digits": "+33 1 00 00 00 00"}]}'
AGE = timedelta(seconds=90)


def memory_of(redis: Redis, fetch: str = "fetch", sleep: float = 0.01) -> FetchedPages:
    vault = Vault([SecretStr(KEY)])
    return FetchedPages(redis, vault, fetch, lambda _: threading.Event().wait(sleep) and None)


KEY = Fernet.generate_key().decode()


def test_an_answer_is_recalled_by_its_question_and_fetch_only(redis: Redis) -> None:
    memory_of(redis).keep("page 1", Answer(BODY, NOON))

    assert memory_of(redis).recall("page 1") == Answer(BODY, NOON)
    assert memory_of(redis, "another").recall("page 1") is None


def test_nothing_that_is_kept_can_be_read_without_the_key(redis: Redis) -> None:
    memory_of(redis).keep("page 1", Answer(BODY, NOON))

    everything = b"".join(redis.dump(key) or b"" for key in redis.keys("*"))
    assert b"00 00" not in everything
    other = FetchedPages(redis, Vault([SecretStr(Fernet.generate_key().decode())]), "fetch", print)
    assert other.recall("page 1") is None


def test_everything_that_is_kept_ends_by_itself(redis: Redis) -> None:
    memory_of(redis).keep("page 1", Answer(BODY, NOON))
    memory_of(redis).recall("page 2")
    FetchStore(redis).join("company:1", "calls", None, NOON, AGE)

    assert all(0 < redis.ttl(key) <= pages.KEEP_SECONDS for key in redis.keys("*"))


def test_a_fetch_keeps_no_more_than_its_share(redis: Redis) -> None:
    memory = memory_of(redis)
    redis.set(keys.fetch_size("fetch"), pages.MOST_BYTES - 1000)

    memory.keep("large", Answer(os.urandom(2000), NOON))
    memory.keep("small", Answer(b"{}", NOON))

    assert memory.recall("large") is None
    assert memory.recall("small") == Answer(b"{}", NOON)


def test_of_two_runs_one_asks_and_the_other_waits_for_the_answer(redis: Redis) -> None:
    first, second = memory_of(redis), memory_of(redis, sleep=0.2)
    assert first.recall("page 1") is None  # it asks Aircall now
    found: list[Answer | None] = []
    waiting = threading.Thread(target=lambda: found.append(second.recall("page 1")))

    waiting.start()
    first.keep("page 1", Answer(BODY, NOON))
    waiting.join(5)

    assert found == [Answer(BODY, NOON)]


def test_a_run_that_never_answers_is_not_waited_for_long(redis: Redis) -> None:
    memory_of(redis).recall("page 1")

    assert memory_of(redis).recall("page 1") is None


def test_flows_that_need_the_same_at_about_the_same_time_share_a_fetch(redis: Redis) -> None:
    store = FetchStore(redis)
    wanted = Span(NOON - timedelta(hours=24), NOON)
    first = store.join("company:1", "calls", wanted, NOON, AGE)

    later = NOON + timedelta(seconds=60)
    narrower = Span(wanted.start + timedelta(minutes=30), later)
    assert store.join("company:1", "calls", narrower, later, AGE) == first
    assert store.join("company:2", "calls", narrower, later, AGE) != first
    assert store.join("company:1", "contacts", narrower, later, AGE) != first
    wider = Span(wanted.start - timedelta(days=30), later)
    assert store.join("company:1", "calls", wider, later, AGE) != first


def test_runs_that_begin_at_the_same_moment_join_one_fetch(redis: Redis) -> None:
    store, wanted = FetchStore(redis), Span(NOON - timedelta(hours=24), NOON)
    begun: list[Fetch] = []
    ready = threading.Barrier(8)

    def begin() -> None:
        ready.wait()
        begun.append(store.join("company:1", "calls", wanted, NOON, AGE))

    threads = [threading.Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(begun) == 8
    assert len({fetch.id for fetch in begun}) == 1


@pytest.mark.parametrize(
    ("start", "seconds", "serves"),
    [(0, 60, True), (110, 60, True), (130, 60, False), (-1, 60, False), (0, 91, False)],
)
def test_a_fetch_serves_what_lies_within_it_and_is_fresh(
    start: int, seconds: int, *, serves: bool
) -> None:
    fetch = Fetch("id", NOON, Span(NOON - timedelta(days=1), NOON))
    now = NOON + timedelta(seconds=seconds)
    wanted = Span(NOON - timedelta(days=1) + timedelta(minutes=start), now)

    assert fetch.serves(wanted, now, AGE) is serves
    assert not fetch.serves(None, now, AGE)
