"""`python -m worker.scheduler`: enqueue what is due, and runs whose worker vanished."""

from __future__ import annotations

import logging
import secrets
import signal
import threading
from contextlib import suppress
from datetime import datetime, timedelta

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.serializers import JSONSerializer

from callsheet import log as logs
from callsheet.clock import Clock, SystemClock
from callsheet.data_flow import DataFlow
from callsheet.enqueue import QUEUES, enqueue_run, enqueue_tab_removal
from callsheet.errors import NotFound, RunLost
from callsheet.exits import one_sentence
from callsheet.run import Run, RunError, RunState
from callsheet.settings import Settings
from callsheet.store.client import connect
from callsheet.store.flows import FlowStore
from callsheet.store.leader import Leadership
from callsheet.store.removals import TabRemovals
from callsheet.store.runs import RunStore
from worker.aftermath import Aftermath
from worker.lookout import Lookout
from worker.ticker import Ticker

log = logging.getLogger(__name__)

_TICK_SECONDS = 0.5
_ATTEMPTS = 5
_SILENCE = timedelta(seconds=10)
"""How long an active run without a lease may be silent before it is enqueued again."""
_TAB_AGAIN = timedelta(seconds=30)
"""After which the deletion of a tab is enqueued again: its worker may have died."""


class Scheduler:
    """Looks after runs whose worker vanished."""

    def __init__(
        self, redis: Redis, clock: Clock, aftermath: Aftermath, *, job_timeout: int
    ) -> None:
        self._redis = redis
        self._clock = clock
        self._job_timeout = job_timeout
        self._flows = FlowStore(redis)
        self._runs = RunStore(redis)
        self._aftermath = aftermath
        self._removals = TabRemovals(redis)

    def look_after(self) -> None:
        """Enqueue again, or give up, each active run that no worker holds."""
        now = self._clock.now()
        for run in self._runs.silent_since(now - _SILENCE):
            if run.attempt >= _ATTEMPTS:
                self._give_up(run, now)
            elif not self._is_queued(run):
                log.warning("run_enqueued_again run_id=%s attempt=%d", run.id, run.attempt)
                self._runs.touch(run, now)
                enqueue_run(self._redis, run, job_timeout=self._job_timeout)

    def delete_tabs(self) -> None:
        """Enqueue the deletion of tabs whose flow was removed with its tab, until it is done."""
        now = self._clock.now()
        for removal in self._removals.due(now):
            self._removals.postpone(removal, now + _TAB_AGAIN)
            enqueue_tab_removal(self._redis, removal, job_timeout=self._job_timeout)

    def _give_up(self, run: Run, now: datetime) -> None:
        error = RunLost(f"after {run.attempt} attempts")
        log.error("run_lost run_id=%s", run.id)
        run = self._runs.progress(
            run,
            state=RunState.LOST,
            ended_at=now,
            error=RunError(error.code, error.user_message, error.recovery),
        )
        self._aftermath.after_run(run, self._flow_of(run))

    def _flow_of(self, run: Run) -> DataFlow | None:
        try:
            return self._flows.get(run.spreadsheet_id, run.flow_id)
        except NotFound:
            return None

    def _is_queued(self, run: Run) -> bool:
        job_id = f"{run.id}-{run.attempt + 1}"
        return any(
            job_id in Queue(name, connection=self._redis, serializer=JSONSerializer).get_job_ids()
            for name in QUEUES
        )


@one_sentence()
def main() -> None:
    """Tick twice a second while we lead; several schedulers may run, one of them leads."""
    settings = Settings.load()
    logs.configure(settings.log_level)
    settings.require("sealing_keys")
    clock = SystemClock()
    redis = connect(settings)
    aftermath = Aftermath(redis, settings, clock)
    scheduler = Scheduler(redis, clock, aftermath, job_timeout=settings.job_timeout)
    ticker = Ticker(redis, clock, job_timeout=settings.job_timeout)
    lookout = Lookout(redis, settings, clock)
    leadership = Leadership(redis, secrets.token_hex(8))
    stop = threading.Event()
    for sig in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sig, lambda *_: stop.set())
    log.info("scheduler_started")
    while not stop.wait(_TICK_SECONDS):
        try:
            mark = leadership.take_or_keep()
            if mark is not None:
                ticker.tick(mark)
                scheduler.look_after()
                lookout.look()
                scheduler.delete_tabs()
        except RedisError as error:
            log.warning("redis_away error=%s", type(error).__name__)
    with suppress(RedisError):  # else the lease ends by itself
        leadership.give_up()


if __name__ == "__main__":
    main()
