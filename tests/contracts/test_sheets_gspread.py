"""Every method of gspread against the Google stand-in: what a script of anybody's may send."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import gspread
import pytest
import requests
from gspread.utils import (
    Dimension,
    ExportFormat,
    PasteOrientation,
    PasteType,
    ValidationConditionType,
    ValueRenderOption,
)

from sandbox.sheets.server import SheetsStandIn

Json = dict[str, Any]
VALUES: list[list[Any]] = [["id", "name", "n"], ["1", "Ann", 3], ["2", "Bob", 1]]
SHOWN = [["id", "name", "n"], ["1", "Ann", "3"], ["2", "Bob", "1"]]


class World:
    """A spreadsheet with a few cells, as gspread sees it."""

    def __init__(self, google: SheetsStandIn) -> None:
        url, session = google.url, requests.Session()
        session.headers["Authorization"] = f"Bearer {google.access_token()}"

        class Local(gspread.HTTPClient):
            def request(self, method: str, endpoint: str, *args: Any, **kwargs: Any) -> Any:
                for host in ("https://sheets.googleapis.com", "https://www.googleapis.com"):
                    endpoint = endpoint.replace(host, url)
                return super().request(method, endpoint, *args, **kwargs)

        self.client = gspread.Client(auth=None, session=session, http_client=Local)
        self.book = self.client.create("Sample")
        self.tab = self.book.sheet1
        self.tab.update(VALUES, "A1")

    def sheet(self, fields: str) -> Json:
        """Return the first tab as the API describes it."""
        found: Json = self.book.fetch_sheet_metadata({"fields": f"sheets({fields})"})["sheets"][0]
        return found

    def titles(self) -> list[str]:
        """Return the titles of all tabs."""
        return [tab.title for tab in self.book.worksheets()]

    def after(self, *_: object) -> list[list[Any]]:
        """Return the values of the first tab once something was done."""
        return self.book.sheet1.get_all_values()


@pytest.fixture(scope="module")
def google() -> Iterator[SheetsStandIn]:
    with SheetsStandIn() as running:
        requests.put(f"{running.url}/_admin/quota", json={"enabled": False}, timeout=5)
        yield running


def cells(found: Any) -> list[tuple[int, int, Any]]:
    """Return cells as plain tuples."""
    return [(cell.row, cell.col, cell.value) for cell in found]


def _update_cells(w: World) -> object:
    first, last = w.tab.range("A2:B3")[0], w.tab.range("A2:B3")[-1]
    first.value, last.value = "x", "y"
    return w.after(w.tab.update_cells([first, last]))


def _groups(w: World) -> object:
    w.tab.add_dimension_group_columns(0, 3)
    w.tab.add_dimension_group_columns(1, 2)
    w.tab.add_dimension_group_rows(0, 2)
    w.tab.delete_dimension_group_rows(0, 2)
    w.tab.delete_dimension_group_columns(0, 1)
    found = [
        (g["range"]["startIndex"], g["range"]["endIndex"], g["depth"])
        for g in w.tab.list_dimension_group_columns()
    ]
    return found, w.tab.list_dimension_group_rows()


def _hidden(w: World) -> object:
    other = w.book.add_worksheet("Other", 2, 2)
    other.hide()
    seen = [tab.title for tab in w.book.worksheets(exclude_hidden=True)]
    other.show()
    return seen, len(w.book.worksheets(exclude_hidden=True))


def _dimensions(w: World) -> object:
    w.tab.hide_columns(0, 2)
    w.tab.unhide_columns(1, 2)
    w.tab.hide_rows(1, 2)
    data = w.sheet("data(rowMetadata.hiddenByUser,columnMetadata.hiddenByUser)")["data"][0]
    w.tab.unhide_rows(1, 2)
    return [d.get("hiddenByUser", False) for d in data["columnMetadata"][:3]], [
        d.get("hiddenByUser", False) for d in data["rowMetadata"][:3]
    ]


def _protected(w: World) -> object:
    answer = w.tab.add_protected_range("A1:B2", ["x@example.com"], description="mine")
    made = answer["replies"][0]["addProtectedRange"]["protectedRange"]
    held = w.book.list_protected_ranges(0)
    w.tab.delete_protected_range(made["protectedRangeId"])
    return (
        made["description"],
        made["requestingUserCanEdit"],
        len(held),
        (w.book.list_protected_ranges(0)),
    )


def _named(w: World) -> object:
    answer = w.tab.define_named_range("A2:B3", "people")
    made = answer["replies"][0]["addNamedRange"]["namedRange"]
    held = [cell.value for cell in w.book.named_range("people")]
    names = [each["name"] for each in w.book.list_named_ranges()]
    w.tab.delete_named_range(made["namedRangeId"])
    return held, names, w.book.list_named_ranges()


def _notes(w: World) -> object:
    w.tab.insert_note("A1", "one")
    w.tab.update_notes({"B2": "two", "C3": "three"})
    w.tab.insert_notes({"A3": "four"})
    w.tab.update_note("A1", "first")
    before = w.tab.get_notes(), w.tab.get_note("B2")
    w.tab.clear_note("B2")
    w.tab.clear_notes(["A1", "A3"])
    return before, w.tab.get_note("A1"), w.tab.get_note("C3")


def _looks(w: World) -> object:
    w.tab.format("A1:B1", {"textFormat": {"bold": True}})
    w.tab.batch_format([{"range": "A2", "format": {"horizontalAlignment": "CENTER"}}])
    rows = w.sheet("data.rowData.values.userEnteredFormat")["data"][0]["rowData"]
    return rows[0]["values"][1], rows[1]["values"][0]


def _merges(w: World) -> object:
    w.tab.merge_cells("A1:B1")
    w.tab.batch_merge([{"range": "A2:B3", "mergeType": "MERGE_ROWS"}])
    count = len(w.sheet("merges")["merges"])
    w.tab.unmerge_cells("A1:B3")
    return count, w.sheet("merges"), w.after()


def _filters(w: World) -> object:
    w.tab.set_basic_filter()
    whole = w.sheet("basicFilter")["basicFilter"]["range"]
    w.tab.set_basic_filter("B1:C2")
    part = w.sheet("basicFilter")["basicFilter"]["range"]
    w.tab.clear_basic_filter()
    return list(whole.values()), list(part.values()), w.sheet("basicFilter")


def _colors(w: World) -> object:
    w.tab.update_tab_color("#ff0000")
    shown = w.book.sheet1.get_tab_color()
    w.tab.clear_tab_color()
    return shown, w.book.sheet1.get_tab_color()


def _gridlines(w: World) -> object:
    w.tab.hide_gridlines()
    hidden = w.book.sheet1.is_gridlines_hidden
    w.tab.show_gridlines()
    return hidden, w.book.sheet1.is_gridlines_hidden


def _frozen(w: World) -> object:
    w.tab.freeze(1, 1)
    frozen = w.book.sheet1
    return frozen.frozen_row_count, frozen.frozen_col_count


def _widths(w: World) -> object:
    w.tab.update_acell("A1", "a long text that does not fit into a column")
    w.tab.columns_auto_resize(0, 1)
    w.tab.rows_auto_resize(0, 1)
    sizes = w.sheet("data.columnMetadata.pixelSize")["data"][0]["columnMetadata"]
    return sizes[0]["pixelSize"] > 100, sizes[1]["pixelSize"]


def _validation(w: World) -> object:
    w.tab.add_validation("A2", ValidationConditionType.one_of_list, ["y", "n"], strict=True)
    rule = w.sheet("data.rowData.values.dataValidation")["data"][0]["rowData"][1]["values"][0]
    return rule["dataValidation"]["condition"]["values"], rule["dataValidation"]["strict"]


def _resized(w: World) -> object:
    w.tab.resize(10, 5)
    w.tab.add_rows(2)
    w.tab.add_cols(1)
    tab = w.book.sheet1
    return tab.row_count, tab.col_count, w.after()


def _copied_tabs(w: World) -> object:
    twin = w.tab.duplicate(new_sheet_name="Twin")
    copied = w.tab.copy_to(w.book.id)
    w.book.duplicate_sheet(w.tab.id, insert_sheet_index=0, new_sheet_name="First")
    return twin.get_all_values(), copied["title"], w.titles()


def _tabs(w: World) -> object:
    made = w.book.add_worksheet("New", 3, 2, index=0)
    made.update_index(1)
    w.book.reorder_worksheets(list(reversed(w.book.worksheets())))
    made.update_title("Newer")
    before = w.titles()
    w.book.del_worksheet(made)
    w.book.add_worksheet("Gone", 1, 1)
    w.book.del_worksheet_by_id(w.book.worksheet("Gone").id)
    return before, w.titles(), w.book.get_worksheet(0).title, w.book.get_worksheet_by_id(0).id


def _properties(w: World) -> object:
    w.book.update_title("Renamed")
    w.book.update_timezone("Europe/Paris")
    w.book.update_locale("fr_FR")
    shown = w.book.fetch_sheet_metadata()["properties"]
    return (
        shown["title"],
        shown["timeZone"],
        shown["locale"],
        w.client.open("Renamed").id == w.book.id,
    )


def _shared(w: World) -> object:
    w.book.share("ann@example.com", "user", "writer", notify=False)
    made = w.client.insert_permission(w.book.id, None, "anyone", "reader").json()
    roles = [each["role"] for each in w.book.list_permissions()]
    ann = next(
        p
        for p in w.client.list_permissions(w.book.id)
        if p.get("emailAddress") == "ann@example.com"
    )
    w.book.transfer_ownership(str(ann["id"]))
    w.client.remove_permission(w.book.id, made["id"])
    w.book.remove_permissions("ann@example.com")
    return roles, [each["role"] for each in w.book.list_permissions()]


def _owner(w: World) -> object:
    w.book.share("ann@example.com", "user", "writer", notify=False)
    ann = next(p for p in w.book.list_permissions() if p.get("emailAddress") == "ann@example.com")
    w.book.accept_ownership(str(ann["id"]))
    return [each["role"] for each in w.book.list_permissions()]


def _times(w: World) -> object:
    made = w.client.get_file_drive_metadata(w.book.id)
    w.book.update_drive_metadata()
    later = w.book.get_lastUpdateTime()
    return made["createdTime"] == w.book.creationTime, later == made["modifiedTime"]


def _copied_file(w: World) -> object:
    twin = w.client.copy(w.book.id, title="Twin", copy_permissions=True)
    same = twin.fetch_sheet_metadata()["sheets"] == w.book.fetch_sheet_metadata()["sheets"]
    return same, twin.title, w.client.copy(w.book.id).title


def _files(w: World) -> object:
    made = w.client.create("In a folder", folder_id="folder")
    found = w.client.list_spreadsheet_files("In a folder", folder_id="folder")
    opened = w.client.open("In a folder", folder_id="folder").id == made.id
    by_url = w.client.open_by_url(made.url).id == made.id
    w.client.del_spreadsheet(made.id)
    return len(found), opened, by_url, len(w.client.openall("In a folder"))


def _csv(w: World) -> object:
    w.client.import_csv(w.book.id, "a,b\n1,2")
    out = w.book.export(ExportFormat.CSV)
    return w.after(), out, w.client.export(w.book.id, ExportFormat.TSV)


def _raw(w: World) -> object:
    w.book.values_update("Sheet1!E1", {"valueInputOption": "RAW"}, {"values": [["e"]]})
    w.book.values_append("Sheet1!A1", {"valueInputOption": "RAW"}, {"values": [["3"]]})
    w.book.values_batch_update(
        {"valueInputOption": "RAW", "data": [{"range": "B4", "values": [["Cy"]]}]}
    )
    w.book.values_clear("Sheet1!A2")
    w.book.values_batch_clear(body={"ranges": "B2"})
    w.book.batch_update(
        {"requests": {"sortRange": {"range": {"sheetId": 0, "startRowIndex": 1}, "sortSpecs": []}}}
    )
    return w.book.values_get("Sheet1!A1:E4")["values"], [
        each["values"] for each in w.book.values_batch_get(["A4", "B4"])["valueRanges"]
    ]


# What is called, what is done, and what comes of it.
TRIED: list[tuple[str, Callable[[World], object], object]] = [
    ("acell cell", lambda w: (w.tab.acell("B2").value, w.tab.cell(3, 3).value), ("Ann", "1")),
    ("range", lambda w: cells(w.tab.range("D1:C1")), [(1, 3, "n"), (1, 4, "")]),
    ("get_all_cells", lambda w: len(w.tab.get_all_cells()), 26_000),
    ("get_values", lambda w: w.tab.get_values("A2:E3"), SHOWN[1:]),
    ("get_all_values", World.after, SHOWN),
    ("get_all_records", lambda w: w.tab.get_all_records()[0], {"id": 1, "name": "Ann", "n": 3}),
    (
        "row_values col_values",
        lambda w: (w.tab.row_values(2), w.tab.col_values(3)),
        (["1", "Ann", "3"], ["n", "3", "1"]),
    ),
    (
        "update_acell update_cell",
        lambda w: w.after(w.tab.update_acell("A2", "0042"), w.tab.update_cell(2, 2, "=1+1"))[1],
        ["42", "2", "3"],
    ),
    ("update_cells", _update_cells, [["id", "name", "n"], ["x", "Ann", "3"], ["2", "y", "1"]]),
    (
        "get",
        lambda w: list(
            w.tab.get(
                "A1:C2",
                value_render_option=ValueRenderOption.unformatted,
                major_dimension=Dimension.cols,
            )
        ),
        [["id", "1"], ["name", "Ann"], ["n", 3]],
    ),
    (
        "batch_get",
        lambda w: [list(v) for v in w.tab.batch_get(["A1:B1", "D9"])],
        [[["id", "name"]], []],
    ),
    (
        "update",
        lambda w: w.tab.update([["z"]], "A9", include_values_in_response=True)["updatedData"][
            "values"
        ],
        [["z"]],
    ),
    (
        "batch_update",
        lambda w: w.tab.batch_update(
            [{"range": "A4", "values": [["4"]]}, {"range": "A5:B5", "values": [["5", "6"]]}]
        )["totalUpdatedCells"],
        3,
    ),
    (
        "format batch_format",
        _looks,
        (
            {"userEnteredFormat": {"textFormat": {"bold": True}}},
            {"userEnteredFormat": {"horizontalAlignment": "CENTER"}},
        ),
    ),
    ("resize add_rows add_cols", _resized, (12, 6, SHOWN)),
    (
        "sort",
        lambda w: w.after(w.tab.sort((3, "asc"), range="A2:C3")),
        [SHOWN[0], SHOWN[2], SHOWN[1]],
    ),
    ("update_tab_color clear_tab_color get_tab_color", _colors, ("#FF0000", None)),
    ("columns_auto_resize rows_auto_resize", _widths, (True, 100)),
    (
        "append_row append_rows",
        lambda w: w.after(
            w.tab.append_row(["3"]), w.tab.append_rows([["4"], ["5"]], table_range="A1")
        )[3:],
        [["3", "", ""], ["4", "", ""], ["5", "", ""]],
    ),
    (
        "insert_row insert_rows",
        lambda w: w.after(w.tab.insert_row(["0"], 2), w.tab.insert_rows([["a"], ["b"]], 3)),
        [SHOWN[0], ["0", "", ""], ["a", "", ""], ["b", "", ""], *SHOWN[1:]],
    ),
    (
        "insert_cols",
        lambda w: w.after(w.tab.insert_cols([["k", "l"]], 2)),
        [["id", "k", "name", "n"], ["1", "l", "Ann", "3"], ["2", "", "Bob", "1"]],
    ),
    (
        "add_protected_range delete_protected_range list_protected_ranges",
        _protected,
        ("mine", True, 1, []),
    ),
    (
        "delete_dimension delete_rows delete_columns",
        lambda w: w.after(w.tab.delete_rows(2), w.tab.delete_columns(2)),
        [["id", "n"], ["2", "1"]],
    ),
    ("clear", lambda w: w.after(w.tab.clear()), [[]]),
    (
        "batch_clear",
        lambda w: w.after(w.tab.batch_clear(["A1:C1", "A3:C3"])),
        [["", "", ""], SHOWN[1]],
    ),
    (
        "find findall",
        lambda w: (cells([w.tab.find("bob", case_sensitive=False)]), len(w.tab.findall("1"))),
        ([(3, 2, "Bob")], 2),
    ),
    ("freeze", _frozen, (1, 1)),
    ("set_basic_filter clear_basic_filter", _filters, ([0, 0, 1000, 26], [0, 1, 2, 3], {})),
    (
        "duplicate copy_to duplicate_sheet",
        _copied_tabs,
        (SHOWN, "Copy of Sheet1", ["First", "Twin", "Sheet1", "Copy of Sheet1"]),
    ),
    (
        "merge_cells batch_merge unmerge_cells",
        _merges,
        (3, {}, [["id", "", "n"], ["1", "", "3"], ["2", "", "1"]]),
    ),
    (
        (
            "get_notes get_note update_notes update_note insert_note insert_notes "
            "clear_notes clear_note"
        ),
        _notes,
        (([["first", "", ""], ["", "two", ""], ["four", "", "three"]], "two"), "", "three"),
    ),
    (
        "define_named_range delete_named_range named_range list_named_ranges",
        _named,
        (["1", "Ann", "2", "Bob"], ["people"], []),
    ),
    (
        (
            "add_dimension_group_columns add_dimension_group_rows "
            "delete_dimension_group_columns delete_dimension_group_rows "
            "list_dimension_group_columns list_dimension_group_rows"
        ),
        _groups,
        ([(1, 3, 1), (1, 2, 2)], []),
    ),
    (
        "hide_columns hide_rows unhide_columns unhide_rows",
        _dimensions,
        ([True, False, False], [False, True, False]),
    ),
    ("hide show", _hidden, (["Sheet1"], 2)),
    ("hide_gridlines show_gridlines", _gridlines, (True, False)),
    (
        "copy_range",
        lambda w: w.after(
            w.tab.copy_range("A1:B2", "D1", PasteType.values, PasteOrientation.transpose)
        ),
        [
            ["id", "name", "n", "id", "1"],
            ["1", "Ann", "3", "name", "Ann"],
            ["2", "Bob", "1", "", ""],
        ],
    ),
    (
        "cut_range",
        lambda w: w.after(w.tab.cut_range("A1:A3", "D1")),
        [["", "name", "n", "id"], ["", "Ann", "3", "1"], ["", "Bob", "1", "2"]],
    ),
    ("add_validation", _validation, ([{"userEnteredValue": "y"}, {"userEnteredValue": "n"}], True)),
    ("expand", lambda w: w.tab.expand("A2"), SHOWN[1:]),
    (
        (
            "add_worksheet del_worksheet del_worksheet_by_id reorder_worksheets update_index "
            "update_title worksheet worksheets get_worksheet get_worksheet_by_id"
        ),
        _tabs,
        (["Sheet1", "Newer"], ["Sheet1"], "Sheet1", 0),
    ),
    (
        "update_timezone update_locale fetch_sheet_metadata open",
        _properties,
        ("Renamed", "Europe/Paris", "fr_FR", True),
    ),
    (
        (
            "share list_permissions remove_permissions transfer_ownership "
            "insert_permission remove_permission"
        ),
        _shared,
        (["owner", "writer", "reader"], ["owner"]),
    ),
    ("accept_ownership", _owner, ["writer", "owner"]),
    ("get_lastUpdateTime update_drive_metadata get_file_drive_metadata", _times, (True, True)),
    ("copy", _copied_file, (True, "Twin", "Copy of Sample")),
    (
        "create list_spreadsheet_files open_by_key open_by_url openall del_spreadsheet",
        _files,
        (1, True, True, 0),
    ),
    ("import_csv export", _csv, ([["a", "b"], ["1", "2"]], b"a,b\r\n1,2", b"a\tb\r\n1\t2")),
    (
        (
            "values_update values_append values_batch_update values_clear values_batch_clear "
            "values_get values_batch_get"
        ),
        _raw,
        (
            [["id", "name", "n", "", "e"], ["", "", "3"], ["2", "Bob", "1"], ["3", "Cy"]],
            [[["3"]], [["Cy"]]],
        ),
    ),
]
# Not requests: settings of the client.
LOCAL = {"set_timeout"}


@pytest.mark.parametrize(("done", "expected"), [t[1:] for t in TRIED], ids=[t[0] for t in TRIED])
def test_gspread_gets_what_google_answers(
    google: SheetsStandIn, done: Callable[[World], object], expected: object
) -> None:
    world = World(google)

    found = done(world)

    assert found == expected


def test_no_method_of_gspread_is_left_out() -> None:
    tried = {name for names, _, _ in TRIED for name in names.split()}

    methods = {
        name
        for kind in (gspread.Worksheet, gspread.Spreadsheet, gspread.Client)
        for name, value in vars(kind).items()
        if callable(value) and not name.startswith("_")
    }

    assert methods - tried - LOCAL == set()
