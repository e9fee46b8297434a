"""Estimates: asked of Aircall once, shown in words, never a reason to wait."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from backend.counting import AircallCounter
from callsheet.catalogue import CALLS
from callsheet.connection import AircallKey
from callsheet.errors import SourceRateLimited
from callsheet.span import Span
from callsheet.store.budget import SharedBudget
from tests.builders import a_connection

pytestmark = pytest.mark.integration

GOOD = {"api_id": "good-id", "api_token": "good-token-1234567890"}


@pytest.fixture
def sidebar(editor: Any) -> Any:
    connected = editor()
    connected("POST", "/connections", GOOD)
    return connected


def day(services: Any, ago: int) -> str:
    return (services.clock.now() - timedelta(days=ago)).date().isoformat()


def test_an_estimate_says_rows_requests_time_and_share(
    sidebar: Any, services: Any, source: Any
) -> None:
    answer = sidebar("POST", "/estimates", {"entity": "calls", "since": day(services, 30)})

    assert answer.status_code == 200
    found = answer.json
    assert (found["rows"], found["requests"], found["warnings"]) == (1702, 36, [])
    assert found["summary"].startswith("about 1,700 calls, 36 requests, under a minute, 0.")
    assert found["suggested_since"] is None
    ((_, name, span),) = source.asked
    assert name == "calls"
    # A day in Berlin begins before the same day in UTC.
    assert span.start.isoformat()[11:16] in ("23:00", "22:00")
    assert sidebar("GET", "/overview").json["flows"] == [], "nothing is kept"


def test_a_long_import_is_offered_the_days_that_fit(
    sidebar: Any, services: Any, source: Any
) -> None:
    source.total = 90_000
    found = sidebar("POST", "/estimates", {"entity": "calls", "since": day(services, 170)}).json

    assert found["minutes"] > 29
    assert 45 < found["suggested_days"] < 60
    assert found["suggested_since"] >= day(services, found["suggested_days"])
    assert "would fit ten minutes" in found["warnings"][0]


def test_options_count_in(sidebar: Any, services: Any, source: Any) -> None:
    options = {"columns": [{"key": "started_at"}], "rolling_days": 90}
    found = sidebar("POST", "/estimates", {"entity": "calls", "options": options}).json

    assert found["columns"] == 2
    span = source.asked[0][2]
    assert timedelta(days=89) < services.clock.now() - span.start < timedelta(days=92)


def test_a_start_before_the_six_months_is_said(sidebar: Any, services: Any) -> None:
    found = sidebar("POST", "/estimates", {"entity": "calls", "since": day(services, 400)}).json

    assert found["crosses_six_months"] is True
    assert "last six months" in found["warnings"][0]


def test_an_entity_without_a_start_date_needs_none(sidebar: Any, source: Any) -> None:
    source.total = 12

    found = sidebar("POST", "/estimates", {"entity": "tags"})

    assert found.status_code == 200
    assert found.json["summary"].startswith("12 tags, 1 request,")
    assert source.asked[0][2] is None


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"entity": "nonsense"}, "does not import"),
        ({"entity": "calls"}, "Choose a start date"),
        ({"entity": "calls", "since": "2999-01-01"}, "in the future"),
        ({"entity": "calls", "since": "2026-11-01", "options": {"layout": "wide"}}, "no layout"),
    ],
)
def test_what_makes_no_sense_is_refused(sidebar: Any, body: Any, sentence: str) -> None:
    refused = sidebar("POST", "/estimates", body)

    assert refused.status_code == 400
    assert sentence in refused.json["error"]["message"]


def test_without_a_connection_there_is_none(editor: Any) -> None:
    assert editor()("POST", "/estimates", {"entity": "tags"}).status_code == 404


def test_a_busy_budget_is_said_at_once(sidebar: Any, source: Any) -> None:
    source.error = SourceRateLimited("busy")

    answer = sidebar("POST", "/estimates", {"entity": "tags"})

    assert answer.status_code == 503
    assert answer.json["error"]["recovery"] == "retry_later"


def test_the_counter_does_not_wait_for_a_budget_in_use(services: Any) -> None:
    settings = services.settings.model_copy(
        update={"aircall_requests_per_minute": 1, "aircall_api_url": "http://127.0.0.1:9"}
    )
    SharedBudget(services.redis, "company:x", 1).take()
    counter = AircallCounter(settings, services.redis, services.clock)
    now = services.clock.now()

    connection = a_connection(account="company:x")
    with pytest.raises(SourceRateLimited) as refused:
        counter(AircallKey("a", "b"), connection, CALLS, Span(now - timedelta(days=1), now))

    assert "You can import all the same" in refused.value.user_message


def test_the_counter_remembers_an_answer_for_a_minute(
    services: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    counter = AircallCounter(services.settings, services.redis, services.clock)
    monkeypatch.setattr(counter, "_ask", lambda *question: asked.append(question) or 7)
    now = services.clock.now()
    span = Span(now - timedelta(days=1), now)
    key = AircallKey("a", "b")

    later = replace(span, end=now + timedelta(seconds=5))
    ours, theirs = a_connection(account="x"), a_connection(account="y")
    assert counter(key, ours, CALLS, span) == counter(key, ours, CALLS, later) == 7
    counter(key, theirs, CALLS, span)

    assert len(asked) == 2
