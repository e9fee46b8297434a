"""The only functions that RQ ever calls."""

from __future__ import annotations

from functools import cache

from callsheet.clock import SystemClock
from callsheet.settings import Settings
from worker.discretion import discreet
from worker.importing import Importing
from worker.sending import Sending
from worker.stopping import STOPPING
from worker.tabs import TabDeleting


@cache
def settings() -> Settings:
    """Return the settings, read once: a work-horse has those of its worker."""
    return Settings.load()


@discreet
def next_slice() -> None:
    """Execute the next slice of the run whose turn it is; does nothing when no run waits.

    Goes on with other slices while their tokens are next in RQ's queues, for a while.
    """
    Importing(settings(), SystemClock(), STOPPING).slices()


@discreet
def deliver(delivery_id: str, attempt: int) -> None:
    """Make this try of a message; does nothing when it was made or the message is gone."""
    Sending(settings(), SystemClock()).deliver(delivery_id, attempt)


@discreet
def delete_tab(spreadsheet_id: str, tab_key: str) -> None:
    """Delete the tab of a removed flow; does nothing when that is no longer wanted."""
    TabDeleting(settings(), SystemClock()).execute(spreadsheet_id, tab_key)
