"""From an order to the span that is read: start, bookmark and look-back, rolling window."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callsheet.catalogue import CALLS, ENTITIES
from callsheet.data_flow import WriteMode
from callsheet.errors import InvalidRequest
from callsheet.options import FlowOptions
from callsheet.order import Order
from callsheet.order_span import span_to_read
from callsheet.sheets.spreadsheet import Spreadsheet
from callsheet.span import Span

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
START = datetime(2026, 9, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
ETC = ZoneInfo("Etc/UTC")


@dataclass
class OfTab:
    archived_until: datetime | None


@dataclass
class Sheet:
    """What of a spreadsheet tells the span: its zone, and what its tab says is archived."""

    archived_until: datetime | None = None
    zone: ZoneInfo = ETC

    def find_tab(self, _key: str) -> OfTab:
        return OfTab(self.archived_until)


def span(sheet: Sheet | None = None, **changes: Any) -> Span | None:
    order = replace(Order(CALLS, "sheet", "flow", "Calls", "2026-09-01"), **changes)
    return span_to_read(order, cast(Spreadsheet, sheet or Sheet()), NOW)


@given(
    hours=st.integers(1, 1_440),
    days=st.integers(1, 60),
    minutes=st.integers(-50_000, 115_920),
    deep=st.booleans(),
)
def test_a_refresh_begins_as_far_before_the_bookmark_as_was_chosen_and_not_before_the_start(
    hours: int, days: int, minutes: int, deep: bool
) -> None:
    options = FlowOptions(look_back_hours=hours, deep_look_back_days=days)
    bookmark = START + timedelta(minutes=minutes)
    look_back = max(hours * HOUR, days * 24 * HOUR) if deep else hours * HOUR

    assert span(options=options, bookmark=bookmark, deep=deep) == Span(
        max(START, bookmark - look_back), NOW
    )


def test_what_ended_before_the_bookmark_leaves_nothing_to_read() -> None:
    found = span(until="2026-09-30", bookmark=NOW)

    assert found is not None
    assert found.start == found.end == datetime(2026, 10, 1, tzinfo=UTC)


def test_a_replacing_import_reads_everything_whatever_was_read_before() -> None:
    assert span(mode=WriteMode.REPLACE, bookmark=NOW) == Span(START, NOW)
    assert span() == Span(START, NOW)


def test_a_rolling_window_moves_along() -> None:
    options = FlowOptions(rolling_days=30)

    assert span(options=options, since=None) == Span(datetime(2026, 10, 21, tzinfo=UTC), NOW)


def test_what_is_archived_is_not_read_again() -> None:
    until = datetime(2026, 10, 1, tzinfo=UTC)

    assert span(Sheet(until)) == Span(until, NOW)
    assert span(Sheet(until), mode=WriteMode.REPLACE) == Span(START, NOW)
    assert span(Sheet(START - HOUR)) == Span(START, NOW)
    with pytest.raises(InvalidRequest, match="archive tabs"):
        span(Sheet(until), until="2026-09-30")


def test_only_entities_with_a_start_date_have_a_span() -> None:
    assert span(entity=ENTITIES["contacts"]) is None
    with pytest.raises(InvalidRequest, match="start date"):
        span(since=None)
