"""What an import will cost, before it is started: rows, requests, minutes, cells; pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import ceil

from callsheet.entity import Entity, Reading
from callsheet.span import warnings_about

MOST_CELLS = 10_000_000
"""Cells that Google allows in one spreadsheet."""

PAGE_ROWS = 50  # records that Aircall gives with one request
WINDOW_ROWS = 9_500  # records that one window can hold, below Aircall's wall of 10,000
LONG_MINUTES = 10.0  # an import that takes longer is worth a warning
_SECONDS_A_DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Estimate:
    """What an import will need, as far as can be known before.

    rows: at most; filters are applied after reading. minutes: at the request budget. share: of
    the cells that a spreadsheet may hold. cells_in_file: what stands in it already, where known.
    suggested_days: how many days before today fit ten minutes; None when it fits as it is.
    """

    entity: str
    rows: int
    requests: int
    minutes: float
    columns: int
    cells: int
    share: float
    cells_in_file: int | None
    crosses_six_months: bool
    suggested_days: int | None
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be estimated: how many records of which entity, from when to when.

    entity: as the options shape it. start: None for lists without dates. end: None for now.
    """

    entity: Entity
    total: int
    requests_per_minute: int
    now: datetime
    start: datetime | None = None
    end: datetime | None = None
    cells_in_file: int | None = None


def estimate(question: Question) -> Estimate:
    """Return what the import will need, with warnings in plain words."""
    entity, total = question.entity, question.total
    requests = requests_for(entity, total)
    minutes = requests / question.requests_per_minute
    columns = len(entity.columns)
    cells = (total + 1) * columns
    days = _days_that_fit(question) if minutes > LONG_MINUTES else None
    early = [] if question.start is None else warnings_about(question.start, entity, question.now)
    warnings = [*early, _too_long(question, minutes, days), _too_full(question, cells)]
    return Estimate(
        entity=entity.name,
        rows=total,
        requests=requests,
        minutes=round(minutes, 2),
        columns=columns,
        cells=cells,
        share=round(cells / MOST_CELLS, 6),
        cells_in_file=question.cells_in_file,
        crosses_six_months=bool(early),
        suggested_days=days,
        warnings=tuple(sentence for sentence in warnings if sentence),
    )


def requests_for(entity: Entity, total: int) -> int:
    """Return how many requests reading so many records takes, the count included."""
    if entity.reading is Reading.OBJECT:
        return 1
    pages = max(1, ceil(total / PAGE_ROWS))
    if entity.reading is Reading.LIST:  # its first page tells the total
        return pages
    if entity.reading is Reading.SNAPSHOT:  # as many users as availabilities
        return 2 * pages
    if total <= WINDOW_ROWS:
        return 1 + pages
    # Each window is counted, and its last page is rarely full.
    return 1 + pages + 2 * (ceil(total / WINDOW_ROWS) + 1)


def summary(found: Estimate, rows: str) -> str:
    """Return the estimate as one line. rows: what the records are called, as "calls"."""
    return (
        f"{_about(found.rows, rows)}, {_requests(found)}, {duration(found.minutes)}, "
        f"{_part(found)} of the spreadsheet’s 10 million cells"
    )


def headline(found: Estimate, rows: str) -> str:
    """Return what a person wants to know first: About 1,700 calls, under a minute."""
    said = f"{_about(found.rows, rows)}, {duration(found.minutes)}"
    return f"{said[0].upper()}{said[1:]}"


def detail(found: Estimate, requests_per_minute: int) -> str:
    """Return what it takes of Aircall and of the spreadsheet, as one sentence."""
    return (
        f"{_requests(found)} at {requests_per_minute:,} a minute; {found.cells:,} cells, "
        f"{_part(found)} of a spreadsheet’s 10 million."
    )


def duration(minutes: float) -> str:
    """Return minutes in words: under a minute, about 12 minutes, about 3.5 hours."""
    if minutes < 1:
        return "under a minute"
    if minutes < 90:
        whole = ceil(minutes)
        return "about a minute" if whole == 1 else f"about {whole} minutes"
    return f"about {minutes / 60:.1f} hours"


def _requests(found: Estimate) -> str:
    return "1 request" if found.requests == 1 else f"{found.requests:,} requests"


def _part(found: Estimate) -> str:
    share = found.share * 100
    return "under 0.1 %" if share < 0.1 else f"{share:.1f} %" if share < 10 else f"{share:,.0f} %"


def _about(total: int, rows: str) -> str:
    if total < 1_000:
        return f"{total} {singular(rows) if total == 1 else rows}"
    step = 10 ** (len(str(total)) - 2 if total < 10_000 else len(str(total)) - 3)
    return f"about {round(total / step) * step:,} {rows}"


def singular(rows: str) -> str:
    """Return what one of these rows is called: "companies" to "company"."""
    return f"{rows[:-3]}y" if rows.endswith("ies") else rows.removesuffix("s")


def _days_that_fit(question: Question) -> int | None:
    """How many days of the source's usual volume can be read in ten minutes; None without dates."""
    if question.start is None:
        return None
    # A few requests go to counting and to pages that are not full.
    pages = LONG_MINUTES * question.requests_per_minute * 0.97 - 4
    return max(1, int(pages * PAGE_ROWS / _a_day(question)))


def _a_day(question: Question) -> float:
    """How many records a day of the span has; of what the source still keeps of it."""
    return max(1.0, question.total / _days(question))


def _days(question: Question) -> float:
    start = question.start or question.now
    if question.entity.retention is not None:
        start = max(start, question.now - question.entity.retention)
    end = min(question.end or question.now, question.now)
    return max(1.0, (end - start).total_seconds() / _SECONDS_A_DAY)


def _too_long(question: Question, minutes: float, days: int | None) -> str | None:
    if minutes <= LONG_MINUTES:
        return None
    takes = f"takes {duration(minutes)}, also while the spreadsheet is closed."
    if days is None:
        return f"This {takes}"
    window = "The last day alone" if days == 1 else f"The last {days} days"
    rows = f"{_a_day(question):,.0f} {question.entity.label.lower()}"
    return f"With about {rows} a day, this {takes} {window} would fit ten minutes."


def _too_full(question: Question, cells: int) -> str | None:
    there = question.cells_in_file or 0
    if there + cells <= MOST_CELLS:
        return None
    what = f"{cells:,} cells" + (f", beside {there:,} that are there" if there else "")
    return (
        f"This needs {what}, but Google allows 10 million in one spreadsheet. Choose a later "
        "start date, fewer columns, or another spreadsheet."
    )
