"""Logging: one event a line as key=value, with the run's and flow's ids, without anything secret.

What crosses here is ids, counts and codes. Libraries that log addresses or bodies are held at
WARNING, since query strings and bodies may carry phone numbers. Of an exception its kind and where
it was raised are told, never its text, which may quote a value from a record. A key of our own
making, which may stand in an address, is masked wherever it turns up.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import PurePath

_CONTEXT: ContextVar[dict[str, str] | None] = ContextVar("callsheet_log_context", default=None)
_CHATTY = ("httpx", "httpcore", "urllib3", "google", "rq", "gunicorn.access", "asyncio")
_EVENT = re.compile(r"[a-z_]+( [a-z_]+=\S.*)?")
_FRAMES = 8
_OUR_KEYS = re.compile(r"\b(cs[ekw]_)[\w%-]+")


class LineFormatter(logging.Formatter):
    """One line a record: time (UTC), level, logger, event and its values, context, error."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; what is no event of ours (a library's sentence) is quoted."""
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        message = record.getMessage()
        if not message.isprintable() or not _EVENT.fullmatch(message):
            message = json.dumps(message)
        pairs = "".join(f" {key}={value}" for key, value in (_CONTEXT.get() or {}).items())
        error = _error(record.exc_info[1]) if record.exc_info else ""
        head = f"time={moment} level={record.levelname.lower()} logger={record.name}"
        return masked(f"{head} event={message}{pairs}{error}")


class Masking(logging.Filter):
    """Masks our keys in the lines of a logger that has a format of its own."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record through, with its message masked."""
        record.msg, record.args = masked(record.getMessage()), None
        return True


def masked(text: str) -> str:
    """Return the text without the keys and secrets that we give out (`cse_…`, `csk_…`, `csw_…`)."""
    return _OUR_KEYS.sub(r"\1…", text)


def _error(error: BaseException | None) -> str:
    if error is None:
        return ""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    places = ">".join(f"{PurePath(frame.filename).name}:{frame.lineno}" for frame in frames)
    return f" error={type(error).__name__} at={places}"


def configure(level: str = "INFO") -> None:
    """Send all logs to standard error at `level`."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LineFormatter())
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
