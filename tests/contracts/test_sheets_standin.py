"""The Google stand-in as gspread and google-auth see it, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gspread
import pytest
import requests
from google.auth.transport.requests import AuthorizedSession
from google.oauth2.service_account import Credentials
from gspread.exceptions import APIError
from gspread.utils import ExportFormat, ValueInputOption, ValueRenderOption

from sandbox.sheets.server import SERVICE_ACCOUNT, SheetsStandIn

Json = dict[str, Any]
SCOPES = ["https://www.googleapis.com/auth/spreadsheets"]


@pytest.fixture(scope="module")
def google() -> Iterator[SheetsStandIn]:
    with SheetsStandIn() as running:
        yield running


@pytest.fixture(autouse=True)
def unlimited(google: SheetsStandIn) -> Iterator[None]:
    requests.put(f"{google.url}/_admin/quota", json={"enabled": False}, timeout=5)
    yield
    requests.delete(f"{google.url}/_admin/faults", timeout=5)


def signed_in(info: dict[str, str]) -> AuthorizedSession:
    """Return a session that fetches its tokens with a service account's key."""
    credentials = Credentials.from_service_account_info(info, scopes=SCOPES)  # type: ignore[no-untyped-call]
    return AuthorizedSession(credentials)  # type: ignore[no-untyped-call]


@pytest.fixture
def client(google: SheetsStandIn) -> Iterator[gspread.Client]:
    info = google.service_account_info()
    session = signed_in(info)
    url = google.url

    class Local(gspread.HTTPClient):
        def request(self, method: str, endpoint: str, *args: Any, **kwargs: Any) -> Any:
            for host in ("https://sheets.googleapis.com", "https://www.googleapis.com"):
                endpoint = endpoint.replace(host, url)
            return super().request(method, endpoint, *args, **kwargs)

    yield gspread.Client(auth=None, session=session, http_client=Local)  # type: ignore[arg-type]
    session.close()  # type: ignore[no-untyped-call]


@pytest.fixture
def book(google: SheetsStandIn, client: gspread.Client) -> gspread.Spreadsheet:
    made = google.create_spreadsheet("Calls", editors=[SERVICE_ACCOUNT])
    return client.open_by_key(made)


def search(book: gspread.Spreadsheet, **lookup: Any) -> list[Json]:
    """Return what a metadata search finds."""
    address = f"https://sheets.googleapis.com/v4/spreadsheets/{book.id}/developerMetadata:search"
    body = {"dataFilters": [{"developerMetadataLookup": lookup}]}
    found = book.client.request("post", address, json=body).json()
    return [each["developerMetadata"] for each in found.get("matchedDeveloperMetadata", [])]


def metadata(key: str, dimension: str, index: int) -> Json:
    """Return the request that marks one row or column of the first tab."""
    place = {"sheetId": 0, "dimension": dimension, "startIndex": index, "endIndex": index + 1}
    location = {"dimensionRange": place}
    entry = {"metadataKey": key, "location": location, "visibility": "DOCUMENT"}
    return {"createDeveloperMetadata": {"developerMetadata": entry}}


def message(caught: pytest.ExceptionInfo[APIError]) -> str:
    """Return the message of a refusal."""
    text: str = caught.value.response.json()["error"]["message"]
    return text


def test_values_come_back_as_written(book: gspread.Spreadsheet) -> None:
    tab = book.sheet1
    tab.update([["0042", 42, 1.5, True, "=1+1"]], "A1")

    assert tab.get("A1:E1") == [["0042", "42", "1.5", "TRUE", "=1+1"]]
    raw = tab.get("A1:E1", value_render_option=ValueRenderOption.unformatted)
    assert raw == [["0042", 42, 1.5, True, "=1+1"]]


def test_typed_values_are_parsed(book: gspread.Spreadsheet) -> None:
    tab = book.sheet1
    typed = ["0042", "2026-11-24", "12.5%", "$3.20", "TRUE", "'0042", "=6/4", "1,234.5", "9:05"]
    tab.update([typed], "A1", value_input_option=ValueInputOption.user_entered)

    shown = ["42", "2026-11-24", "12.50%", "$3.20", "TRUE", "0042", "1.5", "1,234.50", "9:05"]
    assert tab.get("1:1") == [shown]
    raw = tab.get("1:1", value_render_option=ValueRenderOption.unformatted)[0]
    assert raw[:8] == [42, 46350, 0.125, 3.2, True, "0042", 1.5, 1234.5]
    assert tab.acell("G1", value_render_option=ValueRenderOption.formula).value == "=6/4"


