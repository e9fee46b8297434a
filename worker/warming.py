"""Doing once in the worker what every work-horse would otherwise do: it inherits the memory."""

from __future__ import annotations

from phonenumbers.phonemetadata import PhoneMetadata

from callsheet.aircall.budget import LocalBudget
from callsheet.checkpoint import Checkpoint
from callsheet.clock import SystemClock
from callsheet.connection import AircallKey, Connection
from callsheet.data_flow import DataFlow
from callsheet.run import Run
from callsheet.settings import Settings
from callsheet.store import codec
from callsheet.store.pages import Fetch
from callsheet.wiring import account_pool, aircall_client, google_client


def warm_up(settings: Settings) -> None:
    """Read keys and certificates and prepare the codecs, before the first fork.

    Raises ConfigError or GoogleCredentialsRejected, better now than in each job.
    """
    clock = SystemClock()
    for account in account_pool(settings):
        google_client(settings, clock, account).close()
    key, budget = AircallKey("", ""), LocalBudget(1, clock)
    aircall_client(settings, key, budget, clock, lambda _seconds: None).close()
    codec.prepare(Run, DataFlow, Connection, Checkpoint, Fetch)
    PhoneMetadata.load_all()  # else country by country, as numbers come
