"""`python -m worker.scheduler`: enqueue what is due; the janitor beside it looks after runs."""

from __future__ import annotations

import logging
import os
import secrets
import signal
import socket
import threading
from contextlib import suppress
from datetime import timedelta

from redis import Redis
from redis.exceptions import RedisError

from callsheet import log as logs
from callsheet.clock import Clock, SystemClock
from callsheet.enqueue import enqueue_tab_removal
from callsheet.exits import one_sentence
from callsheet.settings import Settings
from callsheet.store.client import connect
from callsheet.store.leader import Leadership
from callsheet.store.removals import TabRemovals
from worker.janitor import Janitor
from worker.lookout import Lookout
from worker.ticker import Ticker

log = logging.getLogger(__name__)

_TICK_SECONDS = 0.5
_TAB_AGAIN = timedelta(seconds=30)
"""After which the deletion of a tab is enqueued again: its worker may have died."""


class TabRemover:
    """Enqueues the deletion of tabs whose flow was removed with its tab, until it is done."""

    def __init__(self, redis: Redis, clock: Clock, *, job_timeout: int) -> None:
        self._redis = redis
        self._clock = clock
        self._job_timeout = job_timeout
        self._removals = TabRemovals(redis)

    def look(self) -> None:
        """Enqueue what is due."""
        now = self._clock.now()
        for removal in self._removals.due(now):
            self._removals.postpone(removal, now + _TAB_AGAIN)
            enqueue_tab_removal(self._redis, removal, job_timeout=self._job_timeout)


@one_sentence()
def main() -> None:
    """Tick twice a second while we lead; several schedulers may run, one of them leads.

    Each of them has a janitor, which needs no leader.
    """
    settings = Settings.load()
    logs.configure(settings.log_level)
    settings.require("sealing_keys")
    clock = SystemClock()
    redis = connect(settings)
    ticker = Ticker(redis, clock, job_timeout=settings.job_timeout)
    lookout = Lookout(redis, settings, clock)
    remover = TabRemover(redis, clock, job_timeout=settings.job_timeout)
    leadership = Leadership(redis, f"{os.getpid()}@{socket.gethostname()}-{secrets.token_hex(4)}")
    stop = threading.Event()
    for sig in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sig, lambda *_: stop.set())
    janitor = Janitor(connect(settings), job_timeout=settings.job_timeout)
    caring = threading.Thread(target=janitor.run, args=(stop,), name="janitor")
    caring.start()
    log.info("scheduler_started")
    while not stop.wait(_TICK_SECONDS):
        try:
            mark = leadership.take_or_keep()
            if mark is not None:
                ticker.tick(mark)
                lookout.look()
                remover.look()
        except RedisError as error:
            log.warning("redis_away error=%s", type(error).__name__)
    caring.join()
    with suppress(RedisError):  # else the lease ends by itself
        leadership.give_up()


if __name__ == "__main__":
    main()
