"""One writer a tab, for commands that write without queue."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from callsheet.settings import Settings
from callsheet.sheets.client import nothing
from callsheet.store.client import connect
from callsheet.store.locks import TabLocks


@contextmanager
def only_writer(
    settings: Settings, spreadsheet_id: str, flow_key: str
) -> Iterator[Callable[[], None]]:
    """Hold the tab where there is a Redis to hold it in; yield the guard of each write.

    Raises TabInUse, StoreUnavailable.
    """
    if settings.redis_url is None:
        yield nothing
        return
    with connect(settings) as redis, TabLocks(redis).hold(spreadsheet_id, flow_key) as holding:
        yield holding.guard
