"""Windows and walks against a source that changes between any two requests."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callsheet.aircall.budget import LocalBudget
from callsheet.aircall.client import AircallClient
from callsheet.aircall.readers import reader_for
from callsheet.aircall.reading import Reader, Tally
from callsheet.aircall.sieve import Sieve
from callsheet.aircall.windows import CountedWindow, Window, plan_windows
from callsheet.catalogue import ENTITIES
from callsheet.connection import AircallKey
from callsheet.errors import InvalidRequest
from callsheet.span import Span
from tests.clock import FrozenClock

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
BEGIN = NOW - timedelta(days=1)
FIRST = int(BEGIN.timestamp())


class Source:
    """A list of calls or contacts that a test may change after any answer."""

    def __init__(self, key: str, times: dict[int, int]) -> None:
        self.key = key
        self.times = times
        self.asked: list[dict[str, str]] = []
        self.after_answer: Callable[[int], None] = lambda _number: None
        self.total_off_by = 0
        self.lock = threading.Lock()  # pages are asked for in several threads

    def __call__(self, request: httpx.Request) -> httpx.Response:
        with self.lock:
            return self.answer(request)

    def answer(self, request: httpx.Request) -> httpx.Response:
        asked = dict(request.url.params)
        self.asked.append(asked)
        number, size = int(asked["page"]), int(asked["per_page"])
        assert number * size <= 10_000
        found = sorted((at, key) for key, at in self.times.items() if self.holds(asked, at))
        if asked.get("order") == "desc":
            found.reverse()
        page = [self.record(key, at) for at, key in found[(number - 1) * size : number * size]]
        total = len(found) + self.total_off_by
        answer = httpx.Response(
            200, json={self.key: page, "meta": {"total": total, "per_page": size}}
        )
        self.after_answer(len(self.asked))
        return answer

    def holds(self, asked: dict[str, str], at: int) -> bool:
        after = int(asked.get("from", 0))
        if self.key == "calls":
            return after < at <= int(asked["to"])
        return after <= at <= int(asked.get("to", 10**12))

    def record(self, key: int, at: int) -> dict[str, Any]:
        if self.key == "calls":
            return {"id": key, "started_at": at, "status": "done", "direction": "inbound"}
        return {"id": key, "created_at": at, "updated_at": at}


def spread(count: int) -> dict[int, int]:
    """So many records, evenly over the day."""
    return {n: FIRST + n * 86_000 // count for n in range(1, count + 1)}


def reader_of(source: Source, *, days: float = 1, **more: Any) -> Reader:
    clock = FrozenClock(NOW)
    client = AircallClient(
        "https://aircall.test",
        AircallKey("id", "token"),
        LocalBudget(100_000, clock),
        clock=clock,
        transport=httpx.MockTransport(source),
    )
    entity = ENTITIES[source.key]
    span = Span(NOW - timedelta(days=days), NOW) if entity.has_start_date else None
    return reader_for(client, entity, span, now=NOW, **more)


def ids_of(reader: Reader) -> list[int]:
    return [record["id"] for part in reader.parts() for page in part.pages for record in page]


def test_a_quiet_day_costs_a_count_and_its_pages() -> None:
    source = Source("calls", spread(120))
    reader = reader_of(source)

    assert reader.expect() == 120
    assert ids_of(reader) == list(range(1, 121))
    assert [(q["page"], q["per_page"]) for q in source.asked[:2]] == [("1", "1"), ("1", "50")]
    assert sorted((q["page"], q["per_page"]) for q in source.asked) == [
        ("1", "1"),
        ("1", "50"),
        ("2", "50"),
        ("3", "50"),
    ]
    assert {q["fetch_contact"] for q in source.asked} == {"true"}


def test_more_than_the_wall_is_cut_and_each_window_is_a_part() -> None:
    source = Source("calls", spread(21_000))
    reader = reader_of(source)
    parts = [(part.until, sum(len(page) for page in part.pages)) for part in reader.parts()]

    assert sum(count for _, count in parts) == 21_000
    assert [until for until, _ in parts] == sorted(until for until, _ in parts if until)
    assert parts[-1][0] == NOW - timedelta(seconds=1)
    assert (reader.tally.total, reader.tally.received, reader.tally.missing) == (21_000, 21_000, 0)
    assert len(source.asked) <= 21_000 / 50 + 2 * len(parts) + 1


def test_a_window_leaves_room_below_the_wall_for_what_moves_into_it() -> None:
    source = Source("calls", spread(9_900))
    reader = reader_of(source)

    assert reader.expect() == 9_900
    assert len(list(reader.parts())) > 1


def test_years_without_calls_before_the_first_one_cost_nothing() -> None:
    source = Source("calls", spread(11_000))
    reader = reader_of(source, days=3_650)
    sizes = [sum(len(page) for page in part.pages) for part in reader.parts()]

    assert sum(sizes) == 11_000
    assert all(sizes)
    assert len(source.asked) <= 11_000 / 50 + 2 * len(sizes) + 1


def test_calls_that_fall_out_of_what_aircall_keeps_disturb_the_first_day_only() -> None:
    hour = 3_600
    oldest = int((NOW - timedelta(days=183)).timestamp())
    source = Source("calls", {n: oldest + n * hour // 2 for n in range(1, 8_700)})
    stay = set(source.times)

    def fall_out(asked: int) -> None:
        if asked % 40 == 0:
            stay.discard(min(source.times))
            del source.times[min(source.times)]

    source.after_answer = fall_out
    reader = reader_of(source, days=365)
    got = ids_of(reader)

    assert len(got) == len(set(got))
    assert stay <= set(got)
    assert reader.tally.warnings == []
    assert len(source.asked) <= 8_700 / 50 + 2 * 2 + 1 + 2


def test_contacts_are_read_whole_from_the_very_second_of_the_first_to_that_of_the_last() -> None:
    first, last = FIRST, int(NOW.timestamp())
    source = Source("contacts", {1: first, 2: last, 3: last + 1, **{n + 10: 5 for n in range(60)}})
    reader = reader_of(source)

    assert sorted(ids_of(reader)) == [1, 2, *range(10, 70)]
    assert {(q["from"], q["to"]) for q in source.asked[1:]} == {("0", str(last))}


@given(st.lists(st.integers(0, 40), min_size=1, max_size=200), st.integers(4, 60))
def test_neighbouring_windows_of_contacts_share_no_second(times: list[int], room: int) -> None:
    source = Source("contacts", {n: FIRST + at for n, at in enumerate(times)})
    reader = reader_of(source)
    whole = CountedWindow(Window(FIRST - 1, FIRST + 40), len(times))
    got: list[int] = []
    for window in plan_windows(whole, reader._reading.count, room=room):
        got += [one["id"] for page in reader._reading.read(window) for one in page]

    assert sorted(got) == sorted(source.times)
    assert (reader.tally.duplicates, reader.tally.missing) == (0, 0)


def test_a_window_whose_total_moved_is_read_again_and_each_call_comes_once() -> None:
    source = Source("calls", spread(200))
    source.after_answer = lambda asked: source.times.pop(3, None) if asked == 2 else None  # type: ignore[assignment, func-returns-value]
    reader = reader_of(source)
    got = ids_of(reader)

    assert len(got) == len(set(got))
    assert set(source.times) <= set(got)
    assert (reader.tally.missing, reader.tally.duplicates, reader.tally.total) == (0, 0, 199)


def test_what_the_source_counts_and_never_gives_is_missing_after_three_readings() -> None:
    source = Source("calls", spread(60))
    source.total_off_by = 2
    reader = reader_of(source)

    assert len(ids_of(reader)) == 60
    assert (reader.tally.missing, reader.tally.total) == (2, 62)
    assert len(source.asked) == 1 + 3 * 2


def test_a_second_with_more_calls_than_can_be_paged_is_read_as_far_as_it_goes() -> None:
    source = Source("calls", dict.fromkeys(range(10_100), FIRST + 500))
    reader = reader_of(source)

    assert len(ids_of(reader)) == 10_000
    assert reader.tally.missing == 100
    assert sum(q["per_page"] == "50" for q in source.asked if q["page"] == "200") == 1


def test_a_call_that_moves_into_the_next_window_comes_once() -> None:
    source = Source("calls", spread(12_000))
    reader = reader_of(source)
    got: list[int] = []
    for part in reader.parts():
        got += [record["id"] for page in part.pages for record in page]
        assert part.until is not None
        source.times[got[-1]] = int(part.until.timestamp()) + 1

    assert len(got) == len(set(got))
    assert reader.tally.missing == 0
    assert reader.tally.duplicates >= 1


def test_a_dated_entity_needs_a_span() -> None:
    with pytest.raises(InvalidRequest):
        reader_for(None, ENTITIES["calls"], None, now=NOW)  # type: ignore[arg-type]


@given(st.integers(0, 10**6), st.integers(0, 260), st.integers(0, 12))
def test_no_call_that_stays_is_lost_while_others_come_and_go(
    seed: int, count: int, changes: int
) -> None:
    chance = random.Random(seed)
    source = Source("calls", spread(count))
    stable = set(source.times)
    when = {chance.randint(1, 8) for _ in range(changes)}

    def change(asked: int) -> None:
        if asked in when and source.times:
            gone = chance.choice(list(source.times))
            del source.times[gone]
            stable.discard(gone)

    source.after_answer = change
    reader = reader_of(source)
    got = ids_of(reader)

    assert len(got) == len(set(got))
    assert stable <= set(got) or reader.tally.missing or reader.tally.warnings
    if not changes:
        assert (reader.tally.missing, reader.tally.warnings) == (0, [])


def test_a_window_that_never_stands_still_is_reported_once() -> None:
    source = Source("calls", spread(200))
    source.after_answer = lambda _asked: source.times.popitem() and None
    reader = reader_of(source)
    ids_of(reader)

    assert len(reader.tally.warnings) == 1
    assert "Calls kept coming and going" in reader.tally.warnings[0]


@given(st.integers(0, 10**6), st.integers(1, 260), st.integers(0, 4))
def test_no_changed_contact_is_lost_on_a_walk(seed: int, count: int, deletions: int) -> None:
    chance = random.Random(seed)
    source = Source("contacts", spread(count))
    since = chance.choice(list(source.times.values()))
    when = {chance.randint(1, 6) for _ in range(deletions)}

    def change(asked: int) -> None:
        if asked in when and source.times:
            del source.times[chance.choice(list(source.times))]

    source.after_answer = change
    reader = reader_of(source, bookmark=datetime.fromtimestamp(since, UTC))
    got = ids_of(reader)

    assert len(got) == len(set(got))
    assert {key for key, at in source.times.items() if at >= since} <= set(got)


def test_the_bookmark_of_contacts_moves_only_when_all_is_read() -> None:
    reader = reader_of(Source("contacts", spread(21_000)))
    untils = [(part.until, sum(len(page) for page in part.pages)) for part in reader.parts()]

    assert untils[-1] == (NOW, 0)
    assert {until for until, _ in untils[:-1]} == {None}
    assert sum(count for _, count in untils) == 21_000


def test_an_account_without_contacts_costs_one_request() -> None:
    source = Source("contacts", {})
    reader = reader_of(source)

    assert reader.expect() == 0
    assert ids_of(reader) == []
    assert reader.is_whole
    assert len(source.asked) == 1


def test_the_sieve_remembers_no_more_than_the_last_windows() -> None:
    tally = Tally()
    sieve = Sieve(ENTITIES["calls"], tally)
    for window in range(40):
        sieve.begin_window()
        records = [{"id": window * 9_500 + n} for n in range(9_500)]
        assert len(sieve.passed(records)) == 9_500
        sieve.end_window(0)

    assert tally.received == 380_000
    assert sum(map(len, sieve._earlier)) <= 30_000
