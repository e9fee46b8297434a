"""What batch requests do on the Google stand-in, and the words in which they are refused."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.sheets.errors import ApiError
from sandbox.sheets.requests import run
from sandbox.sheets.requests.context import Batch, Caller
from sandbox.sheets.resource import View, spreadsheet
from sandbox.sheets.schema import read
from sandbox.sheets.workbook import Workbook, new_workbook

Json = dict[str, Any]
ME = Caller("me@callsheet.example", "project")


def blank() -> Workbook:
    """Return a workbook with one small tab."""
    book = new_workbook("id", "t", ME.email)
    book.tabs[0].grid.row_count, book.tabs[0].grid.column_count = 6, 4
    return book


def do(book: Workbook, *requests: Json) -> list[Json]:
    """Do requests as if they came over the wire."""
    body = read("BatchUpdateSpreadsheetRequest", {"requests": list(requests)})
    return run(Batch(book, ME), body["requests"])


def filled(text: str) -> Workbook:
    """Return the small workbook with lines of comma-separated cells."""
    book = blank()
    do(book, {"pasteData": {"coordinate": {}, "data": text, "delimiter": ","}})
    return book


def shown(book: Workbook, tab: int = 0) -> list[list[Any]]:
    """Return the values of a tab."""
    grid = book.tabs[tab].grid
    return [list(grid.row(row)) for row in range(grid.last_row())]


def square(top: int, left: int, bottom: int, right: int) -> Json:
    """Return a GridRange of the first tab."""
    return {
        "startRowIndex": top,
        "endRowIndex": bottom,
        "startColumnIndex": left,
        "endColumnIndex": right,
    }


def red_when(formula: str, place: Json) -> Json:
    """Return a conditional format rule."""
    condition = {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": formula}]}
    look = {"backgroundColorStyle": {"rgbColor": {"red": 1}}}
    return {"ranges": [place], "booleanRule": {"condition": condition, "format": look}}


TOP = square(0, 0, 1, 2)
EFFECTS: dict[str, tuple[str, Json, list[list[Any]]]] = {
    "insertRange down": (
        "a,b\nc,d",
        {"insertRange": {"range": square(0, 0, 1, 1), "shiftDimension": "ROWS"}},
        [[None, "b"], ["a", "d"], ["c"]],
    ),
    "deleteRange left": (
        "a,b,c\nd,e,f",
        {"deleteRange": {"range": square(0, 0, 1, 1), "shiftDimension": "COLUMNS"}},
        [["b", "c"], ["d", "e", "f"]],
    ),
    "cutPaste": (
        "a,b",
        {"cutPaste": {"source": TOP, "destination": {"rowIndex": 1, "columnIndex": 1}}},
        [[], [None, "a", "b"]],
    ),
    "copyPaste repeats": (
        "a,b",
        {"copyPaste": {"source": TOP, "destination": square(1, 0, 3, 4)}},
        [["a", "b"], ["a", "b", "a", "b"], ["a", "b", "a", "b"]],
    ),
    "copyPaste transposed": (
        "a,b",
        {
            "copyPaste": {
                "source": TOP,
                "destination": {"startRowIndex": 2, "endRowIndex": 3, "endColumnIndex": 1},
                "pasteOrientation": "TRANSPOSE",
            }
        },
        [["a", "b"], [], ["a"], ["b"]],
    ),
    "findReplace": (
        "one two,Two\ntwo",
        {"findReplace": {"find": "two", "replacement": "2", "matchCase": True, "allSheets": True}},
        [["one 2", "Two"], [2]],
    ),
    "trimWhitespace": (
        "  a  b ,c",
        {"trimWhitespace": {"range": TOP}},
        [["a b", "c"]],
    ),
    "deleteDuplicates": (
        "a,1\nb,2\nA,1\nc,3",
        {"deleteDuplicates": {"range": square(0, 0, 4, 2)}},
        [["a", 1], ["b", 2], ["c", 3]],
    ),
    "textToColumns": (
        "x\n",
        {"textToColumns": {"source": square(0, 0, 1, 1), "delimiterType": "SPACE"}},
        [["x"]],
    ),
    "mergeCells keeps the first value": (
        "a,b\nc,d",
        {"mergeCells": {"range": square(0, 0, 2, 2), "mergeType": "MERGE_COLUMNS"}},
        [["a", "b"]],
    ),
    "repeatCell writes a value": (
        "a",
        {
            "repeatCell": {
                "range": square(0, 0, 2, 2),
                "cell": {"userEnteredValue": {"numberValue": 0}},
                "fields": "userEnteredValue",
            }
        },
        [[0, 0], [0, 0]],
    ),
    "appendCells": (
        "a",
        {
            "appendCells": {
                "sheetId": 0,
                "rows": [{"values": [{"userEnteredValue": {"boolValue": False}}]}],
                "fields": "*",
            }
        },
        [["a"], [False]],
    ),
    "setBasicFilter sorts": (
        "h\n2\n1",
        {
            "setBasicFilter": {
                "filter": {"range": square(0, 0, 3, 1), "sortSpecs": [{"sortOrder": "ASCENDING"}]}
            }
        },
        [["h"], [1], [2]],
    ),
}


@pytest.mark.parametrize("name", EFFECTS)
def test_what_a_request_does_to_cells(name: str) -> None:
    before, request, after = EFFECTS[name]
    book = filled(before)

    do(book, request)

    assert shown(book) == after


def test_everything_that_names_cells_follows_an_insert() -> None:
    book = filled("a,b\nc,d")
    place = square(0, 0, 2, 2)
    sources = {"sourceRange": {"sources": [place]}}
    series = {"basicChart": {"domains": [{"domain": sources}]}}
    corner = {"anchorCell": {"rowIndex": 3, "columnIndex": 1}}
    bands = {"firstBandColor": {"red": 1}}
    do(
        book,
        {"addNamedRange": {"namedRange": {"name": "named", "range": place}}},
        {"addProtectedRange": {"protectedRange": {"range": place}}},
        {"addFilterView": {"filter": {"range": place}}},
        {"setBasicFilter": {"filter": {"range": place}}},
        {"addBanding": {"bandedRange": {"range": place, "rowProperties": bands}}},
        {"addChart": {"chart": {"spec": series, "position": {"overlayPosition": corner}}}},
        {"addConditionalFormatRule": {"rule": red_when("=TRUE", place)}},
        {"mergeCells": {"range": square(4, 0, 5, 2)}},
        {
            "insertDimension": {
                "range": {"dimension": "ROWS", "startIndex": 0, "endIndex": 2},
            }
        },
    )

    answer = spreadsheet(book, View(ME))
    tab, moved = answer["sheets"][0], square(2, 0, 4, 2)
    assert answer["namedRanges"][0]["range"] == moved
    assert tab["protectedRanges"][0]["range"] == moved
    assert tab["filterViews"][0]["range"] == moved
    assert tab["basicFilter"]["range"] == moved
    assert tab["bandedRanges"][0]["range"] == moved
    chart = tab["charts"][0]
    assert chart["spec"]["basicChart"]["domains"][0]["domain"] == {
        "sourceRange": {"sources": [moved]}
    }
    assert chart["position"]["overlayPosition"]["anchorCell"]["rowIndex"] == 5
    assert tab["conditionalFormats"][0]["ranges"] == [moved]
    assert tab["merges"] == [square(6, 0, 7, 2)]


def formulas(book: Workbook) -> list[str]:
    """Return the formulas of the first tab's rules, in their order."""
    rules = spreadsheet(book, View(ME))["sheets"][0].get("conditionalFormats", [])
    return [r["booleanRule"]["condition"]["values"][0]["userEnteredValue"] for r in rules]


