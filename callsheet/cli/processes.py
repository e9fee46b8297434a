"""The commands that start processes by the settings: web, redis, run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import click

from callsheet.cli.becoming import become
from callsheet.errors import ConfigError
from callsheet.process import end_with_parent
from callsheet.redis_server import EmbeddedRedis
from callsheet.settings import Settings


@click.command()
def web() -> None:
    """Serve the sidebar and its API (gunicorn, on CALLSHEET_HOST and PORT)."""
    settings = Settings.load()
    settings.require(
        *("google_service_account_file", "identity_audience", "session_key", "sealing_keys")
    )
    become(
        "gunicorn",
        *("--bind", f"{settings.host}:{settings.port}"),
        *("--config", "python:backend.gunicorn_conf"),
        "backend.wsgi:app",
    )


@click.command()
def redis() -> None:
    """Run the embedded Redis server in the foreground, with its data in CALLSHEET_DATA_DIR."""
    settings = Settings.load()
    with EmbeddedRedis(settings.data_dir) as server:
        _on_signals(server.ask_to_stop)
        click.echo(f"Redis is ready at {server.url}")
        server.wait()


@click.command()
def run() -> None:
    """Start web, worker and scheduler (the Procfile), with an embedded Redis if none is set."""
    settings = Settings.load()
    if settings.redis_url:
        sys.exit(_honcho(settings, settings.redis_url))
    with EmbeddedRedis(settings.data_dir) as server:
        sys.exit(_honcho(settings, server.url))


def _honcho(settings: Settings, redis_url: str) -> int:
    procfile = Path("Procfile")
    if not procfile.is_file():
        raise ConfigError(
            message="There is no Procfile here. Run this in the folder of the project."
        )
    command = [sys.executable, "-m", "honcho", "start", "-f", str(procfile)]
    process = subprocess.Popen(
        [*command, "-p", str(settings.port)],
        env={**os.environ, "REDIS_URL": redis_url, "PATH": _path_with_ours()},
        preexec_fn=end_with_parent,
    )
    _on_signals(process.terminate)
    return process.wait()


def _path_with_ours() -> str:
    """The Procfile says `callsheet`: that is the one beside this Python, on PATH or not."""
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])


def _on_signals(stop: Callable[[], None]) -> None:
    def handle(_number: int, _frame: FrameType | None) -> None:
        stop()

    signal.signal(signal.SIGTERM, handle)
    signal.signal(signal.SIGINT, handle)
