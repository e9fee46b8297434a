"""`python -m worker.scheduler`: enqueue what is due; the janitor beside it looks after runs."""

from __future__ import annotations

import logging
import os
import secrets
import signal
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from redis import Redis
from redis.exceptions import RedisError

from callsheet import log as logs
from callsheet.clock import Clock, SystemClock
from callsheet.enqueue import enqueue_tab_removal
from callsheet.exits import FAILED, one_sentence
from callsheet.settings import Settings
from callsheet.store.client import connect
from callsheet.store.leader import Leadership
from callsheet.store.removals import TabRemovals
from worker.janitor import Janitor
from worker.lookout import Lookout
from worker.ticker import Ticker

log = logging.getLogger(__name__)

_TICK_SECONDS = 0.5
_MOMENT = 0.01
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


class Scheduler:
    """One of several processes; whichever leads ticks, twice a second, with the clock."""

    def __init__(self, redis: Redis, settings: Settings, clock: Clock) -> None:
        self._clock = clock
        self._ticker = Ticker(redis, clock, job_timeout=settings.job_timeout)
        self._lookout = Lookout(redis, settings, clock)
        self._remover = TabRemover(redis, clock, job_timeout=settings.job_timeout)
        self._leadership = Leadership(
            redis, f"{os.getpid()}@{socket.gethostname()}-{secrets.token_hex(4)}"
        )

    def run(self, stop: threading.Event) -> None:
        """Tick until `stop`, whatever becomes of Redis meanwhile; then let another one lead."""
        wait = 0.0
        while not stop.wait(wait):
            try:
                wait = self._step(stop)
            except RedisError as error:
                log.warning("redis_away error=%s", type(error).__name__)
                wait = _TICK_SECONDS
            except Exception:  # one thing that goes wrong must not end all schedules
                log.exception("scheduler_step_failed")
                wait = _TICK_SECONDS
        with suppress(RedisError):  # else the lease ends by itself
            self._leadership.give_up()

    def _step(self, stop: threading.Event) -> float:
        """Do what is due if we lead; return the seconds until the next step."""
        mark = self._leadership.take_or_keep()
        if mark is not None:
            self._ticker.tick(mark, stop)
            self._lookout.look()
            self._remover.look()
        # Slots are whole seconds: we look as they come. A lease that ends earlier is taken at once.
        wait = _TICK_SECONDS - self._clock.now().timestamp() % _TICK_SECONDS
        return wait if mark is not None else min(wait, self._leadership.free_in + _MOMENT)


@one_sentence()
def main() -> None:
    """Schedule until told to stop. Several may run; each has a janitor, which needs no leader."""
    settings = Settings.load()
    logs.configure(settings.log_level)
    settings.require("sealing_keys")
    scheduler = Scheduler(connect(settings), settings, SystemClock())
    stop = threading.Event()
    for sig in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sig, lambda *_: stop.set())
    janitor = Janitor(connect(settings), job_timeout=settings.job_timeout)
    log.info("scheduler_started")
    if not run_together(stop, janitor.run, scheduler.run):
        sys.exit(FAILED)


def run_together(stop: threading.Event, *works: Callable[[threading.Event], None]) -> bool:
    """Run each in a thread until `stop`; where one breaks, end all: half a process helps nobody.

    Returns whether none has broken; whoever has started the process starts it anew.
    """
    broken: list[str] = []

    def run(work: Callable[[threading.Event], None]) -> None:
        try:
            work(stop)
        except Exception:
            log.exception("scheduler_broken")
            broken.append(work.__qualname__)
        finally:
            stop.set()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return not broken


if __name__ == "__main__":
    main()
