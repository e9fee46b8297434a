"""The demo page's server, in its parts that need no stand-in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from sandbox.appsscript.runtime import ScriptError
from sandbox.demo.appearance import Styles, colour, style_of
from sandbox.demo.edits import Edits, column_letters
from sandbox.demo.frames import KEPT_PAGES, FramePages, frames_app
from sandbox.demo.overdue import moments_of


class Recorder:
    """A document that only remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Any] = []

    def read(self) -> dict[str, Any]:
        calls = {"sheetId": 7, "title": "Bob's", "gridProperties": {"frozenRowCount": 1}}
        return {"sheets": [{"properties": {"title": "Sheet1"}}, {"properties": calls}]}

    def batch_update(self, request: dict[str, Any]) -> None:
        self.asked.append(request)

    def update_values(self, a1_range: str, values: list[list[Any]]) -> None:
        self.asked.append((a1_range, values))


def after(action: str, **details: object) -> Any:
    document = Recorder()
    Edits(document).apply(action, details)  # type: ignore[arg-type]
    [asked] = document.asked
    return asked


@pytest.mark.parametrize(("column", "name"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ")])
def test_letters_of_columns(column: int, name: str) -> None:
    assert column_letters(column) == name


def test_typing_goes_to_the_right_cell_of_a_tab_with_a_quote_in_its_name() -> None:
    assert after("cell", tab=7, row=4, column=27, text="=1+1") == ("'Bob''s'!AB5", [["=1+1"]])


def test_sorting_leaves_the_header_where_it_is() -> None:
    sort = after("sort", tab=7, column=2, descending=True)["sortRange"]

    assert sort["range"] == {"sheetId": 7, "startRowIndex": 1}
    assert sort["sortSpecs"] == [{"dimensionIndex": 2, "sortOrder": "DESCENDING"}]


def test_rows_and_columns_come_and_go() -> None:
    row = {"sheetId": 7, "dimension": "ROWS", "startIndex": 3, "endIndex": 4}
    assert after("deleteRow", tab=7, row=3) == {"deleteDimension": {"range": row}}
    column = after("insertColumn", tab=7, column=0)["insertDimension"]["range"]
    assert (column["dimension"], column["startIndex"]) == ("COLUMNS", 0)


def test_unknown_edits_and_tabs_are_refused() -> None:
    with pytest.raises(ScriptError, match="cannot do format"):
        after("format")
    with pytest.raises(ScriptError, match="no longer"):
        after("cell", tab=99, row=0, column=0, text="x")


def test_colours_leave_out_what_is_zero() -> None:
    assert colour({"red": 1}) == "#ff0000"
    assert colour(None) is None


def test_usual_formats_need_no_style() -> None:
    usual = {
        "backgroundColor": {"red": 1, "green": 1, "blue": 1},
        "textFormat": {"foregroundColor": {}, "bold": False, "fontSize": 10},
        "wrapStrategy": "OVERFLOW_CELL",
    }
    assert style_of(usual) == {}


def test_each_distinct_style_is_sent_once() -> None:
    styles = Styles()
    bold = {"textFormat": {"bold": True}, "horizontalAlignment": "CENTER"}

    assert [styles.place(bold), styles.place(None), styles.place(bold)] == [0, None, 0]
    assert styles.listed == [{"align": "center", "css": "font-weight:bold;"}]


def test_pages_of_sidebars_get_google_script_run_and_a_secret_address() -> None:
    pages = FramePages(["showSidebar"], "http://127.0.0.1:8000")
    client = frames_app(pages).test_client()

    path = pages.put("<!DOCTYPE html><html><head><title>x</title></head></html>")
    page = client.get(path).text

    assert page.startswith("<!DOCTYPE html><html><head><script>")
    assert '(["showSidebar"], "http://127.0.0.1:8000");</script><title>x' in page
    assert client.get("/frame/guess").status_code == 404


def test_old_pages_of_sidebars_are_forgotten() -> None:
    pages = FramePages([], "")
    first = pages.put("<p>")
    for _ in range(KEPT_PAGES):
        pages.put("<p>")

    assert pages.get(first.rsplit("/", 1)[-1]) is None


def rule(formula: str) -> dict[str, Any]:
    """A conditional format as the stand-in shows it."""
    condition = {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": formula}]}
    look = {"backgroundColor": {"red": 1}}
    area = {"sheetId": 7, "startRowIndex": 0, "endRowIndex": 1, "startColumnIndex": 2}
    return {"ranges": [area], "booleanRule": {"condition": condition, "format": look}}


def test_a_rule_that_holds_from_some_moment_on_is_shown_by_the_files_clock() -> None:
    """Minute 66726060 is 13:00 of 11 November 2026 by the file's clock."""
    [found] = moments_of([rule('=NOW()*1440+N("x: y")>66726060')], "Europe/Paris")

    assert found["from"] == datetime(2026, 11, 11, 12, tzinfo=UTC).timestamp() * 1000
    assert found["areas"][0][:3] == [0, 2, 1]
    assert found["css"] == "background:#ff0000;"


@pytest.mark.parametrize("formula", ["=A1>5", "=NOW()>46000", '=NOW()*1440+N("x")>1,5'])
def test_other_formulas_are_not_evaluated(formula: str) -> None:
    gradient = {"ranges": [{}], "gradientRule": {}}

    assert moments_of([gradient, rule(formula)], "Europe/Paris") == []
