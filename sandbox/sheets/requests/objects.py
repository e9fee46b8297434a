"""Requests about what lies on cells: merges, filters, banding, charts, named ranges, rules."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.sheets.a1 import Rect
from sandbox.sheets.errors import Json, Refusal
from sandbox.sheets.fields import of_update, update
from sandbox.sheets.requests.context import (
    Batch,
    chosen_id,
    covers,
    exchange,
    overlap,
    owner_of,
    taken_ids,
)
from sandbox.sheets.requests.moving import sort_rows, sort_specs
from sandbox.sheets.style import paired_colors
from sandbox.sheets.workbook import Tab, grid_range, rect_of

Handler = Callable[[Batch, Json], Json]


def _parts(rect: Rect, kind: str) -> list[Rect]:
    bottom, right = rect.bottom or 0, rect.right or 0
    if kind == "MERGE_COLUMNS":
        return [Rect(rect.top, c, bottom, c + 1) for c in range(rect.left, right)]
    if kind == "MERGE_ROWS":
        return [Rect(r, rect.left, r + 1, right) for r in range(rect.top, bottom)]
    return [rect]


def merge_cells(batch: Batch, body: Json) -> Json:
    """Merge cells; only the first value of each merge stays readable."""
    tab, rect = batch.writable(body.get("range", {}))
    kept = []
    for old in tab.list("merges"):
        if overlap(rect_of(old), rect):
            if not covers(rect, rect_of(old)):
                raise Refusal(
                    "You must select all cells in a merged range to merge or unmerge them."
                )
        else:
            kept.append(old)
    parts = [part for part in _parts(rect, body.get("mergeType", "MERGE_ALL")) if not part.is_cell]
    tab.set("merges", (*kept, *(grid_range(tab.sheet_id, part) for part in parts)))
    for part in parts:
        _keep_first(tab, part)
    return {}


def _keep_first(tab: Tab, rect: Rect) -> None:
    """Leave of a merge's values only the first, in its corner."""
    cells = [cell for row in tab.grid.values(rect) for cell in row if cell is not None]
    if cells:
        tab.grid.clear(rect)
        tab.grid.put(rect.top, rect.left, [[cells[0]]])


def unmerge_cells(batch: Batch, body: Json) -> Json:
    """Take apart every merge inside a range."""
    tab, rect = batch.writable(body.get("range", {}))
    for old in tab.list("merges"):
        if overlap(rect_of(old), rect) and not covers(rect, rect_of(old)):
            raise Refusal("You must select all cells in a merged range to merge or unmerge them.")
    tab.set("merges", tuple(o for o in tab.list("merges") if not overlap(rect_of(o), rect)))
    return {}


def set_basic_filter(batch: Batch, body: Json) -> Json:
    """Set the one filter of a tab, and sort by it where it says so."""
    given: Json = body.get("filter", {})
    if "tableId" in given:
        tab, table = owner_of(batch, "tables", "tableId", given["tableId"], "table")
        given = given | {"range": table["range"]}
        rect = tab.grid.inside(rect_of(table["range"]))
    else:
        tab, rect = batch.place(given.get("range", {}))
    tab.basic_filter = given | {"range": grid_range(tab.sheet_id, rect)}
    specs = sort_specs(given, rect)
    if specs and (rect.bottom or 0) > rect.top + 1:
        sort_rows(tab.grid, Rect(rect.top + 1, rect.left, rect.bottom, rect.right), specs)
    return {}


def clear_basic_filter(batch: Batch, body: Json) -> Json:
    """Remove the filter of a tab."""
    batch.book.grid_tab(body.get("sheetId", 0)).basic_filter = None
    return {}


def add_filter_view(batch: Batch, body: Json) -> Json:
    """Add a filter view."""
    given: Json = body.get("filter", {})
    tab, rect = batch.place(given.get("range", {}))
    made = chosen_id(batch, "filterViews", given, "filterViewId", "Filter view")
    title = given.get("title") or f"Filter {len(tab.list('filterViews')) + 1}"
    entry = given | {"filterViewId": made, "title": title}
    entry["range"] = grid_range(tab.sheet_id, rect)
    tab.add("filterViews", entry)
    return {"filter": entry}


def duplicate_filter_view(batch: Batch, body: Json) -> Json:
    """Copy a filter view."""
    tab, old = owner_of(batch, "filterViews", "filterViewId", body.get("filterId"), "filter view")
    made = batch.book.fresh_id(taken_ids(batch.book, "filterViews", "filterViewId"))
    entry = old | {"filterViewId": made, "title": f"Copy of {old['title']}"}
    tab.add("filterViews", entry)
    return {"filter": entry}