def test_null_leaves_a_cell_and_empty_text_empties_it(book: gspread.Spreadsheet) -> None:
    tab = book.sheet1
    tab.update([["a", "b", "c"]], "A1")
    tab.update([[None, "", "C"]], "A1")

    assert tab.get("A1:C1") == [["a", "", "C"]]


@pytest.mark.parametrize(
    ("pattern", "value", "shown"),
    [
        ("yyyy-mm-dd hh:mm:ss", 45000.520833333336, "2023-03-15 12:30:00"),
        ("yyyy-mm-dd", 45000, "2023-03-15"),
        ("[h]:mm:ss", 1.0423611111111111, "25:01:00"),
        ("h:mm am/pm", 0.75, "6:00 PM"),
        ("0.00", 3.14159, "3.14"),
        ("0000", 42, "0042"),
        ("#,##0", 1234567.8, "1,234,568"),
        ('0.0" s"', 2.25, "2.3 s"),
        ("0%", 0.256, "26%"),
        ("0.00E+00", 12345, "1.23E+04"),
        ("mmm d, yyyy", 45000, "Mar 15, 2023"),
        ("#,##0.00;(#,##0.00)", -5.5, "(5.50)"),
    ],
)
def test_numbers_are_shown_by_their_pattern(
    book: gspread.Spreadsheet, pattern: str, value: float, shown: str
) -> None:
    tab = book.sheet1
    tab.update([[value]], "A1")
    kind = "DATE_TIME" if "m" in pattern else "NUMBER"
    tab.format("A1", {"numberFormat": {"type": kind, "pattern": pattern}})

    assert tab.acell("A1").value == shown


def test_a_failing_request_undoes_the_whole_batch(book: gspread.Spreadsheet) -> None:
    book.sheet1.update([["before"]], "A1")
    everywhere = {"range": {"sheetId": 0}, "cell": {}, "fields": "*"}
    batch = [
        {"repeatCell": everywhere},
        {"addSheet": {"properties": {"sheetId": 7, "title": "New"}}},
        metadata("k", "ROWS", 3),
        {"deleteSheet": {"sheetId": 99}},
    ]

    with pytest.raises(APIError) as caught:
        book.batch_update({"requests": batch})

    assert message(caught) == "Invalid requests[3].deleteSheet: No sheet with id: 99"
    assert book.sheet1.acell("A1").value == "before"
    assert [tab.title for tab in book.worksheets()] == ["Sheet1"]
    assert search(book, metadataKey="k") == []


def test_an_id_in_use_is_refused(book: gspread.Spreadsheet) -> None:
    entry: Json = {"metadataId": 5, "metadataKey": "k", "location": {"spreadsheet": True}}
    mark = {"createDeveloperMetadata": {"developerMetadata": entry | {"visibility": "DOCUMENT"}}}
    protect = {"addProtectedRange": {"protectedRange": {"protectedRangeId": 6, "range": {}}}}
    add = {"addSheet": {"properties": {"sheetId": 7}}}
    book.batch_update({"requests": [mark, protect, add]})

    for request in (mark, protect, add):
        with pytest.raises(APIError, match="already exists"):
            book.batch_update({"requests": [request]})


def test_unknown_fields_are_named(book: gspread.Spreadsheet) -> None:
    with pytest.raises(APIError) as caught:
        book.batch_update({"requests": [{"addSheet": {"propertys": {}}}]})

    details = caught.value.response.json()["error"]["details"][0]["fieldViolations"]
    assert details[0]["field"] == "requests[0].add_sheet"
    assert message(caught).startswith('Invalid JSON payload received. Unknown name "propertys"')


def test_a_bad_mask_is_refused_in_googles_words(book: gspread.Spreadsheet) -> None:
    with pytest.raises(APIError) as caught:
        book.client.fetch_sheet_metadata(book.id, params={"fields": "sheets(propertys)"})

    error = caught.value.response.json()["error"]
    assert error["message"] == "Request contains an invalid argument."
    assert "'sheets.propertys'" in error["details"][0]["fieldViolations"][0]["description"]


def test_metadata_moves_with_rows_and_columns(book: gspread.Spreadsheet) -> None:
    def place(key: str) -> tuple[int, int]:
        found = search(book, metadataKey=key)[0]["location"]["dimensionRange"]
        return found["startIndex"], found["endIndex"]

    book.batch_update({"requests": [metadata("row", "ROWS", 4), metadata("col", "COLUMNS", 2)]})
    book.sheet1.insert_rows([["x"], ["y"]], 1)
    book.sheet1.delete_columns(1)

    assert place("row") == (6, 7)
    assert place("col") == (1, 2)

    source = {"sheetId": 0, "dimension": "COLUMNS", "startIndex": 1, "endIndex": 2}
    book.batch_update({"requests": [{"moveDimension": {"source": source, "destinationIndex": 5}}]})

    assert place("col") == (4, 5)

    book.sheet1.delete_rows(7)

    assert search(book, metadataKey="row") == []


