"""Formulas in the Google stand-in: their references follow what happens to the cells."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.sheets.errors import ApiError
from sandbox.sheets.grid import Formula
from sandbox.sheets.references import Move, followed, shifted
from sandbox.sheets.schema import read
from tests.contracts.test_sheets_standin_effects import blank, do, filled, square

Json = dict[str, Any]


@pytest.mark.parametrize(
    ("formula", "copied"),
    [
        ("=A1+$B$2*C$3-$D4", "=B2+$B$2*D$3-$D5"),
        ("=SUM(A1:B2)+LOG10(A1)", "=SUM(B2:C3)+LOG10(B2)"),
        ("='My A1 tab'!B2&\"A1\"&Sheet2!C:C", "='My A1 tab'!C3&\"A1\"&Sheet2!D:D"),
        ("=10.5+A2:A+2:3+TRUE+$2:$3", "=10.5+B3:B+3:4+TRUE+$2:$3"),
    ],
)
def test_relative_references_move_with_a_copy(formula: str, copied: str) -> None:
    found = shifted(formula, 1, 1)

    assert found == copied


def test_a_copy_past_the_first_row_loses_its_reference() -> None:
    found = shifted("=A1+A2", -1, 0)

    assert found == "=#REF!+A1"


def test_references_to_other_tabs_stay_when_rows_come() -> None:
    move = Move("Mine", "ROWS", lambda i: i + 1, lambda s, e: (s + 1, None if e is None else e + 1))

    found = followed("=A1+Other!A1+mine!A1+SUM(B2:B)", "Mine", move)

    assert found == "=A2+Other!A1+mine!A2+SUM(B3:B)"


def formulas(*steps: Json) -> list[str]:
    """Return the formulas in column B after steps on three rows, each with a formula beside it."""
    book = filled("3,=A1*2\n1,=A2*2\n2,=SUM(A1:A3)")
    do(book, *steps)
    column = [row[1] for row in book.tabs[0].grid.rows if len(row) > 1]
    return [cell.text for cell in column if isinstance(cell, Formula)]


def rows(start: int, end: int) -> Json:
    """Return a DimensionRange."""
    return {"sheetId": 0, "dimension": "ROWS", "startIndex": start, "endIndex": end}


@pytest.mark.parametrize(
    ("step", "after"),
    [
        ({"insertDimension": {"range": rows(1, 2)}}, ["=A1*2", "=A3*2", "=SUM(A1:A4)"]),
        ({"deleteDimension": {"range": rows(0, 1)}}, ["=A1*2", "=SUM(A1:A2)"]),
        (
            {"moveDimension": {"source": rows(0, 1), "destinationIndex": 2}},
            ["=A1*2", "=A2*2", "=SUM(A1:A3)"],
        ),
        (
            {"sortRange": {"range": square(0, 0, 2, 2), "sortSpecs": [{"dimensionIndex": 0}]}},
            ["=A1*2", "=A2*2", "=SUM(A1:A3)"],
        ),
        (
            {
                "copyPaste": {
                    "source": square(0, 1, 1, 2),
                    "destination": square(1, 1, 5, 2),
                    "pasteType": "PASTE_FORMULA",
                }
            },
            ["=A1*2", "=A2*2", "=A3*2", "=A4*2", "=A5*2"],
        ),
        (
            {
                "repeatCell": {
                    "range": square(0, 1, 3, 2),
                    "cell": {"userEnteredValue": {"formulaValue": "=$A1+C$1"}},
                    "fields": "userEnteredValue",
                }
            },
            ["=$A1+C$1", "=$A2+C$1", "=$A3+C$1"],
        ),
    ],
    ids=["insert", "delete", "move", "sort", "fill down", "repeat"],
)
def test_formulas_follow_their_cells(step: Json, after: list[str]) -> None:
    assert formulas(step) == after


def test_a_reference_to_a_deleted_row_is_lost() -> None:
    book = filled("1,=A2\n2,x")

    do(book, {"deleteDimension": {"range": rows(1, 2)}})

    assert book.tabs[0].grid.value(0, 1) == Formula("=#REF!")


def test_a_kind_with_an_answer_answers_also_when_nothing_was_found() -> None:
    book = blank()

    replies = do(book, {"findReplace": {"find": "x", "allSheets": True}}, {"clearBasicFilter": {}})

    assert replies == [{"findReplace": {}}, {}]


def test_a_lone_item_counts_as_a_list_of_one() -> None:
    body = read("BatchUpdateSpreadsheetRequest", {"requests": {"clearBasicFilter": {}}})

    assert body["requests"] == [{"clearBasicFilter": {}}]


@pytest.mark.parametrize(
    ("properties", "words"),
    [
        ({"timeZone": "Nowhere/Land"}, "Invalid time zone: Nowhere/Land"),
        ({"locale": "Klingon"}, "Unsupported locale: Klingon"),
    ],
)
def test_unknown_zones_and_locales_are_refused(properties: Json, words: str) -> None:
    step = {"updateSpreadsheetProperties": {"properties": properties, "fields": "*"}}

    with pytest.raises(ApiError, match=words):
        do(blank(), step)


def test_a_grid_keeps_at_least_one_row() -> None:
    grid = {"gridProperties": {"rowCount": 0}}
    step = {"updateSheetProperties": {"properties": grid, "fields": "gridProperties.rowCount"}}

    with pytest.raises(ApiError, match="You can't delete all the rows on the sheet"):
        do(blank(), step)
