"""The calls of a job as rows, read by the product's own code without a store or a sheet."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from callsheet.aircall.budget import Budget, LocalBudget
from callsheet.aircall.client import AircallClient
from callsheet.aircall.readers import reader_for
from callsheet.catalogue import entity_named
from callsheet.clock import SystemClock
from callsheet.connection import AircallKey
from callsheet.entity import ReadContext, Value
from callsheet.span import Span


class NoBudget:
    """Lets every request go at once."""

    def take(self, ticket: str = "") -> float:
        """Never wait."""
        del ticket
        return 0.0

    def settle(self, ticket: str) -> None:
        """Nothing is counted."""

    def close(self, seconds: float) -> None:
        """A server without a limit never asks for it."""
        raise AssertionError(f"asked to wait {seconds} s")


def read_rows(job: dict[str, Any]) -> Iterator[list[Value]]:
    """Yield the row of each call."""
    # Aircall's `from` excludes its own second and `to` includes it; a span is the other way round.
    start, end = (datetime.fromtimestamp(job[name] + 1, UTC) for name in ("after", "until"))
    context = ReadContext(ZoneInfo("Europe/Paris"))
    calls = entity_named("calls")
    key = AircallKey(job["api_id"], job["api_token"])
    with AircallClient(job["url"], key, _budget(job["per_minute"])) as client:
        reader = reader_for(client, calls, Span(start, end), now=datetime.now(UTC))
        reader.expect()
        for part in reader.parts():
            for page in part.pages:
                for record in page:
                    yield calls.row(record, context)


def _budget(per_minute: int | None) -> Budget:
    if per_minute is None:
        return NoBudget()
    return LocalBudget(per_minute, SystemClock(), elapsed=time.monotonic)