def test_metadata_of_another_project_is_hidden(
    google: SheetsStandIn, book: gspread.Spreadsheet
) -> None:
    entry = {"metadataKey": "mine", "location": {"sheetId": 0}, "visibility": "PROJECT"}
    book.batch_update({"requests": [{"createDeveloperMetadata": {"developerMetadata": entry}}]})
    body = {"email": "owner@callsheet.example", "project": "another"}
    token = requests.post(f"{google.url}/_admin/tokens", json=body, timeout=5).json()
    shown = requests.get(
        f"{google.url}/v4/spreadsheets/{book.id}",
        params={"fields": "sheets.developerMetadata"},
        headers={"Authorization": f"Bearer {token['access_token']}"},
        timeout=5,
    ).json()

    assert shown == {"sheets": [{}]}
    assert len(search(book, metadataKey="mine")) == 1


def test_values_follow_metadata_in_a_data_filter(book: gspread.Spreadsheet) -> None:
    book.sheet1.update([["a", "b"], [1, 2]], "A1")
    book.batch_update({"requests": [metadata("col", "COLUMNS", 1)]})
    book.sheet1.insert_cols([[]], 1)
    address = f"https://sheets.googleapis.com/v4/spreadsheets/{book.id}/values:batchGetByDataFilter"
    body = {"dataFilters": [{"developerMetadataLookup": {"metadataKey": "col"}}]}

    found = book.client.request("post", address, json=body).json()["valueRanges"][0]

    assert found["valueRange"]["range"] == "Sheet1!C1:C1000"
    assert found["valueRange"]["values"] == [["b"], ["2"]]


def test_update_cells_wipes_the_rest_of_its_range(book: gspread.Spreadsheet) -> None:
    tab = book.sheet1
    tab.update([[c] * 3 for c in "abcde"], "A1")
    cells = [{"values": [{"userEnteredValue": {"stringValue": "new"}}]}]
    place = {"endRowIndex": 4, "endColumnIndex": 2}
    request = {"updateCells": {"range": place, "rows": cells, "fields": "userEnteredValue"}}
    book.batch_update({"requests": [request]})

    assert tab.get("A1:C5") == [
        ["new", "", "a"],
        ["", "", "b"],
        ["", "", "c"],
        ["", "", "d"],
        ["e", "e", "e"],
    ]


def test_a_staging_tab_is_swapped_in_at_once(book: gspread.Spreadsheet) -> None:
    book.sheet1.update([["old", "old"]] * 4, "A1")
    staging = book.add_worksheet("Staging", rows=2, cols=2)
    staging.update([["h", "n"], ["x", 46350.5]], "A1")
    staging.format("B2", {"numberFormat": {"type": "DATE_TIME", "pattern": "yyyy-mm-dd hh:mm"}})
    copied = {"source": {"sheetId": staging.id}, "destination": {"endRowIndex": 2}}
    copied["destination"]["endColumnIndex"] = 2
    tail = {"range": {"startRowIndex": 2}, "cell": {}, "fields": "userEnteredValue"}
    swap = [
        {"copyPaste": copied | {"pasteType": "PASTE_NORMAL"}},
        {"repeatCell": tail},
        {"deleteSheet": {"sheetId": staging.id}},
    ]

    replies = book.batch_update({"requests": swap})["replies"]

    assert replies == [{}, {}, {}]
    assert book.sheet1.get_all_values() == [["h", "n"], ["x", "2026-11-24 12:00"]]


@pytest.mark.parametrize(
    ("place", "rows", "words"),
    [
        ("A5", [["x"]], "Range (Small!A5) exceeds grid limits. Max rows: 3, max columns: 2"),
        ("A1:C1", [["x"]], "Range (Small!A1:C1) exceeds grid limits. Max rows: 3, max columns: 2"),
        (
            "A2",
            [["x"]] * 3,
            "Requested writing within range ['Small'!A2], but tried writing to row [4]",
        ),
        (
            "A1:B1",
            [["x"] * 3],
            "Requested writing within range ['Small'!A1:B1], but tried writing to column [C]",
        ),
        ("A1", [["x" * 50_001]], "Your input contains more than the maximum of 50000 characters"),
        ("nope", [["x"]], "Unable to parse range: 'Small'!nope"),
    ],
    ids=["start", "end", "rows", "columns", "characters", "range"],
)
def test_writes_that_do_not_fit_are_refused(
    book: gspread.Spreadsheet, place: str, rows: list[list[str]], words: str
) -> None:
    tab = book.add_worksheet("Small", rows=3, cols=2)

    with pytest.raises(APIError) as caught:
        tab.update(rows, place)

    assert message(caught).startswith(words)
    assert tab.get_all_values() == [[]]


