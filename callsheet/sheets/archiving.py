"""Pure: which rows move to which archive tab, and the requests that move them at one stroke."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from callsheet.entity import Column
from callsheet.options import ArchiveBy
from callsheet.sheets.appearance import Json, dress_columns, filter_all, table, tagging
from callsheet.sheets.facts import (
    ARCHIVE_KEY,
    ARCHIVED_KEY,
    COLUMN_KEY,
    ArchivedTag,
    ArchiveTag,
    TabFacts,
    to_value,
)
from callsheet.sheets.plan import Run, Span

_DAY_0 = date(1899, 12, 30)  # of the serials of the Sheets API
_MOST_PERIODS = 5  # whose archive tabs are grown at one stroke; their titles travel in an address
_TAB_COLOUR = {"red": 0.6, "green": 0.65, "blue": 0.63}


class Name(NamedTuple):
    """What tells a column from the others of its tab: our key, or the header that people gave it.

    nth: of columns with the same header, from 0.
    """

    ours: bool
    text: str
    nth: int = 0


class Stretch(NamedTuple):
    """Neighbouring rows that go to the same archive tab."""

    rows: Span
    period: str


@dataclass(frozen=True, slots=True)
class Archive:
    """One archive tab. facts: as it is before the change; rows is 0 if it has yet to be made."""

    facts: TabFacts
    names: Sequence[Name]


def boundary(now: datetime, months: int, zone: ZoneInfo) -> datetime:
    """Return the start of the oldest day that stays: `months` whole months before this one's."""
    local = now.astimezone(zone)
    year, month = divmod(local.year * 12 + local.month - 1 - months, 12)
    return datetime(year, month + 1, 1, tzinfo=zone)


def period_of(serial: float, by: ArchiveBy) -> str:
    """Return the month (2026-05) or the year (2026) of a serial, by the clock it counts."""
    day = _DAY_0 + timedelta(days=int(serial))
    return f"{day:%Y}" if by is ArchiveBy.YEAR else f"{day:%Y-%m}"


def names_of(facts: TabFacts, header: Sequence[object]) -> list[Name]:
    """Return the names of a tab's columns, from left to right."""
    keys = {place: key for key, place in facts.managed.items()}
    seen: dict[str, int] = {}
    names = []
    for place in range(facts.columns):
        if place in keys:
            names.append(Name(ours=True, text=keys[place]))
            continue
        text = str(header[place]) if place < len(header) else ""
        names.append(Name(ours=False, text=text, nth=seen.get(text, 0)))
        seen[text] = seen.get(text, 0) + 1
    return names


def widened(archive: Sequence[Name], live: Sequence[Name]) -> list[Name]:
    """Return the archive's columns, those that it lacks at its right end."""
    return [*archive, *(name for name in live if name not in set(archive))]


def runs_between(live: Sequence[Name], archive: Sequence[Name]) -> list[Run]:
    """Return how the tab's columns get to their places in the archive."""
    places = {name: place for place, name in enumerate(archive)}
    runs: list[Run] = []
    for source, name in enumerate(live):
        last = runs[-1] if runs else Run(-1, -1, 0)
        if (source, places[name]) == (last.source + last.width, last.target + last.width):
            runs[-1] = last._replace(width=last.width + 1)
        else:
            runs.append(Run(source, places[name], 1))
    return runs


def stretches(periods: Mapping[int, str], most_rows: int, most: int) -> list[Stretch]:
    """Return the uppermost rows of the oldest periods in stretches, so many of both at the most."""
    oldest = sorted(set(periods.values()))[:_MOST_PERIODS]
    taken: list[Stretch] = []
    for number, row in enumerate(row for row in sorted(periods) if periods[row] in oldest):
        last = taken[-1] if taken else None
        if number == most_rows:
            break
        if last and last.rows.last == row - 1 and last.period == periods[row]:
            taken[-1] = Stretch(Span(last.rows.first, row), last.period)
        elif len(taken) == most:
            break
        else:
            taken.append(Stretch(Span(row, row), periods[row]))
    return taken


def move_rows(
    live: TabFacts,
    names: Sequence[Name],
    columns: Sequence[Column],
    moving: Sequence[Stretch],
    archives: Mapping[str, Archive],
) -> list[Json]:
    """Return the requests that copy rows behind those of their archive tabs and delete them here.

    Whole rows, people's own columns included; archive tabs grow by just these rows, so nothing in
    them is read or overwritten. columns: the entity's. Not to be sent twice: once.py.
    """
    requests: list[Json] = []
    for period, archive in archives.items():
        mine = [each for each in moving if each.period == period]
        rows = sum(each.rows.last - each.rows.first + 1 for each in mine)
        if archive.facts.rows:
            requests += _lengthened(live, names, columns, archive, rows)
        else:
            requests += _made(live, columns, archive.facts, rows)
        at = max(1, archive.facts.rows)
        for run in runs_between(names, widened(archive.names, names)):
            requests += _copies(live.id, archive.facts.id, [each.rows for each in mine], run, at)
    strips = [_strip(live.id, each.rows) for each in reversed(moving)]
    return [*requests, *({"deleteDimension": {"range": strip}} for strip in strips)]


