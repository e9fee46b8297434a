"""Queue names, job paths, and how a run reaches the queue: what both edges share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rq import Queue
from rq.serializers import JSONSerializer

from callsheet.delivery import Delivery
from callsheet.run import Run, Trigger
from callsheet.store.removals import TabRemoval

if TYPE_CHECKING:
    from redis import Redis

QUEUE_NOW = "now"
QUEUE_SCHEDULED = "scheduled"
QUEUE_OUTGOING = "outgoing"
QUEUES = (QUEUE_NOW, QUEUE_SCHEDULED, QUEUE_OUTGOING)
"""In the order in which workers look at them: a person does not wait behind scheduled runs."""

RUN_IMPORT = "worker.jobs.run_import"
DELIVER = "worker.jobs.deliver"
DELETE_TAB = "worker.jobs.delete_tab"
JOB_FUNCTIONS = frozenset({RUN_IMPORT, DELIVER, DELETE_TAB})
"""The only functions that a worker agrees to call."""

DELIVERY_SECONDS = 30
"""How long one try of one message may take."""


def enqueue_run(redis: Redis, run: Run, *, job_timeout: int) -> None:
    """Hand the run's id to the workers; doing it twice does no harm.

    job_timeout: seconds after which RQ stops the job.
    """
    name = QUEUE_NOW if run.trigger is Trigger.MANUAL else QUEUE_SCHEDULED
    Queue(name, connection=redis, serializer=JSONSerializer).enqueue_call(
        RUN_IMPORT,
        args=(run.id,),
        job_id=f"{run.id}-{run.attempt + 1}",
        timeout=job_timeout,
        result_ttl=0,
        failure_ttl=24 * 3600,
        ttl=24 * 3600,
        description=f"import {run.entity}",
    )


def enqueue_runs(redis: Redis, runs: Iterable[Run], *, job_timeout: int) -> None:
    """Hand many runs to the workers."""
    for run in runs:
        enqueue_run(redis, run, job_timeout=job_timeout)


def enqueue_delivery(redis: Redis, delivery: Delivery) -> None:
    """Hand the next try of a message to the workers; doing it twice does no harm."""
    attempt = delivery.attempt + 1
    Queue(QUEUE_OUTGOING, connection=redis, serializer=JSONSerializer).enqueue_call(
        DELIVER,
        args=(delivery.id, attempt),
        job_id=f"{delivery.id}-{attempt}",
        timeout=DELIVERY_SECONDS,
        result_ttl=0,
        failure_ttl=3600,
        ttl=3600,
        description=f"deliver {delivery.channel}",
    )


def enqueue_tab_removal(redis: Redis, removal: TabRemoval, *, job_timeout: int) -> None:
    """Let a worker delete the tab of a removed flow; doing it twice does no harm.

    job_timeout: seconds after which RQ stops the job.
    """
    Queue(QUEUE_NOW, connection=redis, serializer=JSONSerializer).enqueue_call(
        DELETE_TAB,
        args=(removal.spreadsheet_id, removal.tab_key),
        timeout=job_timeout,
        result_ttl=0,
        failure_ttl=24 * 3600,
        ttl=24 * 3600,
        description="delete a tab",
    )