def test_ten_million_cells_are_the_limit(book: gspread.Spreadsheet) -> None:
    rows = {"gridProperties": {"rowCount": 400_000}}
    grow = {"updateSheetProperties": {"properties": rows, "fields": "gridProperties.rowCount"}}

    with pytest.raises(APIError) as caught:
        book.batch_update({"requests": [grow]})

    assert message(caught) == (
        "Invalid requests[0].updateSheetProperties: This action would increase the number of cells"
        " in the workbook above the limit of 10000000 cells."
    )


def test_growing_rows_counts_the_old_columns_first(book: gspread.Spreadsheet) -> None:
    grid = {"gridProperties": {"rowCount": 400_000, "columnCount": 5}}
    fields = "gridProperties(rowCount,columnCount)"
    request = {"updateSheetProperties": {"properties": grid, "fields": fields}}

    with pytest.raises(APIError, match="10000000 cells"):
        book.batch_update({"requests": [request]})

    columns = {"properties": grid, "fields": "gridProperties.columnCount"}
    book.batch_update({"requests": [{"updateSheetProperties": columns}, request]})


def test_protected_cells_are_refused_to_others(
    google: SheetsStandIn, book: gspread.Spreadsheet
) -> None:
    address = f"{google.url}/_admin/spreadsheets/{book.id}/protect"
    place = {"endRowIndex": 1}
    requests.post(address, json={"range": place}, timeout=5).raise_for_status()
    book.sheet1.update([["free"]], "A2")

    with pytest.raises(APIError, match="trying to edit a protected cell") as caught:
        book.sheet1.update([["x"]], "A1")
    assert caught.value.response.status_code == 400
    with pytest.raises(APIError, match="trying to edit a protected cell"):
        book.sheet1.delete_rows(1)


def test_a_warning_protects_nothing(google: SheetsStandIn, book: gspread.Spreadsheet) -> None:
    address = f"{google.url}/_admin/spreadsheets/{book.id}/protect"
    requests.post(address, json={"warningOnly": True}, timeout=5).raise_for_status()

    book.sheet1.update([["x"]], "A1")

    shown = book.fetch_sheet_metadata()["sheets"][0]["protectedRanges"][0]
    assert shown["warningOnly"] is True
    assert "editors" not in shown


def test_without_access_nothing_is_told(google: SheetsStandIn, client: gspread.Client) -> None:
    private = google.create_spreadsheet("Private")

    with pytest.raises(PermissionError):
        client.open_by_key(private)
    with pytest.raises(gspread.SpreadsheetNotFound):
        client.open_by_key("1NoSuchSpreadsheet")


def test_readers_may_not_write(google: SheetsStandIn, client: gspread.Client) -> None:
    made = google.create_spreadsheet("Read only")
    google.state.share(made, SERVICE_ACCOUNT, "reader")
    tab = client.open_by_key(made).sheet1

    with pytest.raises(APIError) as caught:
        tab.update([["x"]], "A1")

    assert caught.value.response.status_code == 403
    assert message(caught) == "The caller does not have permission"


def test_drive_lists_copies_renames_and_deletes(client: gspread.Client) -> None:
    made = client.create("Original")
    made.sheet1.update([["a", "b"], ["1", "2"]], "A1")
    copied = client.copy(made.id, title="It's a copy")
    copied.share("colleague@callsheet.example", perm_type="user", role="reader")

    assert client.open("It's a copy").sheet1.get_all_values() == [["a", "b"], ["1", "2"]]
    assert copied.export(ExportFormat.CSV) == b"a,b\r\n1,2"
    roles = {entry["emailAddress"]: entry["role"] for entry in copied.list_permissions()}
    assert roles == {SERVICE_ACCOUNT: "owner", "colleague@callsheet.example": "reader"}

    client.import_csv(copied.id, b"x,y\n1,2\n")
    assert copied.sheet1.get_all_values() == [["x", "y"], ["1", "2"]]

    made.update_title("Renamed")
    client.del_spreadsheet(copied.id)

    assert {file["name"] for file in client.list_spreadsheet_files()} >= {"Renamed"}
    assert client.list_spreadsheet_files("It's a copy") == []
    client.del_spreadsheet(made.id)
