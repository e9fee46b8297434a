"""Every kind of batch request of the Google stand-in: nothing that fits the schema breaks it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.sheets.errors import ApiError
from sandbox.sheets.requests import KINDS, run
from sandbox.sheets.requests.context import Batch, Caller
from sandbox.sheets.resource import View, spreadsheet
from sandbox.sheets.schema import TYPES, read
from sandbox.sheets.wire import dumps
from sandbox.sheets.workbook import Workbook, new_workbook

Json = dict[str, Any]
ME = Caller("me@callsheet.example", "project")
TEXTS = ["", "a", "A1:B2", "*", "note", "range", "title", "userEnteredValue", "Sheet1", "name", "1"]


def anything(kind: str, depth: int = 0) -> st.SearchStrategy[Any]:
    """Return values that fit a kind of the schema, small enough to mean something."""
    if kind[0] == "#":
        return message(kind[1:], depth + 1)
    if kind[0] == "[":
        return st.lists(anything(kind[1:], depth), max_size=2 if depth < 5 else 0)
    if kind[0] == "{":
        return st.just({})
    if kind.startswith("enum:"):
        return st.sampled_from(kind[5:].split("|"))
    scalars: dict[str, st.SearchStrategy[Any]] = {
        "int32": st.integers(-1, 6),
        "int64": st.integers(0, 6),
        "double": st.floats(-9, 9),
        "float": st.floats(0, 1),
        "boolean": st.booleans(),
        "google-fieldmask": st.sampled_from(["*", "*", "range", "note", "userEnteredValue", ""]),
    }
    return scalars.get(kind, st.sampled_from(TEXTS))


def message(type_name: str, depth: int = 0) -> st.SearchStrategy[Json]:
    """Return messages of a type with some of their fields."""
    fields = TYPES[type_name]
    if depth > 6:
        return st.just({})
    chosen = st.sets(st.sampled_from(sorted(fields)), max_size=6) if fields else st.just(set())
    return chosen.flatmap(
        lambda names: st.fixed_dictionaries(
            {name: anything(fields[name], depth) for name in sorted(names)}
        )
    )


def furnished() -> Workbook:
    """Return a workbook with one of everything."""
    book = new_workbook("id", "t", ME.email)
    book.tabs[0].grid.row_count, book.tabs[0].grid.column_count = 8, 6
    place = {"startRowIndex": 0, "endRowIndex": 3, "startColumnIndex": 0, "endColumnIndex": 3}
    entry = {"metadataKey": "a", "metadataId": 1, "location": {"spreadsheet": True}}
    run(
        Batch(book, ME),
        [
            {"pasteData": {"coordinate": {}, "data": "a,b,c\n1,2,3\n1,2,3", "delimiter": ","}},
            {"addSheet": {"properties": {"sheetId": 1, "title": "a"}}},
            {"addNamedRange": {"namedRange": {"namedRangeId": "1", "name": "a", "range": place}}},
            {"addProtectedRange": {"protectedRange": {"protectedRangeId": 1, "range": place}}},
            {"addFilterView": {"filter": {"filterViewId": 1, "range": place}}},
            {"addBanding": {"bandedRange": {"bandedRangeId": 1, "range": place,
                                            "rowProperties": {"headerColor": {"red": 1}}}}},
            {"addChart": {"chart": {"chartId": 1, "position": {"sheetId": 0}}}},
            {"addConditionalFormatRule": {"rule": {"ranges": [place], "booleanRule": {
                "condition": {"type": "NOT_BLANK"}}}}},
            {"addDimensionGroup": {"range": {"dimension": "ROWS", "startIndex": 1, "endIndex": 4}}},
            {"createDeveloperMetadata": {"developerMetadata": entry | {"visibility": "DOCUMENT"}}},
            {"addTable": {"table": {"tableId": "1", "range": place | {"sheetId": 1}}}},
        ],
    )  # fmt: skip
    return book


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_no_request_breaks_the_stand_in(kind: str) -> None:
    """Whatever fits the schema is done or refused, and leaves a spreadsheet that can be read."""

    @settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
    @given(message(TYPES["Request"][kind][1:]))
    def strike(body: Json) -> None:
        book = furnished()
        try:
            checked = read("BatchUpdateSpreadsheetRequest", {"requests": [{kind: body}]})
            replies = run(Batch(book, ME), checked["requests"])
        except ApiError:
            return
        assert len(replies) == 1
        read("BatchUpdateSpreadsheetResponse", {"replies": replies})
        answer = spreadsheet(book, View(ME, with_data=True))
        dumps(answer)
        read("Spreadsheet", answer)

    strike()
