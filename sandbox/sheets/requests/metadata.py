"""Developer metadata: the requests about it, finding it, and how it is answered."""

from __future__ import annotations

from dataclasses import replace

from sandbox.sheets.errors import Json, Refusal
from sandbox.sheets.fields import of_update
from sandbox.sheets.requests.context import Batch, Caller
from sandbox.sheets.workbook import Metadata, Workbook

LOCATION_TYPES = {None: "SHEET", "ROWS": "ROW", "COLUMNS": "COLUMN"}


def location_of(entry: Metadata) -> Json:
    """Return where an entry sticks, as answered."""
    if entry.sheet_id is None:
        return {"locationType": "SPREADSHEET", "spreadsheet": True}
    sheet: Json = {"sheetId": entry.sheet_id} if entry.sheet_id else {}
    if entry.dimension is None:
        return {"locationType": "SHEET", **sheet}
    place = sheet | {
        "dimension": entry.dimension,
        "startIndex": entry.index,
        "endIndex": entry.index + 1,
    }
    return {"locationType": LOCATION_TYPES[entry.dimension], "dimensionRange": place}


def shown(entry: Metadata) -> Json:
    """Return an entry as answered."""
    answer: Json = {"metadataId": entry.id, "metadataKey": entry.key}
    if entry.value:
        answer["metadataValue"] = entry.value
    return answer | {"location": location_of(entry), "visibility": entry.visibility}


def visible(book: Workbook, caller: Caller) -> list[Metadata]:
    """Return the entries the caller's project may see."""
    return [
        entry
        for entry in book.metadata
        if entry.visibility == "DOCUMENT" or entry.project == caller.project
    ]


def _located(batch: Batch, entry: Metadata, location: Json) -> Metadata:
    if "dimensionRange" in location:
        place = location["dimensionRange"]
        tab = batch.book.grid_tab(place.get("sheetId", 0))
        dimension, start = place.get("dimension"), place.get("startIndex", 0)
        if dimension not in {"ROWS", "COLUMNS"}:
            raise Refusal("No dimension specified.")
        if place.get("endIndex", start + 1) != start + 1:
            raise Refusal("Developer metadata can only be added to a single row or column.")
        size = tab.grid.row_count if dimension == "ROWS" else tab.grid.column_count
        if not 0 <= start < size:
            raise Refusal(f"Developer metadata location is outside of the grid ({size}).")
        return replace(entry, sheet_id=tab.sheet_id, dimension=dimension, index=start)
    if "sheetId" in location:
        tab = batch.book.grid_tab(location["sheetId"])
        return replace(entry, sheet_id=tab.sheet_id, dimension=None, index=0)
    if location.get("spreadsheet"):
        return replace(entry, sheet_id=None, dimension=None, index=0)
    # A tab with id 0 and no id at all look the same on the wire.
    if location.get("locationType") == "SHEET" or "locationType" not in location:
        return replace(entry, sheet_id=batch.book.grid_tab(0).sheet_id, dimension=None, index=0)
    raise Refusal("A location must be specified.")


def create(batch: Batch, body: Json) -> Json:
    """Attach an entry to the spreadsheet, a tab, a row or a column."""
    given: Json = body.get("developerMetadata", {})
    if not given.get("metadataKey"):
        raise Refusal("A metadata key must be specified.")
    if "location" not in given:
        raise Refusal("A location must be specified.")
    visibility = given.get("visibility", "DEVELOPER_METADATA_VISIBILITY_UNSPECIFIED")
    if visibility not in {"DOCUMENT", "PROJECT"}:
        raise Refusal("A visibility must be specified.")
    taken = {entry.id for entry in batch.book.metadata}
    wanted = given.get("metadataId")
    if wanted in taken:
        raise Refusal(f"Developer metadata with id {wanted} already exists.")
    entry = Metadata(
        id=wanted or batch.book.fresh_id(taken),
        key=given["metadataKey"],
        visibility=visibility,
        project=batch.caller.project,
        value=given.get("metadataValue", ""),
    )
    entry = _located(batch, entry, given["location"])
    batch.book.add_metadata(entry)
    return {"developerMetadata": shown(entry)}


