"""The only functions that RQ ever calls."""

from __future__ import annotations

from callsheet.clock import SystemClock
from callsheet.settings import Settings
from worker.discretion import discreet
from worker.importing import Importing
from worker.sending import Sending
from worker.stopping import STOPPING
from worker.tabs import TabDeleting


@discreet
def next_slice() -> None:
    """Execute the next slice of the run whose turn it is; does nothing when no run waits."""
    Importing(Settings.load(), SystemClock(), STOPPING).next_slice()


@discreet
def deliver(delivery_id: str, attempt: int) -> None:
    """Make this try of a message; does nothing when it was made or the message is gone."""
    Sending(Settings.load(), SystemClock()).deliver(delivery_id, attempt)


@discreet
def delete_tab(spreadsheet_id: str, tab_key: str) -> None:
    """Delete the tab of a removed flow; does nothing when that is no longer wanted."""
    TabDeleting(Settings.load(), SystemClock()).execute(spreadsheet_id, tab_key)
