"""The `spreadsheets.values` methods, each a function of one call."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sandbox.sheets.a1 import Rect, render
from sandbox.sheets.data_filters import places
from sandbox.sheets.endpoints import Call
from sandbox.sheets.errors import PROTECTED, ApiError, Json, Refusal, invalid
from sandbox.sheets.ranges import Place, locate, prefixed
from sandbox.sheets.requests.context import Batch
from sandbox.sheets.requests.dimensions import insert
from sandbox.sheets.schema import read
from sandbox.sheets.values import choice, clear, read_options, value_range
from sandbox.sheets.workbook import Workbook
from sandbox.sheets.writing import answer, find_table, grow, put, rows_of, update


def _required_option(given: dict[str, Any]) -> str:
    option = choice(given, "valueInputOption")
    if not option:
        raise invalid("'valueInputOption' is required but not specified")
    return option


def _body(call: Call, type_name: str) -> Json:
    """Return the body checked, its values apart: they are too many for a general reader."""
    body = call.body if call.body is not None else {}
    if not isinstance(body, dict):
        return read(type_name, body)
    values = body.get("values")
    plain = read(type_name, {k: v for k, v in body.items() if k != "values"}, "data")
    return plain if values is None else plain | {"values": values}


def _guard(book: Workbook, call: Call, place: Place, rect: Rect) -> None:
    try:
        Batch(book, call.caller).guard(place.tab, rect)
    except Refusal as refusal:
        raise invalid(PROTECTED) from refusal


def get(call: Call) -> Json:
    """values.get."""
    options = read_options(call.options())
    return value_range(locate(call.book(), call.tail), options)


def batch_get(call: Call) -> Json:
    """values.batchGet."""
    options, book = read_options(call.options()), call.book()
    found = [value_range(locate(book, text), options) for text in call.query.get("ranges", [])]
    return {"spreadsheetId": call.id} | ({"valueRanges": found} if found else {})


def batch_get_by_data_filter(call: Call) -> Json:
    """values.batchGetByDataFilter."""
    body = read("BatchGetValuesByDataFilterRequest", call.body or {})
    options, batch = read_options(body), Batch(call.book(), call.caller)
    found = [
        {"valueRange": value_range(place, options), "dataFilters": [each]}
        for each in body.get("dataFilters", [])
        for place in places(batch, each)
    ]
    return {"spreadsheetId": call.id} | ({"valueRanges": found} if found else {})


def _response(place: Place, given: dict[str, Any], rect: Rect | None) -> Json:
    """Return the values just written, when the caller asked for them."""
    asked = str(given.get("includeValuesInResponse", "")).lower() == "true"
    if not asked or rect is None:
        return {}
    options = read_options(
        {
            "valueRenderOption": given.get("responseValueRenderOption"),
            "dateTimeRenderOption": given.get("responseDateTimeRenderOption"),
        }
    )
    return {"updatedData": value_range(Place(place.tab, rect, place.text), options)}


def _write(call: Call, book: Workbook, place: Place, data: Json, given: dict[str, Any]) -> Json:
    rows = rows_of(data.get("values"), choice(data, "majorDimension", default="ROWS"))
    place.require_inside()
    target = place.inner
    if place.rect.is_cell:
        width = max(map(len, rows), default=1)
        bottom = place.rect.top + len(rows)
        target = Rect(place.rect.top, place.rect.left, bottom, place.rect.left + width)
    _guard(book, call, place, target)
    written = update(place, rows, _required_option(given))
    shown = written.rect if written.cells else None
    return answer(book, place, written) | _response(place, given, shown)


def put_values(call: Call) -> Json:
    """values.update."""
    given = call.options()
    body = _body(call, "ValueRange")
    rows_of(body.get("values"), "ROWS")
    _required_option(given)
    call.book(write=True)
    with call.state.change(call.id) as book:
        return _write(call, book, locate(book, call.tail), body, given)


@dataclass(slots=True)
class _Total:
    """What several writes came to: rows and columns count once, however often written."""

    responses: list[Json] = field(default_factory=list)
    rows: set[tuple[int, int]] = field(default_factory=set)
    columns: set[tuple[int, int]] = field(default_factory=set)
    sheets: set[int] = field(default_factory=set)

    def add(self, place: Place, response: Json) -> None:
        """Count one write."""
        sheet = place.tab.sheet_id
        self.responses.append(response)
        self.sheets.add(sheet)
        rows, columns = response.get("updatedRows", 0), response.get("updatedColumns", 0)
        top, left = place.rect.top, place.rect.left
        self.rows.update((sheet, row) for row in range(top, top + rows))
        self.columns.update((sheet, column) for column in range(left, left + columns))

    def answer(self, spreadsheet_id: str) -> Json:
        """Return the counts and the single answers."""
        counts = {
            "totalUpdatedRows": len(self.rows),
            "totalUpdatedColumns": len(self.columns),
            "totalUpdatedCells": sum(each.get("updatedCells", 0) for each in self.responses),
            "totalUpdatedSheets": len(self.sheets),
        }
        shown = {name: count for name, count in counts.items() if count}
        return {"spreadsheetId": spreadsheet_id, **shown, "responses": self.responses}


def _batch(call: Call, type_name: str) -> Json:
    body = call.body if call.body is not None else {}
    data = body.get("data", []) if isinstance(body, dict) else []
    apart = isinstance(data, list) and all(isinstance(each, dict) for each in data)
    if not apart:
        return read(type_name, body)
    values = [each.get("values") for each in data]
    bare = [{k: v for k, v in each.items() if k != "values"} for each in data]
    plain = read(type_name, body | {"data": bare} if "data" in body else body)
    for at, (each, rows) in enumerate(zip(plain.get("data", []), values, strict=True)):
        rows_of(rows, "ROWS", f"data[{at}].values")
        each["values"] = rows
    return plain


def batch_update(call: Call) -> Json:
    """values.batchUpdate: all of it or nothing."""
    body = _batch(call, "BatchUpdateValuesRequest")
    _required_option(body)
    call.book(write=True)
    total = _Total()
    with call.state.change(call.id) as book:
        for at, data in enumerate(body.get("data", [])):
            try:
                place = locate(book, data.get("range", ""))
                total.add(place, _write(call, book, place, data, body))
            except ApiError as error:
                raise prefixed(error, f"Invalid data[{at}]") from error
    return total.answer(call.id)


def batch_update_by_data_filter(call: Call) -> Json:
    """values.batchUpdateByDataFilter: all of it or nothing."""
    body = _batch(call, "BatchUpdateValuesByDataFilterRequest")
    _required_option(body)
    call.book(write=True)
    total = _Total()
    with call.state.change(call.id) as book:
        for data in body.get("data", []):
            for place in places(Batch(book, call.caller), data.get("dataFilter", {})):
                done = _write(call, book, place, data, body)
                total.add(place, done | {"dataFilter": data["dataFilter"]})
        return total.answer(call.id)


def append(call: Call) -> Json:
    """values.append: after the last table in the range, growing the grid when needed."""
    given, body = call.options(), _body(call, "ValueRange")
    rows = rows_of(body.get("values"), choice(body, "majorDimension", default="ROWS"))
    option = _required_option(given)
    inserting = choice(given, "insertDataOption", default="OVERWRITE") == "INSERT_ROWS"
    call.book(write=True)
    with call.state.change(call.id) as book:
        place = locate(book, call.tail)
        place.require_start_inside()
        table = find_table(place.tab.grid, place.inner)
        at = table or Rect(place.rect.top, place.rect.left, place.rect.top)
        top, left, grid = at.bottom or 0, at.left, place.tab.grid
        if inserting and table and top < grid.row_count:
            insert(place.tab, Batch(book, call.caller), "ROWS", top, len(rows), top - 1)
        width = max(map(len, rows), default=0)
        target = Rect(top, left, top + len(rows), left + width)
        _guard(book, call, place, target)
        grow(book, grid, top + len(rows), left + width)
        put(grid, top, left, rows, option)
        return _appended(call, place, given, table, target, rows)


def _appended(
    call: Call,
    place: Place,
    given: dict[str, Any],
    table: Rect | None,
    target: Rect,
    rows: list[list[Any]],
) -> Json:
    found: Json = {"spreadsheetId": call.id}
    if table is not None:
        found["tableRange"] = render(place.tab.title, table)
    updates: Json = {"spreadsheetId": call.id}
    cells = sum(len(row) - row.count(None) for row in rows)
    if cells:
        updates |= {
            "updatedRange": render(place.tab.title, target),
            "updatedRows": len(rows),
            "updatedColumns": (target.right or 0) - target.left,
            "updatedCells": cells,
        }
        updates |= _response(place, given, target)
    else:
        corner = Rect(target.top, target.left, target.top + 1, target.left + 1)
        updates["updatedRange"] = render(place.tab.title, corner)
    return found | {"updates": updates}


def clear_values(call: Call) -> Json:
    """values.clear."""
    read("ClearValuesRequest", call.body or {})
    call.book(write=True)
    with call.state.change(call.id) as book:
        place = locate(book, call.tail)
        _guard(book, call, place, place.inner)
        return {"spreadsheetId": call.id, "clearedRange": clear(place)}


def batch_clear(call: Call) -> Json:
    """values.batchClear: all of it or nothing."""
    body = read("BatchClearValuesRequest", call.body or {})
    call.book(write=True)
    cleared = []
    with call.state.change(call.id) as book:
        for at, text in enumerate(body.get("ranges", [])):
            try:
                place = locate(book, text)
                _guard(book, call, place, place.inner)
                cleared.append(clear(place))
            except ApiError as error:
                raise prefixed(error, f"Invalid range[{at}]") from error
    return {"spreadsheetId": call.id} | ({"clearedRanges": cleared} if cleared else {})


def batch_clear_by_data_filter(call: Call) -> Json:
    """values.batchClearByDataFilter: all of it or nothing."""
    body = read("BatchClearValuesByDataFilterRequest", call.body or {})
    call.book(write=True)
    with call.state.change(call.id) as book:
        batch = Batch(book, call.caller)
        found = [place for each in body.get("dataFilters", []) for place in places(batch, each)]
        for place in found:
            _guard(book, call, place, place.inner)
        cleared = [clear(place) for place in found]
    return {"spreadsheetId": call.id} | ({"clearedRanges": cleared} if cleared else {})
