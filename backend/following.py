"""Following a run live: server-sent events, for a bounded time and a bounded number of people."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

from flask import Response

from backend.outputs import RunOut
from backend.services import Services
from callsheet.errors import TooManyFollow
from callsheet.run import Run

MOST_FOLLOWERS = 4
"""Streams at once in one process; each holds one of its threads (gunicorn_conf.py has 8)."""

_LONGEST = timedelta(seconds=25)
_LOOK_SECONDS = 0.25
_SILENCE = timedelta(seconds=10)
_followers = threading.BoundedSemaphore(MOST_FOLLOWERS)


def events_of(services: Services, run: Run) -> Response:
    """Return the stream of a run's changes (HTML standard, section 9.2, server-sent events).

    Raises TooManyFollow when this process has no thread left for another one.
    """
    if not _followers.acquire(blocking=False):
        raise TooManyFollow("streams")
    response = Response(_events(services, run), mimetype="text/event-stream")
    response.headers["X-Accel-Buffering"] = "no"  # nginx would hold the events back
    response.call_on_close(_followers.release)
    return response


def _events(services: Services, run: Run) -> Iterator[str]:
    """Yield the run whenever it has changed, and a sign of life in between."""
    clock = services.clock
    until = clock.now() + _LONGEST
    last, told_at = "", clock.now()
    while True:
        text = RunOut.model_validate(run).model_dump_json()
        is_silent = clock.now() - told_at >= _SILENCE
        if text != last or is_silent:
            yield ": still there\n\n" if text == last else f"event: run\ndata: {text}\n\n"
            last, told_at = text, clock.now()
        if run.state.is_over or clock.now() >= until:
            return
        clock.sleep(_LOOK_SECONDS)
        found = services.runs.find(run.id)
        if found is None:
            return
        run = found
