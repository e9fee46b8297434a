"""Metrics for Prometheus, made at each scrape from what stands in Redis.

So every web process answers the same, whichever process did the work; nothing is kept in memory.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import accumulate

from prometheus_client import CollectorRegistry
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import generate_latest
from redis import Redis

from callsheet.sheets.accounts import ServiceAccount
from callsheet.store.counters import REQUESTS, RUNS, SUM, WAIT, WAIT_BUCKETS, Counters
from callsheet.store.deliveries import DeliveryStore
from callsheet.store.freshness import FreshnessStore
from callsheet.store.gauges import Gauges, by_state, longest_wait
from callsheet.store.google_quota import Kind, level_name

Counted = dict[tuple[str, ...], float]


def exposition(redis: Redis, now: datetime, accounts: Sequence[ServiceAccount]) -> bytes:
    """Return all metrics in Prometheus's text format.

    accounts: the service accounts whose use of Google's quotas is told.
    """
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(redis, now, accounts))
    return generate_latest(registry)


class _Collector:
    def __init__(self, redis: Redis, now: datetime, accounts: Sequence[ServiceAccount]) -> None:
        self._redis = redis
        self._now = now
        self._accounts = accounts

    def describe(self) -> list[Metric]:
        """Return nothing, so that registering reads nothing."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Return every metric."""
        counted = Counters(self._redis).read()
        yield _runs_ended(counted)
        yield _waits(counted)
        yield _requests(counted)
        yield from self._active()
        yield from self._health()
        yield self._budgets()
        yield self._quotas()

    def _active(self) -> Iterator[Metric]:
        runs = Gauges(self._redis).active_runs()
        active = GaugeMetricFamily(
            "callsheet_runs_active", "Runs that are not over.", labels=["state", "entity"]
        )
        for labels, number in sorted(by_state(runs).items()):
            active.add_metric(labels, number)
        yield active
        yield GaugeMetricFamily(
            "callsheet_queue_longest_wait_seconds",
            "How long the first of the queued runs has waited.",
            value=longest_wait(runs, self._now),
        )

    def _health(self) -> Iterator[Metric]:
        gauges = Gauges(self._redis)
        for name, help_text, value in (
            ("workers", "Workers that are alive.", gauges.workers(self._now)),
            ("scheduler_leads", "1 while a scheduler leads.", int(gauges.has_leader())),
            ("flows_scheduled", "Data flows with a next refresh.", gauges.scheduled_flows()),
            (
                "flows_stale",
                "Data flows without success for two slots.",
                FreshnessStore(self._redis).count_stale(),
            ),
            (
                "schedule_lag_seconds",
                "By how much the longest due slot is late.",
                gauges.schedule_lag(self._now),
            ),
            (
                "deliveries_pending",
                "Notices and webhooks on their way.",
                DeliveryStore(self._redis).count(),
            ),
        ):
            yield GaugeMetricFamily(f"callsheet_{name}", help_text, value=value)

    def _budgets(self) -> Metric:
        used = GaugeMetricFamily(
            "callsheet_budget_used_requests",
            "Requests that count in the minute of an Aircall account (its label is a hash).",
            labels=["account"],
        )
        gauges = Gauges(self._redis)
        for account in Counters(self._redis).accounts():
            used.add_metric([_mark(account)], gauges.budget_used(account, self._now))
        return used

    def _quotas(self) -> Metric:
        used = GaugeMetricFamily(
            "callsheet_google_quota_used_requests",
            "Requests that count in the minute of a service account, and of its Cloud project, all "
            "accounts together (their label is a hash).",
            labels=["way", "level", "name"],
        )
        gauges = Gauges(self._redis)
        levels: set[tuple[Kind, str]] = {("account", one.email) for one in self._accounts}
        levels |= {("project", one.project) for one in self._accounts}
        for level, whose in sorted(levels):
            for way in ("read", "write"):
                number = gauges.budget_used(level_name(way, level, whose), self._now)
                used.add_metric([way, level, _mark(whose)], number)
        return used


def _mark(whose: str) -> str:
    """Return what stands for a name that is nobody's metric."""
    return hashlib.sha256(whose.encode()).hexdigest()[:8]


def _runs_ended(counted: Counted) -> Metric:
    ended = CounterMetricFamily(
        "callsheet_runs", "Runs that are over.", labels=["state", "entity", "trigger"]
    )
    for labels, number in _of(counted, RUNS):
        ended.add_metric(labels, number)
    return ended


def _requests(counted: Counted) -> Metric:
    requests = CounterMetricFamily(
        "callsheet_requests",
        "Requests of runs by the status of the answer; none: there was none.",
        labels=["service", "status"],
    )
    for labels, number in _of(counted, REQUESTS):
        requests.add_metric(labels, number)
    return requests


def _waits(counted: Counted) -> Metric:
    waits = HistogramMetricFamily(
        "callsheet_queue_wait_seconds",
        "From the making of a run to its start.",
        labels=["trigger"],
    )
    bounds = [*(str(bound) for bound in WAIT_BUCKETS), "+Inf"]
    for trigger in sorted({labels[0] for labels, _ in _of(counted, WAIT)}):
        numbers = accumulate(counted.get((WAIT, trigger, bound), 0.0) for bound in bounds)
        buckets = list(zip(bounds, numbers, strict=True))
        waits.add_metric([trigger], buckets, sum_value=counted.get((WAIT, trigger, SUM), 0.0))
    return waits


def _of(counted: Counted, metric: str) -> list[tuple[tuple[str, ...], float]]:
    return sorted((labels[1:], n) for labels, n in counted.items() if labels[0] == metric)
