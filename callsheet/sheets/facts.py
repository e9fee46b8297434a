"""Pure: what a spreadsheet says of itself, and the tags by which we know what is ours."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from callsheet.sheets.zones import read_zone

TAB_KEY = "callsheet.tab"
COLUMN_KEY = "callsheet.column"
STAGING_KEY = "callsheet.staging"
CHANGE_KEY = "callsheet.change"
STAMP_KEY = "callsheet.stamp"
UNDO_KEY = "callsheet.undo"
ARCHIVE_KEY = "callsheet.archive"
ARCHIVED_KEY = "callsheet.archived"
SCHEMA = 1  # of the tab's make-up; columns are compared one by one, not by this number

_META = "developerMetadata(metadataId,metadataKey,metadataValue)"
FIELDS = (
    "spreadsheetId,properties(title,locale,timeZone),"
    "sheets(properties(sheetId,title,gridProperties(rowCount,columnCount,frozenRowCount)),"
    "basicFilter(range,criteria,filterSpecs(columnIndex)),conditionalFormats(ranges(sheetId),booleanRule(condition(type,values(userEnteredValue)))),"
    f"{_META},data(startColumn,columnMetadata({_META})))"
)
"""The mask of one spreadsheets.get that shows all we need, whatever the number of rows."""


@dataclass(frozen=True, slots=True)
class TabTag:
    """Whose tab it is. spreadsheet and tab tell the original from a copy of the file or tab."""

    flow: str
    entity: str
    schema: int
    spreadsheet: str
    tab: int


@dataclass(frozen=True, slots=True)
class StagingTag:
    """A replace run's own tab. at: when the run made it, in ISO 8601 with its offset."""

    flow: str
    spreadsheet: str
    tab: int
    at: str


@dataclass(frozen=True, slots=True)
class UndoTag:
    """A hidden tab with what a replace run has replaced. of: the flow's tab.

    at: when it was replaced, in ISO 8601 with its offset. records: how many are kept. columns:
    keys of ours, as they stand here. in_place: whether records kept their rows; keys: then a
    digest of the rows of all keys after it.
    """

    flow: str
    spreadsheet: str
    tab: int
    of: int
    at: str
    records: int
    columns: list[str]
    in_place: bool
    keys: str


@dataclass(frozen=True, slots=True)
class ArchiveTag:
    """Whose old rows the tab holds, and of which month (2026-05) or year (2026)."""

    flow: str
    period: str
    spreadsheet: str
    tab: int


@dataclass(frozen=True, slots=True)
class ArchivedTag:
    """Up to when a flow's rows were moved to archive tabs.

    until: in ISO 8601; older records are not brought again. done: whether all of them were moved.
    """

    until: str
    done: bool


_Tag = TypeVar("_Tag", TabTag, StagingTag, UndoTag, ArchiveTag, ArchivedTag)


@dataclass(frozen=True, slots=True)
class TabFacts:
    """One tab as it was when read.

    rows, columns: size of the grid. managed: our columns' keys and where they stand, from 0.
    tag, staging, undo: None where the tab is not ours; for a copy they name another place.
    frozen: rows that stay on screen. changes, stamps: ids of the tags that changes left which must
    not be made twice, and freshness lines. rules: the formula of each conditional format rule, in
    their order (which is their only name), "" where a rule has none. archive: as for tag. archived:
    id and content of the tags that say what was moved away. filtered: a filter hides rows.
    filter_area: of a filter that hides none and reaches to the foot of the grid, without open ends.
    """

    id: int
    title: str
    rows: int
    columns: int
    tag: TabTag | None = None
    staging: StagingTag | None = None
    undo: UndoTag | None = None
    managed: Mapping[str, int] = field(default_factory=dict)
    frozen: int = 0
    changes: tuple[int, ...] = ()
    stamps: tuple[int, ...] = ()
    rules: tuple[str, ...] = ()
    archive: ArchiveTag | None = None
    archived: tuple[tuple[int, ArchivedTag], ...] = ()
    filtered: bool = False
    filter_area: Mapping[str, int] | None = None

    @property
    def archived_until(self) -> datetime | None:
        """Up to when rows were moved to archive tabs, or are being moved; None if none were."""
        return max((datetime.fromisoformat(tag.until) for _, tag in self.archived), default=None)


@dataclass(frozen=True, slots=True)
class FileFacts:
    """One spreadsheet as it was when read."""

    id: str
    title: str
    locale: str
    zone: ZoneInfo
    tabs: tuple[TabFacts, ...]

    @property
    def cells(self) -> int:
        """Cells of all grids; Google's limit counts the empty ones too."""
        return sum(tab.rows * tab.columns for tab in self.tabs)

    def tab(self, tab_id: int) -> TabFacts | None:
        """Return the tab of that id."""
        return next((tab for tab in self.tabs if tab.id == tab_id), None)

    def ours(self, flow: str) -> list[TabFacts]:
        """Return the flow's tabs, without copies; more than one only after a double creation."""
        found = [
            tab
            for tab in self.tabs
            if tab.tag and (tab.tag.flow, tab.tag.spreadsheet) == (flow, self.id)
        ]
        return sorted((tab for tab in found if tab.tag and tab.tag.tab == tab.id), key=_by_id)

    def stagings(self) -> list[TabFacts]:
        """Return the staging tabs of any flow, without copies."""
        return [
            tab
            for tab in self.tabs
            if tab.staging and (tab.staging.spreadsheet, tab.staging.tab) == (self.id, tab.id)
        ]

    def undos(self, of: int | None = None) -> list[TabFacts]:
        """Return the undo tabs, of all tabs of ours or of one, without copies."""
        return [
            tab
            for tab in self.tabs
            if tab.undo
            and (tab.undo.spreadsheet, tab.undo.tab) == (self.id, tab.id)
            and of in {None, tab.undo.of}
        ]

    def archives(self, flow: str) -> dict[str, TabFacts]:
        """Return the flow's archive tabs by period, without copies; of two, the lower id."""
        found = [
            tab
            for tab in self.tabs
            if tab.archive
            and (tab.archive.flow, tab.archive.spreadsheet, tab.archive.tab)
            == (flow, self.id, tab.id)
        ]
        by_age = sorted(found, key=_by_id, reverse=True)
        return {tab.archive.period: tab for tab in by_age if tab.archive}