def _matches_location(entry: Metadata, lookup: Json) -> bool:
    wanted_type = lookup.get("locationType")
    wanted: Json | None = lookup.get("metadataLocation")
    actual = location_of(entry)
    if wanted_type not in {None, "DEVELOPER_METADATA_LOCATION_TYPE_UNSPECIFIED"} and (
        actual["locationType"] != wanted_type
    ):
        return False
    if wanted is None:
        return True
    if "dimensionRange" in wanted:
        wanted = {"dimensionRange": wanted["dimensionRange"]}
    elif wanted.get("spreadsheet"):
        wanted = {"spreadsheet": True}
    else:
        wanted = {"sheetId": wanted.get("sheetId", 0)}
    if lookup.get("locationMatchingStrategy") == "INTERSECTING_LOCATION":
        return _intersects(entry, wanted)
    if "sheetId" in wanted:
        return entry.dimension is None and entry.sheet_id == wanted["sheetId"]
    return all(actual.get(key) == value for key, value in wanted.items())


def _intersects(entry: Metadata, wanted: Json) -> bool:
    if wanted.get("spreadsheet"):
        return True
    if "sheetId" in wanted:
        return bool(entry.sheet_id == wanted["sheetId"])
    place = wanted["dimensionRange"]
    return bool(
        entry.sheet_id == place.get("sheetId", 0)
        and entry.dimension == place.get("dimension")
        and place.get("startIndex", 0) <= entry.index < place.get("endIndex", entry.index + 1)
    )


def matches(entry: Metadata, lookup: Json) -> bool:
    """Tell whether an entry is what a DeveloperMetadataLookup asks for."""
    simple = {
        "metadataId": entry.id,
        "metadataKey": entry.key,
        "metadataValue": entry.value,
        "visibility": entry.visibility,
    }
    unspecified = "DEVELOPER_METADATA_VISIBILITY_UNSPECIFIED"
    named = all(
        lookup[key] in (value, unspecified) for key, value in simple.items() if key in lookup
    )
    return named and _matches_location(entry, lookup)


def lookup_of(data_filter: Json) -> Json:
    """Return a data filter as a lookup; a plain range asks for entries that lie in it."""
    if "developerMetadataLookup" in data_filter:
        found: Json = data_filter["developerMetadataLookup"]
        return found
    range_ = data_filter.get("gridRange", {})
    return {
        "locationMatchingStrategy": "INTERSECTING_LOCATION",
        "metadataLocation": {"sheetId": range_.get("sheetId", 0)},
    }


def select(batch: Batch, filters: list[Json]) -> list[Metadata]:
    """Return the visible entries that any of the filters asks for."""
    lookups = [lookup_of(each) for each in filters]
    return [
        entry
        for entry in visible(batch.book, batch.caller)
        if any(matches(entry, lookup) for lookup in lookups)
    ]


def update(batch: Batch, body: Json) -> Json:
    """Change the key, value, visibility or place of the selected entries."""
    mask = of_update(body.get("fields"), "DeveloperMetadata")
    given: Json = body.get("developerMetadata", {})
    changed = []
    for entry in select(batch, body.get("dataFilters", [])):
        new = entry
        if not mask or "metadataKey" in mask:
            new = replace(new, key=given.get("metadataKey", new.key))
        if not mask or "metadataValue" in mask:
            new = replace(new, value=given.get("metadataValue", ""))
        if not mask or "visibility" in mask:
            new = replace(new, visibility=given.get("visibility", new.visibility))
        if "location" in given and (not mask or "location" in mask):
            new = _located(batch, new, given["location"])
        batch.book.metadata = tuple(new if e is entry else e for e in batch.book.metadata)
        changed.append(new)
    return {"developerMetadata": [shown(entry) for entry in changed]} if changed else {}


def delete(batch: Batch, body: Json) -> Json:
    """Delete the selected entries."""
    gone = select(batch, [body.get("dataFilter", {})])
    ids = {entry.id for entry in gone}
    batch.book.metadata = tuple(e for e in batch.book.metadata if e.id not in ids)
    return {"deletedDeveloperMetadata": [shown(entry) for entry in gone]} if gone else {}