def say_archived(live: TabFacts, until: datetime, token: int, *, done: bool) -> list[Json]:
    """Return the requests by which the tab says up to when its rows were moved away."""
    lookups = [{"developerMetadataLookup": {"metadataId": old}} for old, _ in live.archived]
    tag = ArchivedTag(until.isoformat(), done)
    return [
        *({"deleteDeveloperMetadata": {"dataFilter": lookup}} for lookup in lookups),
        tagging(ARCHIVED_KEY, to_value(tag), {"sheetId": live.id}, token),
    ]


def new_archive(live: TabFacts, tag: ArchiveTag, title: str) -> TabFacts:
    """Return the facts of an archive tab that has yet to be made: no rows, the tab's columns."""
    return TabFacts(tag.tab, title, 0, live.columns, archive=tag, managed=live.managed, frozen=1)


def _made(live: TabFacts, columns: Sequence[Column], new: TabFacts, rows: int) -> list[Json]:
    """Return the requests that make an archive tab with room for so many rows."""
    grid = {"rowCount": 1 + rows, "columnCount": live.columns, "frozenRowCount": 1}
    properties = {
        "sheetId": new.id,
        "title": new.title,
        "gridProperties": grid,
        "tabColorStyle": {"rgbColor": _TAB_COLOUR},
    }
    theirs = [place for place in range(live.columns) if place not in live.managed.values()]
    tag = tagging(ARCHIVE_KEY, to_value(new.archive), {"sheetId": new.id}) if new.archive else {}
    return [
        {"addSheet": {"properties": properties}},
        *(_header(live.id, new.id, place, place) for place in theirs),
        *_dressed(live, new.id, live.managed, columns),
        *table(new.id),
        tag,
    ]


def _lengthened(
    live: TabFacts, names: Sequence[Name], columns: Sequence[Column], archive: Archive, rows: int
) -> list[Json]:
    """Return the requests that give an archive tab the columns it lacks, and more rows."""
    facts, wide = archive.facts, widened(archive.names, names)
    requests: list[Json] = []
    lacking = wide[len(archive.names) :]
    if lacking:
        more = {"sheetId": facts.id, "dimension": "COLUMNS", "length": len(lacking)}
        requests.append({"appendDimension": more})
        places = {name: place for place, name in enumerate(wide) if name in lacking}
        for name, place in places.items():
            if not name.ours:
                requests.append(_header(live.id, facts.id, names.index(name), place))
        ours = {name.text: place for name, place in places.items() if name.ours}
        requests += _dressed(live, facts.id, ours, columns)
    more = {"sheetId": facts.id, "dimension": "ROWS", "length": rows}
    return [*requests, {"appendDimension": more}, *filter_all(facts.filter_area)]


def _dressed(
    live: TabFacts, tab_id: int, places: Mapping[str, int], columns: Sequence[Column]
) -> list[Json]:
    """Return the requests that head, dress and tag our columns; places: by their keys.

    Their headers are not copied: a rule of ours turns those of the tab itself red, and copies of
    cells bring such rules along.
    """
    known = {column.key: column for column in columns}
    requests: list[Json] = []
    for key, place in places.items():
        if key in known:
            requests += dress_columns(tab_id, [known[key]], place)
            continue
        strip = {"dimension": "COLUMNS", "startIndex": place, "endIndex": place + 1}
        location = {"dimensionRange": {"sheetId": tab_id, **strip}}
        header = _header(live.id, tab_id, live.managed[key], place, "PASTE_VALUES")
        requests += [header, tagging(COLUMN_KEY, key, location)]
    return requests


def _header(
    source_id: int, target_id: int, source: int, target: int, kind: str = "PASTE_NORMAL"
) -> Json:
    """Return the request that copies one header."""
    return _copy(_area(source_id, 0, 1, source, 1), _area(target_id, 0, 1, target, 1), kind)


def _copies(
    source_id: int, target_id: int, rows: Iterable[Span], run: Run, at: int
) -> Iterator[Json]:
    """Yield the requests that copy rows below one another. at: the first row there, from 0."""
    for span in rows:
        count = span.last - span.first + 1
        yield _copy(
            _area(source_id, span.first - 1, count, run.source, run.width),
            _area(target_id, at, count, run.target, run.width),
        )
        at += count


def _copy(source: Json, destination: Json, kind: str = "PASTE_NORMAL") -> Json:
    return {"copyPaste": {"source": source, "destination": destination, "pasteType": kind}}


def _area(tab_id: int, row: int, rows: int, column: int, columns: int) -> Json:
    return {
        "sheetId": tab_id,
        "startRowIndex": row,
        "endRowIndex": row + rows,
        "startColumnIndex": column,
        "endColumnIndex": column + columns,
    }


def _strip(tab_id: int, rows: Span) -> Json:
    ends = {"startIndex": rows.first - 1, "endIndex": rows.last}
    return {"sheetId": tab_id, "dimension": "ROWS", **ends}
