"""From what a person types as a start or an end to instants, in the spreadsheet's time zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from callsheet.entity import Entity
from callsheet.errors import InvalidRequest


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time: start <= moment < end; both aware, in UTC, whole seconds."""

    start: datetime
    end: datetime


def parse_since(text: str, zone: ZoneInfo, now: datetime) -> datetime:
    """Return the first instant (UTC) that `text` includes.

    text: a day YYYY-MM-DD in `zone`, whole and included, or an instant in ISO 8601 (without an
    offset it is taken in `zone`). Raises InvalidRequest when it is neither, or in the future.
    """
    start = _instant(text, zone, end_of_day=False, what="start date")
    if start > now:
        raise InvalidRequest(
            message=f"The start date {text} is in the future. Choose today or an earlier day."
        )
    return start


def parse_span(since: str, until: str | None, zone: ZoneInfo, now: datetime) -> Span:
    """Return the span from `since` to `until`, both whole days included, or to `now`.

    Raises InvalidRequest when one is not a date, the start is in the future or after the end.
    """
    start = parse_since(since, zone, now)
    end = now if until is None else _instant(until, zone, end_of_day=True, what="end date")
    if end <= start:
        raise InvalidRequest(
            message=f"The end date {until} is before the start date {since}. Swap them, or leave "
            "the end out to import until now."
        )
    return Span(start, min(end, _next_second(now)))


def rolling_start(days: int, zone: ZoneInfo, now: datetime) -> str:
    """Return the first day of a rolling window, so many days before today in `zone`."""
    return (now.astimezone(zone) - timedelta(days=days)).date().isoformat()


def warnings_about(start: datetime, entity: Entity, now: datetime) -> list[str]:
    """Return what a person should know of this start before they import."""
    if entity.retention is None or start >= now - entity.retention:
        return []
    first = (now - entity.retention).date()
    sentence = (
        f"Aircall answers only the last six months: {entity.label.lower()} before about "
        f"{first.isoformat()} will not arrive. Rows that are already in the tab stay."
    )
    return [sentence]


def _instant(text: str, zone: ZoneInfo, *, end_of_day: bool, what: str) -> datetime:
    try:
        return _parsed(text.strip(), zone, end_of_day=end_of_day)
    except (ValueError, OverflowError):
        raise InvalidRequest(
            message=f"The {what} “{text[:40]}” is not a date. Write it as YYYY-MM-DD, for example "
            "2026-11-01."
        ) from None


def _parsed(text: str, zone: ZoneInfo, *, end_of_day: bool) -> datetime:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        moment = moment.astimezone(UTC).replace(microsecond=0)
        return _next_second(moment) if end_of_day else moment
    if end_of_day:
        day += timedelta(days=1)
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _next_second(moment: datetime) -> datetime:
    """The end of a span that includes the second of `moment`."""
    return moment.replace(microsecond=0) + timedelta(seconds=1)
