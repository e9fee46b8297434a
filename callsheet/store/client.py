"""The connection to Redis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redis import Redis
from redis.backoff import ExponentialWithJitterBackoff
from redis.driver_info import DriverInfo
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry

from callsheet.errors import StoreUnavailable

if TYPE_CHECKING:
    from callsheet.settings import Settings


_DRIVER = DriverInfo()
"""What we tell the server of the client; found out once, not for each connection."""


def connect(settings: Settings, *, patient: bool = False) -> Redis:
    """Return a client; it connects at its first command.

    patient: for workers, which block on the queue: no limit on how long one answer may take, and
    a restart of the server is waited for.
    """
    return Redis.from_url(
        settings.effective_redis_url,
        driver_info=_DRIVER,
        socket_connect_timeout=5,
        socket_timeout=None if patient else 5,
        health_check_interval=30,
        retry=Retry(ExponentialWithJitterBackoff(cap=2, base=0.1), 8 if patient else 2),
        retry_on_error=[RedisConnectionError, RedisTimeoutError],
    )


def require_answer(redis: Redis, settings: Settings) -> None:
    """Raise StoreUnavailable, saying what to do, unless Redis answers."""
    try:
        redis.ping()
    except RedisError as error:
        raise StoreUnavailable(
            type(error).__name__,
            message=f"Redis does not answer at {without_password(settings.effective_redis_url)}. "
            "`callsheet run` brings one of its own, `callsheet redis` starts it alone, and "
            "REDIS_URL names yours.",
        ) from None


def without_password(url: str) -> str:
    """Return a Redis address that may be shown."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"


def text_of(answer: object) -> str:
    """Return a string that Redis answered, whichever way the client gives it."""
    return answer.decode() if isinstance(answer, bytes) else str(answer)