def test_rules_have_no_name_but_their_place() -> None:
    """Answers as the API's description says: a zero index is left out, as everywhere."""
    book = blank()
    adds = [
        {"addConditionalFormatRule": {"index": at, "rule": red_when(text, TOP)}}
        for at, text in [(0, "=A"), (0, "=B"), (2, "=C")]
    ]

    assert do(book, *adds) == [{}, {}, {}]
    assert formulas(book) == ["=B", "=A", "=C"]

    update = {"index": 2, "rule": red_when("=D", TOP)}
    [replaced] = do(book, {"updateConditionalFormatRule": update})
    told = replaced["updateConditionalFormatRule"]
    assert told["newIndex"] == 2
    assert "oldIndex" not in told
    assert told["oldRule"]["booleanRule"]["condition"]["values"] == [{"userEnteredValue": "=C"}]
    assert told["newRule"]["booleanRule"]["format"]["backgroundColor"] == {"red": 1}

    [moved] = do(book, {"updateConditionalFormatRule": {"index": 2, "newIndex": 0}})
    told = moved["updateConditionalFormatRule"]
    assert (told["oldIndex"], "newIndex" in told, "oldRule" in told) == (2, False, False)
    assert formulas(book) == ["=D", "=B", "=A"]

    [gone] = do(book, {"deleteConditionalFormatRule": {"index": 1}})
    rule = gone["deleteConditionalFormatRule"]["rule"]
    assert rule["booleanRule"]["condition"]["values"] == [{"userEnteredValue": "=B"}]
    assert formulas(book) == ["=D", "=A"]


