"""Queue names, job paths, and how a run reaches the queue: what both edges share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rq import Queue
from rq.serializers import JSONSerializer

from callsheet.run import Run, Trigger

if TYPE_CHECKING:
    from redis import Redis

QUEUE_NOW = "now"
QUEUE_SCHEDULED = "scheduled"
QUEUES = (QUEUE_NOW, QUEUE_SCHEDULED)
"""In the order in which workers look at them: a person does not wait behind scheduled runs."""

RUN_IMPORT = "worker.jobs.run_import"
JOB_FUNCTIONS = frozenset({RUN_IMPORT})
"""The only functions that a worker agrees to call."""


def enqueue_run(redis: Redis, run: Run, *, job_timeout: int) -> None:
    """Hand the run's id to the workers; doing it twice does no harm.

    job_timeout: seconds after which RQ stops the job.
    """
    name = QUEUE_SCHEDULED if run.trigger is Trigger.SCHEDULE else QUEUE_NOW
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
