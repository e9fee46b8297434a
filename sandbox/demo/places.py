"""Free ports and socket paths for one demo."""

from __future__ import annotations

import hashlib
import os
import socket
import tempfile
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

HOST = "127.0.0.1"
LONGEST_SOCKET_PATH = 100


class PortTaken(Exception):
    """The port that was asked for is in use."""

    def __init__(self, port: int) -> None:
        super().__init__(f"Port {port} is in use. Set PORT to another one, such as {port + 1}.")


@dataclass(frozen=True)
class Ports:
    """A port for everything that listens."""

    page: int
    frames: int
    web: int
    aircall: int
    google: int

    @classmethod
    def choose(cls, page: int) -> Ports:
        """Take the page's port as asked (0: any), and free ones for the rest.

        All are held open together, so that none is given twice.
        """
        if page and not _is_free(page):
            raise PortTaken(page)
        with ExitStack() as stack:
            held = [stack.enter_context(closing(socket.socket())) for _ in range(5)]
            for listener in held:
                listener.bind((HOST, 0))
            free = [int(listener.getsockname()[1]) for listener in held]
        return cls(page or free[0], *free[1:])


def _is_free(port: int) -> bool:
    with closing(socket.socket()) as listener:
        # As servers do: connections of an earlier run that linger are no obstacle.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except OSError:
            return False
        return True


def redis_socket(folder: Path) -> Path:
    """Where `callsheet redis` listens: in its data folder, unless that path is too long."""
    inside = (folder / "redis.sock").resolve()
    if len(os.fsencode(inside)) < LONGEST_SOCKET_PATH:
        return inside
    mark = hashlib.sha256(os.fsencode(inside)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"callsheet-{mark}.sock"
