"""/metrics and /readyz: what they say, and to whom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families
from rq import Worker
from rq.serializers import JSONSerializer

from backend.app import create_app
from backend.metrics import exposition
from backend.services import Services
from callsheet.run import RunState, Trigger
from callsheet.settings import Settings
from callsheet.store.budget import SharedBudget
from callsheet.store.counters import Counters, run_ended
from callsheet.store.freshness import FreshnessStore
from callsheet.store.google_quota import GoogleQuota
from callsheet.store.leader import Leadership
from tests.builders import a_data_flow, a_run
from tests.integration.test_backend.conftest import Account

pytestmark = pytest.mark.integration

TOKEN = "metrics-token-" * 3
Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def _samples(services: Services) -> Samples:
    accounts = services.service_accounts.known()
    text = exposition(services.redis, services.clock.now(), accounts).decode()
    assert "@" not in text, "an address of somebody"
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_runs_waits_and_requests_are_counted_whichever_process_did_them(
    services: Services, make_services: Callable[[Settings], Services]
) -> None:
    now = services.clock.now()
    for other in (services, make_services(services.settings)):
        counters = Counters(other.redis)
        for waited in (0.2, 3.0, 4000.0):
            started = now + timedelta(seconds=waited)
            run = a_run(state=RunState.FAILED, trigger=Trigger.API, created_at=now)
            with other.redis.pipeline() as pipe:
                run_ended(pipe, replace(run, started_at=started))
                pipe.execute()
        for status in ("200", "200", "429", "none"):
            counters.answered("aircall")(status)

    samples = _samples(services)

    ended = (("entity", "calls"), ("state", "failed"), ("trigger", "api"))
    assert samples["callsheet_runs_total", ended] == 6
    assert [
        samples["callsheet_queue_wait_seconds_bucket", (("le", le), ("trigger", "api"))]
        for le in ("0.3", "2.0", "5.0", "1800.0", "+Inf")
    ] == [2, 2, 4, 4, 6]
    waits = (("trigger", "api"),)
    assert samples["callsheet_queue_wait_seconds_count", waits] == 6
    assert samples["callsheet_queue_wait_seconds_sum", waits] == pytest.approx(2 * 4003.2)
    for status, number in (("200", 4), ("429", 2), ("none", 2)):
        labels = (("service", "aircall"), ("status", status))
        assert samples["callsheet_requests_total", labels] == number


def test_what_is_going_on_is_told_as_it_stands(services: Services) -> None:
    now = services.clock.now()
    services.runs.start(a_run(created_at=now - timedelta(seconds=40)))
    services.flows.add(a_data_flow(next_run_at=now - timedelta(seconds=7)))
    FreshnessStore(services.redis).is_stale("sheet-1", "flow-9", now)
    Counters(services.redis).account_seen("company:1", now)
    budget = SharedBudget(services.redis, "company:1", 60)
    for _ in range(3):
        budget.take()

    samples = _samples(services)

    queued = (("entity", "calls"), ("state", "queued"))
    assert samples["callsheet_runs_active", queued] == 1
    assert samples["callsheet_queue_longest_wait_seconds", ()] == 40
    assert samples["callsheet_schedule_lag_seconds", ()] == 7
    assert samples["callsheet_flows_scheduled", ()] == 1
    assert samples["callsheet_flows_stale", ()] == 1
    used = [v for (name, _), v in samples.items() if name == "callsheet_budget_used_requests"]
    assert used == [3]


def test_what_is_used_of_googles_quotas_is_told_by_account_and_by_project(
    services: Services, account: Account
) -> None:
    account.others = {"second@project.iam.gserviceaccount.com"}
    limits = {"per_account": 60, "per_project": 300}
    first = GoogleQuota(services.redis, account.email, "project", **limits)
    second = GoogleQuota(services.redis, *account.others, "project", **limits)
    for quota, way in ((first, "read"), (first, "write"), (second, "write"), (second, "write")):
        quota.take(way)
        quota.settle(way)

    samples = _samples(services)

    used = {
        (dict(labels)["level"], dict(labels)["way"], dict(labels)["name"]): value
        for (name, labels), value in samples.items()
        if name == "callsheet_google_quota_used_requests"
    }
    assert sorted((level, way, value) for (level, way, _), value in used.items()) == [
        ("account", "read", 0),
        ("account", "read", 1),
        ("account", "write", 1),
        ("account", "write", 2),
        ("project", "read", 1),
        ("project", "write", 3),
    ]
    assert len({name for _, _, name in used}) == 3


def test_all_that_who_runs_it_asks_for_is_there_from_the_start(services: Services) -> None:
    accounts = services.service_accounts.known()
    text = exposition(services.redis, services.clock.now(), accounts).decode()

    kinds = {one.name: one.type for one in text_string_to_metric_families(text)}

    assert kinds == {
        "callsheet_runs": "counter",
        "callsheet_runs_active": "gauge",
        "callsheet_queue_wait_seconds": "histogram",
        "callsheet_queue_longest_wait_seconds": "gauge",
        "callsheet_requests": "counter",
        "callsheet_budget_used_requests": "gauge",
        "callsheet_google_quota_used_requests": "gauge",
        "callsheet_flows_scheduled": "gauge",
        "callsheet_flows_stale": "gauge",
        "callsheet_schedule_lag_seconds": "gauge",
        "callsheet_scheduler_leads": "gauge",
        "callsheet_workers": "gauge",
        "callsheet_deliveries_pending": "gauge",
    }


def test_an_empty_house_has_metrics_too(services: Services) -> None:
    samples = _samples(services)

    assert samples["callsheet_workers", ()] == 0
    assert samples["callsheet_scheduler_leads", ()] == 0
    assert samples["callsheet_schedule_lag_seconds", ()] == 0


def _app(settings: Settings, make_services: Any, **changes: Any) -> Flask:
    changed = Settings(_env_file=None, **{**settings.model_dump(), **changes})
    return create_app(changed, make_services(changed))


def test_metrics_are_for_who_has_the_token(settings: Settings, make_services: Any) -> None:
    client = _app(settings, make_services, metrics_token=TOKEN).test_client()

    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer no"}).status_code == 401
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain; version=")


def test_without_a_token_only_an_own_machine_answers(
    settings: Settings, make_services: Any
) -> None:
    public = _app(settings, make_services).test_client()
    own = _app(settings, make_services, public_url="http://127.0.0.1:8000").test_client()

    assert public.get("/metrics").status_code == 404
    assert own.get("/metrics").status_code == 200


def test_ready_means_that_a_scheduler_leads_and_a_worker_is_alive(
    app: Flask, services: Services
) -> None:
    client, redis = app.test_client(), services.redis

    nothing = client.get("/readyz")
    Leadership(redis, "me").take_or_keep()
    no_worker = client.get("/readyz")
    worker = Worker(["now"], connection=redis, serializer=JSONSerializer)
    worker.register_birth()
    ready = client.get("/readyz")
    services.clock.sleep(600)  # and nobody has heard of it since
    silent = client.get("/readyz")

    assert [one.status_code for one in (nothing, no_worker, ready, silent)] == [503, 503, 200, 503]
    assert "no scheduler leads and no worker is alive" in nothing.json["error"]["message"]
    assert "no scheduler" not in no_worker.json["error"]["message"]
