"""`python -m worker`: start RQ on our queues."""

from __future__ import annotations

import signal
from typing import Any

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
    """A worker whose work-horse does not outlive it: else two would work on one run."""

    job_class = AllowedJob

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        """Run the job in the forked child."""
        end_with_parent(signal.SIGKILL)
        super().main_work_horse(job, queue)


@one_sentence()
def main() -> None:
    """Work until told to stop; settings that a job needs are checked first."""
    settings = Settings.load()
    logs.configure(settings.log_level)
    settings.require("google_service_account_file", "sealing_keys")
    Vault(settings.sealing_keys)
    redis = connect(settings, patient=True)
    require_answer(connect(settings), settings)
    queues = [
        Queue(name, connection=redis, serializer=JSONSerializer, job_class=AllowedJob)
        for name in QUEUES
    ]
    # Short values make a killed worker noticed soon; our own lease is shorter still.
    worker = ImportWorker(
        queues,
        connection=redis,
        serializer=JSONSerializer,
        job_class=AllowedJob,
        worker_ttl=30,
        maintenance_interval=10,
        job_monitoring_interval=5,
    )
    worker.work(logging_level="WARNING", with_scheduler=False)


if __name__ == "__main__":
    main()
