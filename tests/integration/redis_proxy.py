"""A proxy before Redis that kills its client's process, or cuts its line, at a chosen command."""

from __future__ import annotations

import os
import signal
import socket
import threading
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO


class Harm(StrEnum):
    """What happens at the chosen command.

    BEFORE: the process is killed, and Redis never hears the command. AFTER: it is killed when
    Redis has carried it out. LOST: Redis has carried it out, the answer never comes, the
    connection is cut; the process lives.
    """

    BEFORE = "before"
    AFTER = "after"
    LOST = "lost"


class RedisProxy:
    """Passes commands on and counts them; does harm once, at the command of that number."""

    def __init__(self, server: Path, path: Path) -> None:
        self.path = path
        self.count = 0
        self.names: list[str] = []
        self._server = server
        self._harm: tuple[int, Harm] | None = None
        self._victim = 0
        self._lock = threading.Lock()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def plan(self, at: int, harm: Harm) -> None:
        """Count from zero again, and do this harm at that command; 0: none."""
        with self._lock:
            self.count, self.names, self._harm = 0, [], (at, harm)

    def victim(self, pid: int) -> None:
        """Name the process that is killed."""
        self._victim = pid

    def close(self) -> None:
        """Take no more connections."""
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        server = socket.socket(socket.AF_UNIX)
        with client, server, suppress(OSError, ValueError):
            server.connect(str(self._server))
            asked, answered = client.makefile("rb"), server.makefile("rb")
            while command := _whole(asked):
                harm = self._harm_of(command)
                if harm is Harm.BEFORE:
                    os.kill(self._victim, signal.SIGKILL)
                    return
                server.sendall(command)
                answer = _whole(answered)
                if harm is Harm.AFTER:
                    os.kill(self._victim, signal.SIGKILL)
                if harm is not None:
                    return
                client.sendall(answer)

    def _harm_of(self, command: bytes) -> Harm | None:
        with self._lock:
            self.count += 1
            self.names.append(command.split(b"\r\n", 3)[2].decode().upper())
            if self._harm is None or self.count != self._harm[0]:
                return None
            return self._harm[1]


def _whole(stream: BinaryIO) -> bytes:
    """Read one command or answer (RESP), however deep it is; empty at the end of the stream."""
    line = stream.readline()
    kind, text = line[:1], line[1:].strip()
    if kind in (b"$", b"=", b"!") and text != b"-1":
        return line + stream.read(int(text) + 2)
    if kind in (b"*", b"~", b">", b"%") and text != b"-1":
        parts = int(text) * (2 if kind == b"%" else 1)
        return line + b"".join(_whole(stream) for _ in range(parts))
    return line
