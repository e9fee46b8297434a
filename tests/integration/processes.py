"""Our own processes and the stand-ins, started for a test and ended with it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from cryptography.fernet import Fernet

ROOT = Path(__file__).parents[2]


@contextmanager
def stand_ins(*options: str) -> Iterator[dict[str, str]]:
    """Run `callsheet sandbox`; yield the line that it prints when ready."""
    command = [sys.executable, "-m", "callsheet", "sandbox", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, "the stand-ins did not start"
        yield json.loads(line)
    finally:
        process.terminate()
        process.wait(20)
        if process.stdout is not None:
            process.stdout.close()


def settings_for(world: dict[str, str], **more: str) -> dict[str, str]:
    """Return an environment that points our processes at the stand-ins and at nothing else."""
    return {
        **{name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}},
        "AIRCALL_API_URL": world["aircall_url"],
        "AIRCALL_API_ID": world["aircall_api_id"],
        "AIRCALL_API_TOKEN": world["aircall_api_token"],
        "AIRCALL_REQUESTS_PER_MINUTE": "120",
        "SHEETS_API_URL": world["sheets_url"],
        "CALLSHEET_DATA_DIR": str(Path(world["service_account_file"]).parent / "data"),
        "GOOGLE_SERVICE_ACCOUNT_FILE": world["service_account_file"],
        "CALLSHEET_SEALING_KEYS": Fernet.generate_key().decode(),
        "CALLSHEET_SESSION_KEY": "only-for-tests-" * 4,
        "CALLSHEET_IDENTITY_AUDIENCE": "test-client",
        **more,
    }


@dataclass(slots=True)
class Processes:
    """Worker and scheduler processes of one test. errors: where their standard error goes."""

    environment: dict[str, str]
    errors: IO[bytes] | None = None
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, command: str) -> subprocess.Popen[bytes]:
        """Start `callsheet <command>`."""
        process = subprocess.Popen(
            [sys.executable, "-m", "callsheet", command],
            env=self.environment,
            cwd=ROOT,
            stderr=self.errors,
        )
        self.running.append(process)
        return process

    def end(self) -> None:
        """End all of them, harshly if need be."""
        for process in self.running:
            if process.poll() is None:
                process.terminate()
        for process in self.running:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def run_import(environment: dict[str, str], *arguments: str) -> tuple[int, dict[str, Any], str]:
    """Run `callsheet import … --json`; return exit status, the object, and standard error."""
    done = subprocess.run(
        [sys.executable, "-m", "callsheet", "import", *arguments, "--json"],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, json.loads(done.stdout), done.stderr


def until(condition: Callable[[], Any], seconds: float, what: str) -> Any:
    """Return the first truthy answer of `condition`; fail after so many seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = condition()
        if answer:
            return answer
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s: {what}")
