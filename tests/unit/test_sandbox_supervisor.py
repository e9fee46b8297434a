"""No process of the demo outlives it, however the demo ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sandbox.demo.places import Ports, PortTaken, redis_socket
from sandbox.demo.supervisor import ChildEnded, Supervisor

SLEEPER = "import time; print('{\"ready\": true}', flush=True); print('hello'); time.sleep(60)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + SLEEPER
PARENT = (
    "import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', 'import time; "
    "time.sleep(60)']); print('{\"child\": %d}' % p.pid, flush=True); p.wait()"
)


def wait_until(condition: Callable[[], bool], seconds: float = 8.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return condition()


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # An orphan that ended but that nobody has asked after is not alive.
    return subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout.strip()[:1] not in {"", "Z"}


@pytest.fixture
def lines() -> list[tuple[str, str]]:
    return []


@pytest.fixture
def supervisor(lines: list[tuple[str, str]]) -> Iterator[Supervisor]:
    made = Supervisor(lambda name, line: lines.append((name, line)))
    yield made
    made.stop()


def start(supervisor: Supervisor, name: str, code: str) -> int:
    command = [sys.executable, "-u", "-c", code]
    return supervisor.start(name, command, os.environ, Path.cwd()).process.pid


def test_lines_are_told_with_the_name_and_announcements_apart(
    supervisor: Supervisor, lines: list[tuple[str, str]]
) -> None:
    child = supervisor.start("one", [sys.executable, "-u", "-c", SLEEPER], os.environ, Path.cwd())

    assert child.announced(10) == {"ready": True}
    assert wait_until(lambda: lines == [("one", "hello")])


def test_a_child_that_does_not_start_is_named(supervisor: Supervisor) -> None:
    child = supervisor.start(
        "two", [sys.executable, "-c", "raise SystemExit(3)"], os.environ, Path.cwd()
    )

    with pytest.raises(ChildEnded, match=r"two ended unexpectedly \(status 3\)"):
        child.announced(10)
    with pytest.raises(ChildEnded):
        supervisor.check()


def test_stopping_ends_children_and_what_they_started(supervisor: Supervisor) -> None:
    parent = supervisor.start(
        "parent", [sys.executable, "-u", "-c", PARENT], os.environ, Path.cwd()
    )
    grandchild = parent.announced(10)["child"]

    supervisor.stop()

    assert wait_until(lambda: not is_alive(grandchild))
    assert not is_alive(parent.process.pid)


def test_killing_the_supervisor_ends_everything(tmp_path: Path) -> None:
    folder = tmp_path / "thrown-away"
    folder.mkdir()
    code = f"""
import os, sys, time
from pathlib import Path
from sandbox.demo.supervisor import Supervisor
supervisor = Supervisor(lambda name, line: None, remove=[Path({str(folder)!r})])
for code in ({SLEEPER!r}, {STUBBORN!r}):
    command = [sys.executable, "-u", "-c", code]
    child = supervisor.start("child", command, os.environ, Path.cwd())
    child.announced(10)
    print(child.process.pid, flush=True)
time.sleep(60)
"""
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        pids = [int(running.stdout.readline()) for _ in range(2)]
        assert all(is_alive(pid) for pid in pids)
        running.send_signal(signal.SIGKILL)
        running.wait()

    assert wait_until(lambda: not any(is_alive(pid) for pid in pids))
    assert wait_until(lambda: not folder.exists())


def test_a_taken_port_is_one_clear_sentence() -> None:
    free = Ports.choose(0)
    assert len({free.page, free.frames, free.web, free.aircall, free.google}) == 5
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=f"Port {port} is in use. Set PORT"):
            Ports.choose(port)


def test_the_socket_path_stays_short(tmp_path: Path) -> None:
    assert redis_socket(Path("/data")) == Path("/data/redis.sock")
    assert len(str(redis_socket(tmp_path / ("long" * 40)))) < 100
