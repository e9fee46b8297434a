"""How gunicorn serves the app: `gunicorn -c python:backend.gunicorn_conf backend.wsgi:app`.

Threads, because requests wait for Redis, Google or Aircall and hardly compute.
"""

from __future__ import annotations

import gc
import logging

from callsheet.log import Masking
from callsheet.process import end_with_parent
from callsheet.settings import Settings

_settings = Settings.load()

bind = f"{_settings.host}:{_settings.port}"
worker_class = "gthread"
workers = 2
threads = 8
timeout = 60  # seconds; the slowest answer waits for Google or Aircall, both with time-outs below
graceful_timeout = 10
keepalive = 5
limit_request_line = 2048
limit_request_field_size = 8190  # a session holds a spreadsheet's title and fits well
control_socket_disable = True  # nobody uses it, and its default place is the home folder


def on_starting(_server: object) -> None:
    """Keep the keys in addresses out of what gunicorn logs, also when its access log is on."""
    for name in ("gunicorn.error", "gunicorn.access"):
        logging.getLogger(name).addFilter(Masking())


def post_fork(_server: object, _worker: object) -> None:
    """End with a master that is killed, at once: else its port would be in use for a while."""
    end_with_parent()


def post_worker_init(_worker: object) -> None:
    """Let the garbage collector pass by what lives as long as the process.

    Else it looks through all of it now and then, in the middle of a request: 50 to 90 ms.
    """
    gc.collect()
    gc.freeze()
