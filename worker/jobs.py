"""The only functions that RQ ever calls; they carry ids."""

from __future__ import annotations

from callsheet.clock import SystemClock
from callsheet.settings import Settings
from worker.importing import Importing
from worker.sending import Sending


def run_import(run_id: str) -> None:
    """Execute a run; does nothing when it is over or another worker has it."""
    Importing(Settings.load(), SystemClock()).execute(run_id)


def deliver(delivery_id: str, attempt: int) -> None:
    """Make this try of a message; does nothing when it was made or the message is gone."""
    Sending(Settings.load(), SystemClock()).deliver(delivery_id, attempt)
