"""Fixtures that all tests may use."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from redis import Redis

from callsheet.redis_server import EmbeddedRedis
from tests.clock import FrozenClock

settings.register_profile(
    "callsheet",
    settings(),  # on a CI server, Hypothesis has chosen its own profile for that
    deadline=None,  # a busy machine is no failure
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("callsheet")


@pytest.fixture
def clock() -> FrozenClock:
    """A clock that stands still."""
    return FrozenClock()


@pytest.fixture(scope="session")
def redis_server() -> Iterator[EmbeddedRedis]:
    """A real server of our own, on a socket in a short-named folder."""
    folder = Path(tempfile.mkdtemp(prefix="cs-"))
    with EmbeddedRedis(folder) as server:
        yield server
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def redis(redis_server: EmbeddedRedis) -> Iterator[Redis]:
    """An empty database."""
    with Redis.from_url(redis_server.url) as client:
        client.flushall()
        yield client
        client.flushall()
