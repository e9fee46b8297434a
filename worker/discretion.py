"""Keeps the text of exceptions out of RQ's log and of its records of failed jobs.

RQ writes the whole trace of what a job raises, with the text of each exception in its chain, to
the log and to Redis. Such a text may quote a value from a record.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from rq.timeouts import JobTimeoutException

from callsheet.errors import CallsheetError

log = logging.getLogger(__name__)

P = ParamSpec("P")


class JobFailed(Exception):
    """What RQ sees of an error: its code, or its kind."""


def discreet(job: Callable[P, None]) -> Callable[P, None]:
    """Return the job so that it raises nothing but JobFailed and the time-out.

    What is no error of ours is logged with where it was raised.
    """

    @wraps(job)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            job(*args, **kwargs)
        except JobTimeoutException:
            raise
        except CallsheetError as error:
            raise JobFailed(error.code) from None
        except Exception as error:
            log.error("job_crashed", exc_info=error)
            raise JobFailed(type(error).__name__) from None

    return run
