"""The only functions that RQ ever calls; they carry ids."""

from __future__ import annotations

from callsheet.clock import SystemClock
from callsheet.settings import Settings
from worker.importing import Importing


def run_import(run_id: str) -> None:
    """Execute a run; does nothing when it is over or another worker has it."""
    Importing(Settings.load(), SystemClock()).execute(run_id)
