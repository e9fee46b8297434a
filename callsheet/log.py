"""Logging: one event a line, with the run's and flow's ids, and without anything secret.

What crosses here is ids, counts and codes. Libraries that log addresses or bodies are held at
WARNING, since query strings and bodies may carry phone numbers.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_CONTEXT: ContextVar[dict[str, str] | None] = ContextVar("callsheet_log_context", default=None)
_CHATTY = ("httpx", "httpcore", "urllib3", "google", "rq", "gunicorn.access")


class _ContextFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        pairs = _CONTEXT.get() or {}
        record.context = "".join(f" {key}={value}" for key, value in pairs.items())
        return True


def configure(level: str = "INFO") -> None:
    """Send all logs to standard error at `level`."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_ContextFilter())
    handler.setFormatter(
        logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s%(context)s")
    )
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)


@contextmanager
def bound(**pairs: str) -> Iterator[None]:
    """Add ids to every log line inside the block."""
    token = _CONTEXT.set({**(_CONTEXT.get() or {}), **pairs})
    try:
        yield
    finally:
        _CONTEXT.reset(token)
