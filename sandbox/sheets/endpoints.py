"""The methods of the Sheets v4 API, each a function of one call."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sandbox.sheets.data_filters import texts as filtered_texts
from sandbox.sheets.errors import ApiError, Json, Refusal, invalid, not_found, violations
from sandbox.sheets.fields import Mask, of_answer
from sandbox.sheets.ranges import locate
from sandbox.sheets.requests import metadata, run
from sandbox.sheets.requests.context import Batch, Caller
from sandbox.sheets.requests.sheets import duplicate, properties_of
from sandbox.sheets.resource import View, spreadsheet
from sandbox.sheets.schema import read
from sandbox.sheets.state import State
from sandbox.sheets.workbook import Workbook

COMMON = {"fields", "alt", "prettyPrint", "key", "quotaUser", "accessToken", "callback"}
COMMON |= {"oauthToken", "uploadType", "uploadProtocol", "$.xgafv"}


@dataclass(frozen=True, slots=True)
class Call:
    """One request to the Sheets API."""

    state: State
    caller: Caller
    id: str
    query: dict[str, list[str]]
    body: Any
    tail: str = ""

    def one(self, name: str) -> str | None:
        """Return a query parameter's last value."""
        return self.query[name][-1] if self.query.get(name) else None

    def options(self) -> dict[str, Any]:
        """Return the query as single values."""
        return {name: values[-1] for name, values in self.query.items()}

    def true(self, name: str) -> bool:
        """Tell whether a boolean parameter is set."""
        return (self.one(name) or "").lower() in {"true", "1"}

    def book(self, *, write: bool = False) -> Workbook:
        """Return the spreadsheet, if the caller may have it."""
        return self.state.book(self.id, self.caller, write=write)


def view_of(
    call: Call, book: Workbook, ranges: list[str], *, data: bool, fields: str | None
) -> Json:
    """Return a spreadsheet resource; the mask is applied with the answer."""
    mask: Mask | None = of_answer(fields, "Spreadsheet") if fields else None
    if mask is not None:
        sheets = mask.get("sheets")
        # A mask says all there is to say about data: includeGridData no longer counts.
        data = not mask or (sheets is not None and (not sheets or "data" in sheets))
    places = tuple(locate(book, text) for text in ranges)
    for place in places:
        place.require_start_inside()
    return spreadsheet(book, View(call.caller, places, data, mask))


def get(call: Call) -> Json:
    """spreadsheets.get."""
    data, fields = call.true("includeGridData"), call.one("fields")
    return view_of(call, call.book(), call.query.get("ranges", []), data=data, fields=fields)


def get_by_data_filter(call: Call) -> Json:
    """spreadsheets.getByDataFilter."""
    body = read("GetSpreadsheetByDataFilterRequest", call.body or {})
    book = call.book()
    texts = filtered_texts(Batch(book, call.caller), body.get("dataFilters", []))
    data = body.get("includeGridData", False)
    return view_of(call, book, texts, data=data, fields=call.one("fields"))


def create(call: Call) -> Json:
    """spreadsheets.create."""
    body = read("Spreadsheet", call.body or {})
    given: Json = body.get("properties", {})
    title = given.get("title") or "Untitled spreadsheet"
    made = call.state.create(title, call.caller.email)
    try:
        with call.state.change(made) as book:
            _fill(call, book, body, given)
    except ApiError:
        call.state.delete(made)
        raise
    book = call.state.books[made]
    return spreadsheet(book, View(call.caller))


def _fill(call: Call, book: Workbook, body: Json, given: Json) -> None:
    plain = {
        k: v for k, v in given.items() if k not in {"title", "defaultFormat", "spreadsheetTheme"}
    }
    book.properties |= plain
    requests: list[Json] = [
        {"addSheet": {"properties": sheet.get("properties", {})}}
        for sheet in body.get("sheets", [])
    ]
    if requests:
        first, book.tabs = book.tabs, []
        try:
            run(Batch(book, call.caller), requests)
        finally:
            book.tabs = book.tabs or first
    for sheet, tab in zip(body.get("sheets", []), book.tabs, strict=False):
        for data in sheet.get("data", []):
            start = {"sheetId": tab.sheet_id, "rowIndex": data.get("startRow", 0)}
            start["columnIndex"] = data.get("startColumn", 0)
            cells = {"start": start, "rows": data.get("rowData", []), "fields": "*"}
            run(Batch(book, call.caller), [{"updateCells": cells}])
    for named in body.get("namedRanges", []):
        run(Batch(book, call.caller), [{"addNamedRange": {"namedRange": named}}])


def batch_update(call: Call) -> Json:
    """spreadsheets.batchUpdate: all of it or nothing."""
    body = read("BatchUpdateSpreadsheetRequest", call.body or {})
    call.book(write=True)
    with call.state.change(call.id) as draft:
        replies = run(Batch(draft, call.caller), body.get("requests", []))
    answer: Json = {"spreadsheetId": call.id, "replies": replies}
    if body.get("includeSpreadsheetInResponse"):
        ranges, data = body.get("responseRanges", []), body.get("responseIncludeGridData", False)
        answer["updatedSpreadsheet"] = view_of(call, call.book(), ranges, data=data, fields=None)
    return answer


def search_metadata(call: Call) -> Json:
    """spreadsheets.developerMetadata.search."""
    body = read("SearchDeveloperMetadataRequest", call.body or {})
    batch = Batch(call.book(), call.caller)
    filters = body.get("dataFilters", [])
    if not filters:
        raise invalid("Must specify at least one data filter.")
    matched = [
        {
            "developerMetadata": metadata.shown(entry),
            "dataFilters": [f for f in filters if metadata.matches(entry, metadata.lookup_of(f))],
        }
        for entry in metadata.select(batch, filters)
    ]
    return {"matchedDeveloperMetadata": matched} if matched else {}


def get_metadata(call: Call) -> Json:
    """spreadsheets.developerMetadata.get."""
    for entry in metadata.visible(call.book(), call.caller):
        if str(entry.id) == call.tail:
            return metadata.shown(entry)
    raise not_found()


def copy_to(call: Call) -> Json:
    """spreadsheets.sheets.copyTo."""
    body = read("CopySheetToAnotherSpreadsheetRequest", call.body or {})
    tab = call.book().tab(int(call.tail))
    if tab is None:
        raise not_found()
    target = body.get("destinationSpreadsheetId", "")
    call.state.book(target, call.caller, write=True)
    with call.state.change(target) as draft:
        batch = Batch(draft, call.caller)
        title, number = f"Copy of {tab.title}", 2
        while draft.titled(title):
            title, number = f"Copy of {tab.title} {number}", number + 1
        try:
            batch.room_for(tab.cells)
        except Refusal as refusal:
            raise invalid(str(refusal)) from refusal
        twin = duplicate(batch, tab, draft.fresh_id({t.sheet_id for t in draft.tabs}), title)
        draft.tabs.append(twin)
        for entry in call.book().metadata:
            if entry.sheet_id == tab.sheet_id:
                made = draft.fresh_id({known.id for known in draft.metadata})
                draft.add_metadata(replace(entry, id=made, sheet_id=twin.sheet_id))
        return properties_of(twin, len(draft.tabs) - 1)


def check_query(call: Call, allowed: set[str]) -> None:
    """Refuse query parameters the method does not know."""
    unknown = [name for name in call.query if name not in allowed | COMMON]
    if unknown:
        raise violations([("", _unbound(name)) for name in unknown])


def _unbound(name: str) -> str:
    return (
        f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query parameter.'
        f" Field '{name}' could not be found in request message."
    )