@pytest.mark.parametrize(
    "request_",
    [
        {"addConditionalFormatRule": {"rule": {"ranges": [TOP]}}},
        {"addConditionalFormatRule": {"rule": red_when("NOW()", TOP)}},
        {"addConditionalFormatRule": {"index": 1, "rule": red_when("=TRUE", TOP)}},
        {"updateConditionalFormatRule": {"rule": red_when("=TRUE", TOP)}},
        {"updateConditionalFormatRule": {"index": 1, "newIndex": 0}},
        {"deleteConditionalFormatRule": {}},
        {
            "addConditionalFormatRule": {
                "rule": {
                    "ranges": [TOP],
                    "booleanRule": {
                        "condition": {"type": "NOT_BLANK"},
                        "format": {"textFormat": {"fontSize": 20}},
                    },
                }
            }
        },
    ],
    ids=["no kind", "no formula", "beyond", "replace none", "move none", "delete none", "format"],
)
def test_rules_that_make_no_sense_are_refused(request_: Json) -> None:
    with pytest.raises(ApiError):
        do(blank(), request_)


def test_what_lies_on_deleted_rows_goes_with_them() -> None:
    book = filled("a\nb\nc")
    place = square(1, 0, 2, 2)
    do(
        book,
        {"addNamedRange": {"namedRange": {"name": "named", "range": place}}},
        {"addProtectedRange": {"protectedRange": {"range": place}}},
        {"deleteDimension": {"range": {"dimension": "ROWS", "startIndex": 1, "endIndex": 2}}},
    )

    answer = spreadsheet(book, View(ME))
    assert "namedRanges" not in answer
    assert "protectedRanges" not in answer["sheets"][0]


def test_a_duplicated_tab_stands_on_its_own() -> None:
    book = filled("a,b")
    do(book, {"addProtectedRange": {"protectedRange": {"range": TOP, "protectedRangeId": 9}}})

    reply = do(book, {"duplicateSheet": {"newSheetId": 5, "insertSheetIndex": 1}})[0]

    assert reply["duplicateSheet"]["properties"]["title"] == "Copy of Sheet1"
    do(book, {"repeatCell": {"range": TOP, "cell": {}, "fields": "*"}})
    assert shown(book, 1) == [["a", "b"]]
    protected = spreadsheet(book, View(ME))["sheets"][1]["protectedRanges"][0]
    assert protected["range"]["sheetId"] == 5
    assert protected["protectedRangeId"] != 9


def test_a_table_fills_in_its_columns() -> None:
    book = filled("name,\nAda,1")
    table = {"range": square(0, 0, 2, 2), "name": "Calls"}

    reply = do(book, {"addTable": {"table": table}})[0]["addTable"]["table"]

    assert [column["columnName"] for column in reply["columnProperties"]] == ["name", "Column 2"]
    assert shown(book)[0] == ["name", "Column 2"]
    with pytest.raises(ApiError, match="already exists"):
        do(book, {"addTable": {"table": {"range": square(3, 0, 5, 2), "name": "calls"}}})


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ({"deleteSheet": {}}, "deleteSheet: You can't remove all the visible sheets"),
        (
            {"updateSheetProperties": {"properties": {"hidden": True}, "fields": "hidden"}},
            "updateSheetProperties: You can't hide all the sheets in a document.",
        ),
        (
            {"updateSheetProperties": {"properties": {"title": "x"}}},
            "updateSheetProperties: At least one field must be listed in 'fields'.",
        ),
        (
            {"repeatCell": {"range": {"startRowIndex": 6}, "cell": {}, "fields": "*"}},
            "repeatCell: Range (Sheet1!A7:D) exceeds grid limits. Max rows: 6, max columns: 4",
        ),
        (
            {"repeatCell": {"range": {"sheetId": 8}, "cell": {}, "fields": "*"}},
            "repeatCell: No grid with id: 8",
        ),
        (
            {"updateCells": {"start": {}, "rows": [{"values": [{}] * 5}], "fields": "*"}},
            "updateCells: Attempting to write column: 4, beyond the last requested column of: 3",
        ),
        (
            {"deleteDimension": {"range": {"dimension": "ROWS", "startIndex": 6, "endIndex": 7}}},
            "deleteDimension: Cannot delete a row that doesn't exist. Tried to delete row index 6",
        ),
        (
            {"deleteDimension": {"range": {"dimension": "COLUMNS"}}},
            "deleteDimension: You can't delete all the columns on the sheet.",
        ),
        (
            {"insertDimension": {"range": {"dimension": "ROWS", "startIndex": 6, "endIndex": 7}}},
            "insertDimension: range.startIndex must be less than the grid size (6) if",
        ),
    ],
)
def test_refusals_use_googles_words(request_: Json, words: str) -> None:
    with pytest.raises(ApiError) as caught:
        do(blank(), request_)

    assert caught.value.message.startswith(f"Invalid requests[0].{words}")
