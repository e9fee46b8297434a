"""Turns data filters into ranges: A1 text, grid ranges, or wherever metadata sits."""

from __future__ import annotations

from sandbox.sheets.a1 import Rect, render
from sandbox.sheets.errors import Json
from sandbox.sheets.ranges import Place, locate, locate_grid_range
from sandbox.sheets.requests import metadata
from sandbox.sheets.requests.context import Batch
from sandbox.sheets.requests.dimensions import strip


def places(batch: Batch, data_filter: Json) -> list[Place]:
    """Return the places one data filter selects."""
    if "a1Range" in data_filter:
        return [locate(batch.book, data_filter["a1Range"])]
    if "gridRange" in data_filter:
        return [locate_grid_range(batch.book, data_filter["gridRange"])]
    found: list[Place] = []
    for entry in metadata.select(batch, [data_filter]):
        rect = Rect(0, 0)
        if entry.dimension is not None:
            rect = strip(entry.dimension, entry.index, entry.index + 1)
        tabs = [tab for tab in batch.book.tabs if entry.sheet_id in {None, tab.sheet_id}]
        found.extend(Place(tab, rect, render(tab.title, rect)) for tab in tabs)
    return found


def texts(batch: Batch, filters: list[Json]) -> list[str]:
    """Return the range texts filters select."""
    return [
        render(place.tab.title, place.inner) for each in filters for place in places(batch, each)
    ]
