"""Starts child processes with prefixed output and makes sure that none of them outlives us.

honcho's Manager starts everything at once and leaves orphans when it is killed; here the stand-ins
must answer before our own processes get their settings, and nothing may stay behind.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

GUARD = Path(__file__).with_name("guard.py")
PATIENCE_SECONDS = 4.0

Output = Callable[[str, str], None]


class ChildEnded(Exception):
    """A child process ended although it should not have."""

    def __init__(self, name: str, status: int | None) -> None:
        super().__init__(f"{name} ended unexpectedly (status {status}).")


class Child:
    """One process in a group of its own; every line it prints goes to one place."""

    def __init__(self, name: str, process: subprocess.Popen[str], output: Output) -> None:
        self.name = name
        self.process = process
        self._output = output
        self._announced: queue.Queue[dict[str, Any]] = queue.Queue()
        self._reader = threading.Thread(target=self._read, name=f"read-{name}", daemon=True)
        self._reader.start()

    def announced(self, seconds: float) -> dict[str, Any]:
        """The line of JSON with which a stand-in says that it is ready."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with contextlib.suppress(queue.Empty):
                return self._announced.get(timeout=0.05)
            if not self.is_running:
                self._reader.join(1)
                break
        raise ChildEnded(self.name, self.process.poll())

    @property
    def is_running(self) -> bool:
        """Whether the process is still there."""
        return self.process.poll() is None

    def signal(self, number: int) -> None:
        """Send a signal to the process and to all that it started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, number)

    def finish(self) -> None:
        """Let the last lines be read."""
        self.process.wait()
        self._reader.join(1)

    def _read(self) -> None:
        assert self.process.stdout is not None  # noqa: S101 - tells the type checker
        with self.process.stdout as lines:
            for line in lines:
                self._take(line)

    def _take(self, line: str) -> None:
        if line.startswith("{"):
            with contextlib.suppress(ValueError):
                self._announced.put(json.loads(line))
                return
        self._output(self.name, line.rstrip("\n"))


class Supervisor:
    """All children of one demo, and the guard that ends them if we cannot."""

    def __init__(self, output: Output, *, remove: Sequence[Path] = ()) -> None:
        self._output = output
        self._children: list[Child] = []
        self._guard = subprocess.Popen(
            [sys.executable, "-I", "-S", str(GUARD), *map(str, remove)],
            stdin=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def start(
        self, name: str, command: Sequence[str], env: Mapping[str, str], folder: Path
    ) -> Child:
        """Start a process; `folder` is where it works."""
        process = subprocess.Popen(
            list(command),
            env=dict(env),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        self._tell_guard(f"+{process.pid}")
        child = Child(name, process, self._output)
        self._children.append(child)
        return child

    def check(self) -> None:
        """Raise ChildEnded when a child is gone."""
        for child in self._children:
            if not child.is_running:
                child.finish()
                raise ChildEnded(child.name, child.process.returncode)

    def pids(self) -> dict[str, int]:
        """Process ids by name, for tests that kill one."""
        return {child.name: child.process.pid for child in self._children}

    def stop(self) -> None:
        """End every child, the last started first, and then the guard."""
        for child in reversed(self._children):
            child.signal(signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE_SECONDS
        for child in reversed(self._children):
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.process.wait(max(0.0, deadline - time.monotonic()))
            # Whatever a child started and left behind is in its group.
            child.signal(signal.SIGKILL)
            child.finish()
            self._tell_guard(f"-{child.process.pid}")
        self._children.clear()
        if self._guard.stdin is not None:
            self._guard.stdin.close()
        self._guard.wait()

    def _tell_guard(self, line: str) -> None:
        assert self._guard.stdin is not None  # noqa: S101 - tells the type checker
        self._guard.stdin.write(line + "\n")
        self._guard.stdin.flush()
