"""From an order to the span that is read: start date or rolling window, bookmark, archives."""

from __future__ import annotations

from datetime import datetime, timedelta

from callsheet.data_flow import WriteMode
from callsheet.errors import InvalidRequest
from callsheet.order import Order
from callsheet.sheets.spreadsheet import Spreadsheet
from callsheet.span import Span, parse_span, rolling_start


def span_to_read(order: Order, spreadsheet: Spreadsheet, now: datetime) -> Span | None:
    """Return what to read of an entity with a start date, None for the others.

    Raises InvalidRequest for dates that make no sense.
    """
    if not order.entity.has_start_date:
        return None
    span = parse_span(_since(order, spreadsheet, now), order.until, spreadsheet.zone, now)
    span = _without_archived(span, order, spreadsheet)
    if order.bookmark is None or order.mode is WriteMode.REPLACE:
        return span
    options = order.options
    hours, days = options.look_back_hours, options.deep_look_back_days
    look_back = max(timedelta(hours=hours), timedelta(days=days if order.deep else 0))
    return Span(max(span.start, min(order.bookmark - look_back, span.end)), span.end)


def _without_archived(span: Span, order: Order, spreadsheet: Spreadsheet) -> Span:
    """Return the span without what was moved to archive tabs, lest it come again."""
    tab = spreadsheet.find_tab(order.flow_key)
    archived = tab.archived_until if tab and order.mode is WriteMode.UPDATE else None
    if archived is None or archived <= span.start:
        return span
    if archived >= span.end:
        raise InvalidRequest(
            message=f"Everything before {archived:%Y-%m-%d} is in archive tabs and is not read "
            "again. Choose a later end."
        )
    return Span(archived, span.end)


def _since(order: Order, spreadsheet: Spreadsheet, now: datetime) -> str:
    if order.options.rolling_days is not None:
        return rolling_start(order.options.rolling_days, spreadsheet.zone, now)
    if order.since is None:
        raise InvalidRequest(message="Choose a start date, for example 2026-11-01.")
    return order.since
