"""The requests of `spreadsheets.batchUpdate`: one table from kind to function."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.sheets.errors import ApiError, Json, Refusal, invalid
from sandbox.sheets.requests import (
    cells,
    dimensions,
    metadata,
    moving,
    names,
    objects,
    protection,
    rules,
    sheets,
    tables,
    text,
)
from sandbox.sheets.requests.context import Batch
from sandbox.sheets.schema import TYPES

KINDS: dict[str, Callable[[Batch, Json], Json]] = {
    "addBanding": objects.add_banding,
    "addChart": objects.add_chart,
    "addConditionalFormatRule": rules.add_rule,
    "addDimensionGroup": dimensions.add_dimension_group,
    "addFilterView": objects.add_filter_view,
    "addNamedRange": names.add_named_range,
    "addProtectedRange": protection.add,
    "addSheet": sheets.add_sheet,
    "addSlicer": objects.add_slicer,
    "addTable": tables.add_table,
    "appendCells": cells.append_cells,
    "appendDimension": dimensions.append_dimension,
    "autoResizeDimensions": dimensions.auto_resize_dimensions,
    "clearBasicFilter": objects.clear_basic_filter,
    "copyPaste": moving.copy_paste,
    "createDeveloperMetadata": metadata.create,
    "cutPaste": moving.cut_paste,
    "deleteBanding": objects.deleter(
        "bandedRanges", "bandedRangeId", "bandedRangeId", "banded range"
    ),
    "deleteConditionalFormatRule": rules.delete_rule,
    "deleteDeveloperMetadata": metadata.delete,
    "deleteDimension": dimensions.delete_dimension,
    "deleteDimensionGroup": dimensions.delete_dimension_group,
    "deleteDuplicates": text.delete_duplicates,
    "deleteEmbeddedObject": objects.delete_embedded_object,
    "deleteFilterView": objects.deleter("filterViews", "filterViewId", "filterId", "filter view"),
    "deleteNamedRange": names.delete_named_range,
    "deleteProtectedRange": protection.delete,
    "deleteRange": moving.delete_range,
    "deleteSheet": sheets.delete_sheet,
    "deleteTable": tables.delete_table,
    "duplicateFilterView": objects.duplicate_filter_view,
    "duplicateSheet": sheets.duplicate_sheet,
    "findReplace": text.find_replace,
    "insertDimension": dimensions.insert_dimension,
    "insertRange": moving.insert_range,
    "mergeCells": objects.merge_cells,
    "moveDimension": dimensions.move_dimension,
    "pasteData": moving.paste_data,
    "randomizeRange": moving.randomize_range,
    "repeatCell": cells.repeat_cell,
    "setBasicFilter": objects.set_basic_filter,
    "setDataValidation": cells.set_data_validation,
    "sortRange": moving.sort_range,
    "textToColumns": text.text_to_columns,
    "trimWhitespace": text.trim_whitespace,
    "unmergeCells": objects.unmerge_cells,
    "updateBanding": objects.updater(
        "bandedRanges", "bandedRangeId", "bandedRange", "BandedRange", "banded range"
    ),
    "updateBorders": cells.update_borders,
    "updateCells": cells.update_cells,
    "updateChartSpec": objects.update_chart_spec,
    "updateConditionalFormatRule": rules.update_rule,
    "updateDeveloperMetadata": metadata.update,
    "updateDimensionGroup": dimensions.update_dimension_group,
    "updateDimensionProperties": dimensions.update_dimension_properties,
    "updateEmbeddedObjectPosition": objects.update_embedded_object_position,
    "updateFilterView": objects.updater(
        "filterViews", "filterViewId", "filter", "FilterView", "filter view"
    ),
    "updateNamedRange": names.update_named_range,
    "updateProtectedRange": protection.update,
    "updateSheetProperties": sheets.update_sheet_properties,
    "updateSlicerSpec": objects.update_slicer_spec,
    "updateSpreadsheetProperties": sheets.update_spreadsheet_properties,
    "updateTable": tables.update_table,
}

# The kinds that answer something, be it nothing found; all others answer ``{}``.
ANSWERED = frozenset(TYPES["Response"])


def run(batch: Batch, requests: list[Json]) -> list[Json]:
    """Do the requests in order on the batch's draft; one reply for each, or an exception."""
    if not requests:
        raise invalid("Must specify at least one request.")
    replies = []
    for at, request in enumerate(requests):
        if len(request) != 1:
            raise invalid(f"Invalid requests[{at}]: No request set.")
        kind, body = next(iter(request.items()))
        where = f"Invalid requests[{at}].{kind}"
        handler = KINDS.get(kind)
        if handler is None:
            raise invalid(f"{where}: This stand-in does not know this kind of request.")
        try:
            reply = handler(batch, body)
        except Refusal as refusal:
            raise invalid(f"{where}: {refusal}") from refusal
        except ApiError as error:
            raise ApiError(error.code, f"{where}: {error.message}", error.details) from error
        replies.append({kind: reply} if kind in ANSWERED else {})
    return replies
