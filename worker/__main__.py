"""`python -m worker`: start RQ on our queues."""

from __future__ import annotations

import gc
import logging
import signal
import time
from types import FrameType
from typing import Any

from redis.exceptions import RedisError
from rq import Queue, Worker
from rq.job import Job
from rq.serializers import JSONSerializer

from callsheet import log as logs
from callsheet.enqueue import JOB_FUNCTIONS, QUEUES
from callsheet.exits import one_sentence
from callsheet.process import end_with_parent
from callsheet.settings import Settings
from callsheet.store.client import connect, require_answer
from callsheet.store.vault import Vault
from worker import jobs
from worker.stopping import STOPPING, end_in_time
from worker.warming import warm_up

log = logging.getLogger(__name__)

_AGAIN_SECONDS = 0.2
_LEAVE_SECONDS = 9.0
"""A job that is not over so long after SIGTERM is cut off; a slice parks itself before that."""


class AllowedJob(Job):
    """A job that refuses to call anything but our own functions.

    RQ calls whatever dotted name stands in the queue; who can write to Redis could run any code.
    """

    @property
    def func(self) -> Any:
        """The function to call. Raises ValueError for a name that is not on the list."""
        if self.func_name not in JOB_FUNCTIONS:
            raise ValueError("a job names a function that is not ours")
        return super().func


class ImportWorker(Worker):
    """A worker whose work-horse does not outlive it, and gives its run back when told to end."""

    job_class = AllowedJob

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        """Run the job in the forked child; without its parent, two would work on one run."""
        end_with_parent(signal.SIGKILL)
        end_in_time(STOPPING, _LEAVE_SECONDS)
        super().main_work_horse(job, queue)

    def setup_work_horse_signals(self) -> None:
        """Take SIGTERM, where a service manager sends it to every process, as the worker does."""
        super().setup_work_horse_signals()  # type: ignore[no-untyped-call]
        signal.signal(signal.SIGTERM, lambda *_: STOPPING.request())

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """End after the current slice, which is given back to its queue within seconds."""
        STOPPING.request()
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]


@one_sentence()
def main() -> None:
    """Work until told to stop; settings that a job needs are checked first."""
    settings = jobs.settings()
    logs.configure(settings.log_level)
    settings.require("google_service_account_file", "sealing_keys")
    Vault(settings.sealing_keys)
    warm_up(settings)
    gc.freeze()  # a collection in a work-horse would copy all that it shares with its worker
    require_answer(connect(settings), settings)
    while not STOPPING.is_requested:  # RQ's loop ends when Redis is away at the wrong moment
        try:
            _worker(settings).work(logging_level="WARNING", with_scheduler=False)
        except RedisError as error:
            log.warning("redis_away error=%s", type(error).__name__)
        time.sleep(_AGAIN_SECONDS)


def _worker(settings: Settings) -> ImportWorker:
    redis = connect(settings, patient=True)
    queues = [
        Queue(name, connection=redis, serializer=JSONSerializer, job_class=AllowedJob)
        for name in QUEUES
    ]
    # Short values make a killed worker noticed soon; our own lease is shorter still.
    return ImportWorker(
        queues,
        connection=redis,
        serializer=JSONSerializer,
        job_class=AllowedJob,
        worker_ttl=30,
        maintenance_interval=10,
        job_monitoring_interval=5,
    )


if __name__ == "__main__":
    main()