def _by_id(tab: TabFacts) -> int:
    return tab.id


def to_value(tag: TabTag | StagingTag | UndoTag | ArchiveTag | ArchivedTag) -> str:
    """Return a tag as the value of developer metadata."""
    return json.dumps(asdict(tag), separators=(",", ":"))


def read_facts(answer: Mapping[str, Any]) -> FileFacts:
    """Read the answer of spreadsheets.get with FIELDS; zero-valued fields may be absent there."""
    properties = answer.get("properties", {})
    return FileFacts(
        id=str(answer["spreadsheetId"]),
        title=str(properties.get("title", "")),
        locale=str(properties.get("locale", "")),
        zone=read_zone(str(properties.get("timeZone", ""))),
        tabs=tuple(_tab(sheet) for sheet in answer.get("sheets", [])),
    )


def _tab(sheet: Mapping[str, Any]) -> TabFacts:
    properties = sheet["properties"]
    grid = properties.get("gridProperties", {})
    marks = {
        item.get("metadataKey"): item.get("metadataValue", "")
        for item in sheet.get("developerMetadata", [])
    }
    return TabFacts(
        id=properties.get("sheetId", 0),
        title=properties["title"],
        rows=grid.get("rowCount", 0),
        columns=grid.get("columnCount", 0),
        tag=_read_tag(TabTag, marks.get(TAB_KEY)),
        staging=_read_tag(StagingTag, marks.get(STAGING_KEY)),
        undo=_read_tag(UndoTag, marks.get(UNDO_KEY)),
        managed=_managed(sheet.get("data", [])),
        frozen=grid.get("frozenRowCount", 0),
        changes=_tag_ids(sheet, CHANGE_KEY),
        stamps=_tag_ids(sheet, STAMP_KEY),
        rules=tuple(formula_of(rule) for rule in sheet.get("conditionalFormats", [])),
        archive=_read_tag(ArchiveTag, marks.get(ARCHIVE_KEY)),
        archived=tuple(_archived(sheet)),
        filtered=_is_filtered(sheet.get("basicFilter", {})),
        filter_area=_filter_area(sheet.get("basicFilter", {}), grid),
    )


def _is_filtered(found: Mapping[str, Any]) -> bool:
    return bool(found.get("criteria") or found.get("filterSpecs"))


def _filter_area(found: Mapping[str, Any], grid: Mapping[str, int]) -> Mapping[str, int] | None:
    area: Mapping[str, int] = found.get("range", {})
    rows, columns = grid.get("rowCount"), grid.get("columnCount")
    if not found or _is_filtered(found) or area.get("endRowIndex", rows) != rows:
        return None
    ends = {"endRowIndex": rows, "endColumnIndex": columns}
    return {name: index for name, index in area.items() if ends.get(name) != index}


def _archived(sheet: Mapping[str, Any]) -> Iterator[tuple[int, ArchivedTag]]:
    for item in sheet.get("developerMetadata", []):
        if item.get("metadataKey") == ARCHIVED_KEY:
            tag = _read_tag(ArchivedTag, item.get("metadataValue"))
            if tag:
                yield int(item["metadataId"]), tag


def formula_of(rule: Mapping[str, Any]) -> str:
    """Return the formula of a conditional format rule; "" if it goes by something else."""
    condition = rule.get("booleanRule", {}).get("condition", {})
    if condition.get("type") != "CUSTOM_FORMULA":
        return ""
    return str(condition.get("values", [{}])[0].get("userEnteredValue", ""))


def _tag_ids(sheet: Mapping[str, Any], key: str) -> tuple[int, ...]:
    return tuple(
        int(item["metadataId"])
        for item in sheet.get("developerMetadata", [])
        if item.get("metadataKey") == key
    )


def _managed(data: list[Mapping[str, Any]]) -> dict[str, int]:
    places: dict[str, int] = {}
    for block in data:
        for offset, column in enumerate(block.get("columnMetadata", [])):
            for item in column.get("developerMetadata", []):
                if item.get("metadataKey") == COLUMN_KEY:
                    # Leftmost first, so a second column with the same tag is left alone.
                    places.setdefault(
                        item.get("metadataValue", ""), block.get("startColumn", 0) + offset
                    )
    return places


def _read_tag(kind: type[_Tag], value: str | None) -> _Tag | None:
    """Read a tag; fields of a later version are passed over, anything else is no tag of ours."""
    try:
        found = json.loads(value or "")
        return kind(**{name.name: found[name.name] for name in fields(kind)})
    except (ValueError, TypeError, KeyError):
        return None
