"""How a run comes to be and reaches a worker: what both edges share.

Which run is next is decided when a worker is free, in our own queues (store/runs.py). A job of RQ
carries no run: it is a token, "do the next slice". A token too many finds nothing to do; one too
few is made up for by the janitor.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer

from callsheet.data_flow import DataFlow
from callsheet.delivery import Delivery
from callsheet.run import QueueName, Run, RunState, Trigger, first_queue
from callsheet.store.removals import TabRemoval
from callsheet.store.tokens import Tokens

if TYPE_CHECKING:
    from datetime import datetime

    from redis import Redis

QUEUE_OUTGOING = "outgoing"
QUEUES = (QueueName.NOW.value, QueueName.SCHEDULED.value, QUEUE_OUTGOING, QueueName.BACKFILL.value)
"""In the order in which workers look at them: a person does not wait behind scheduled runs."""

NEXT_SLICE = "worker.jobs.next_slice"
DELIVER = "worker.jobs.deliver"
DELETE_TAB = "worker.jobs.delete_tab"
JOB_FUNCTIONS = frozenset({NEXT_SLICE, DELIVER, DELETE_TAB})
"""The only functions that a worker agrees to call."""

DELIVERY_SECONDS = 30
"""How long one try of one message may take."""

_SLICE = "slice-"
"""What the ids of tokens begin with, so that they are told from other jobs."""

_A_DAY = 24 * 3600
_MOST_TOKENS = 200
"""In one queue of RQ; as many workers as that are never free at once."""


def new_run(flow: DataFlow, trigger: Trigger, now: datetime, *, run_id: str | None = None) -> Run:
    """Return a queued run of the flow, not saved yet.

    run_id: for a run that must happen once however often it is asked for, such as
    `<flow>_<slot>`; otherwise made up.
    """
    return Run(
        id=run_id or secrets.token_hex(12),
        flow_id=flow.id,
        spreadsheet_id=flow.spreadsheet_id,
        entity=flow.entity,
        trigger=trigger,
        state=RunState.QUEUED,
        created_at=now,
        queue=first_queue(trigger, is_first=flow.tab_id is None),
        account=flow.account,
    )


def enqueue_run(redis: Redis, run: Run, *, job_timeout: int) -> None:
    """Tell the workers that the run is in its queue (again).

    job_timeout: seconds after which RQ stops the slice.
    """
    push_token(redis, run.queue, job_timeout=job_timeout)


def push_token(redis: Redis, queue: QueueName, *, job_timeout: int) -> None:
    """Have one more slice done; job_timeout as above."""
    _push(redis, queue, 1, job_timeout)


def push_tokens(redis: Redis, queue: QueueName, count: int, *, job_timeout: int) -> None:
    """Have so many more slices done, as far as that makes sense; the janitor adds the others."""
    _push(redis, queue, min(count, _MOST_TOKENS - tokens(redis, queue)), job_timeout)


def _push(redis: Redis, queue: QueueName, count: int, job_timeout: int) -> None:
    """Push so many tokens in one exchange with Redis; none when the count is not positive."""
    found = [
        Queue.prepare_data(
            NEXT_SLICE,
            job_id=f"{_SLICE}{secrets.token_hex(12)}",
            timeout=job_timeout,
            result_ttl=0,
            failure_ttl=_A_DAY,
            ttl=_A_DAY,
            description=f"next slice, {queue.value}",
        )
        for _ in range(count)
    ]
    if found:
        _queue(redis, queue.value).enqueue_many(found)


def enqueue_runs(redis: Redis, runs: Iterable[Run], *, job_timeout: int) -> None:
    """Tell the workers of many runs that are in their queues."""
    for queue, count in Counter(run.queue for run in runs).items():
        push_tokens(redis, queue, count, job_timeout=job_timeout)


def tokens(redis: Redis, queue: QueueName) -> int:
    """Return how many tokens wait in a queue of RQ."""
    return _queue(redis, queue.value).count


def tokens_to_take(redis: Redis) -> Tokens:
    """Return the tokens as a work-horse takes them that goes on with the next slice itself."""
    queues = [_queue(redis, name).key for name in QUEUES]
    return Tokens(redis, queues, Job.redis_job_namespace_prefix, _SLICE)


def enqueue_delivery(redis: Redis, delivery: Delivery) -> None:
    """Hand the next try of a message to the workers; doing it twice does no harm."""
    attempt = delivery.attempt + 1
    _queue(redis, QUEUE_OUTGOING).enqueue_call(
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
    _queue(redis, QueueName.NOW.value).enqueue_call(
        DELETE_TAB,
        args=(removal.spreadsheet_id, removal.tab_key),
        timeout=job_timeout,
        result_ttl=0,
        failure_ttl=24 * 3600,
        ttl=24 * 3600,
        description="delete a tab",
    )


def _queue(redis: Redis, name: str) -> Queue:
    return Queue(name, connection=redis, serializer=JSONSerializer)