def add_banding(batch: Batch, body: Json) -> Json:
    """Add alternating colours."""
    given: Json = body.get("bandedRange", {})
    tab, rect = batch.place(given.get("range", {}))
    if not given.get("rowProperties") and not given.get("columnProperties"):
        raise Refusal("At least one of rowProperties or columnProperties must be specified.")
    if any(overlap(rect_of(old["range"]), rect) for old in tab.list("bandedRanges")):
        raise Refusal(
            "You cannot add alternating background colors to a range that already has alternating"
            " background colors."
        )
    made = chosen_id(batch, "bandedRanges", given, "bandedRangeId", "Banded range")
    entry = paired_colors(given) | {"bandedRangeId": made}
    entry["range"] = grid_range(tab.sheet_id, rect)
    tab.add("bandedRanges", entry)
    return {"bandedRange": entry}


def updater(kind: str, key: str, body_key: str, type_name: str, label: str) -> Handler:
    """Return the request that changes one kind of object by a mask."""

    def handle(batch: Batch, body: Json) -> Json:
        given: Json = body.get(body_key, {})
        tab, old = owner_of(batch, kind, key, given.get(key), label)
        new = update(old, given, of_update(body.get("fields"), type_name)) | {key: old[key]}
        if "range" in given:
            batch.place(new["range"])
        exchange(tab, kind, old, new)
        return {}

    return handle


def deleter(kind: str, key: str, body_key: str, label: str) -> Handler:
    """Return the request that deletes one kind of object."""

    def handle(batch: Batch, body: Json) -> Json:
        tab, old = owner_of(batch, kind, key, body.get(body_key), label)
        exchange(tab, kind, old, None)
        return {}

    return handle


def add_chart(batch: Batch, body: Json) -> Json:
    """Add a chart, on a tab of the caller's choice."""
    given: Json = body.get("chart", {})
    position: Json = given.get("position", {})
    anchor = position.get("overlayPosition", {}).get("anchorCell", {})
    tab = batch.book.grid_tab(position.get("sheetId", anchor.get("sheetId", 0)))
    made = chosen_id(batch, "charts", given, "chartId", "Chart")
    tab.add("charts", paired_colors(given) | {"chartId": made})
    return {"chart": paired_colors(given) | {"chartId": made}}


def update_chart_spec(batch: Batch, body: Json) -> Json:
    """Exchange what a chart shows."""
    tab, old = owner_of(batch, "charts", "chartId", body.get("chartId"), "chart")
    exchange(tab, "charts", old, old | {"spec": body.get("spec", {})})
    return {}


def add_slicer(batch: Batch, body: Json) -> Json:
    """Add a slicer."""
    given: Json = body.get("slicer", {})
    anchor = given.get("position", {}).get("overlayPosition", {}).get("anchorCell", {})
    made = chosen_id(batch, "slicers", given, "slicerId", "Slicer")
    batch.book.grid_tab(anchor.get("sheetId", 0)).add("slicers", given | {"slicerId": made})
    return {"slicer": given | {"slicerId": made}}


def update_slicer_spec(batch: Batch, body: Json) -> Json:
    """Change what a slicer filters."""
    tab, old = owner_of(batch, "slicers", "slicerId", body.get("slicerId"), "slicer")
    mask = of_update(body.get("fields"), "SlicerSpec")
    new = old | {"spec": update(old.get("spec", {}), body.get("spec", {}), mask)}
    exchange(tab, "slicers", old, new)
    return {}


def _embedded(batch: Batch, wanted: object) -> tuple[Tab, str, Json]:
    for kind, key in (("charts", "chartId"), ("slicers", "slicerId")):
        for tab in batch.book.tabs:
            for item in tab.list(kind):
                if item[key] == wanted:
                    return tab, kind, item
    raise Refusal(f"No embedded object with ID: {wanted}")


def delete_embedded_object(batch: Batch, body: Json) -> Json:
    """Delete a chart or a slicer."""
    tab, kind, old = _embedded(batch, body.get("objectId"))
    exchange(tab, kind, old, None)
    return {}


def update_embedded_object_position(batch: Batch, body: Json) -> Json:
    """Move or size a chart or a slicer."""
    tab, kind, old = _embedded(batch, body.get("objectId"))
    mask = of_update(body.get("fields"), "OverlayPosition")
    place: Json = body.get("newPosition", {}).get("overlayPosition", {})
    before: Json = old.get("position", {}).get("overlayPosition", {})
    position = {"overlayPosition": update(before, place, mask)}
    exchange(tab, kind, old, old | {"position": position})
    return {"position": position}
