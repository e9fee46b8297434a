"""The janitor: wakes waiting runs in time, takes runs back from vanished jobs, mends the tokens.

Every scheduler process has one, leading or not: each step is one script, so several do no harm.
"""

from __future__ import annotations

import logging
import threading
import time

from redis import Redis
from redis.exceptions import RedisError

from callsheet.enqueue import push_tokens, tokens
from callsheet.run import QueueName
from callsheet.store.runs import RunStore

log = logging.getLogger(__name__)

_LOOK_SECONDS = 0.25
_MEND_SECONDS = 1.0
_AWAY_SECONDS = 1.0


class Janitor:
    """Looks after active runs that no worker has.

    job_timeout: seconds after which RQ stops a slice.
    """

    def __init__(self, redis: Redis, *, job_timeout: int) -> None:
        self._redis = redis
        self._job_timeout = job_timeout
        self._runs = RunStore(redis)
        self._mended_at = 0.0

    def run(self, stop: threading.Event) -> None:
        """Look again and again until `stop`, whatever becomes of Redis meanwhile."""
        wait = 0.0
        while not stop.wait(wait):
            try:
                wait = self.look()
            except RedisError as error:
                log.warning("redis_away error=%s", type(error).__name__)
                wait = _AWAY_SECONDS

    def look(self) -> float:
        """Look once; return the seconds until the next look."""
        woken = self._runs.wake()
        for run_id in woken.taken_back:
            log.warning("run_taken_back run_id=%s", run_id)
        for queue in set(woken.queues):
            self._push(queue, woken.queues.count(queue))
        if time.monotonic() - self._mended_at >= _MEND_SECONDS:
            self.mend()
        return min(_LOOK_SECONDS, _LOOK_SECONDS if woken.next_in is None else woken.next_in)

    def mend(self) -> None:
        """Make up for lost tokens: a run that has been in its queue for a second needs one."""
        self._mended_at = time.monotonic()
        backlog = self._runs.backlog(_MEND_SECONDS)
        waiting = sum(backlog.values())
        if waiting == 0:
            return
        missing = waiting - sum(tokens(self._redis, queue) for queue in QueueName)
        if missing > 0:
            urgent = next(queue for queue, count in backlog.items() if count)
            log.info("tokens_mended missing=%d", missing)
            self._push(urgent, missing)

    def _push(self, queue: QueueName, count: int) -> None:
        push_tokens(self._redis, queue, count, job_timeout=self._job_timeout)
