"""Which request goes to which method, and whether it counts as a read or a write."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from sandbox.sheets import drive, endpoints, values_endpoints
from sandbox.sheets.endpoints import Call

READ_PARAMETERS = {"majorDimension", "valueRenderOption", "dateTimeRenderOption"}
WRITE_PARAMETERS = {
    "valueInputOption",
    "includeValuesInResponse",
    "responseValueRenderOption",
    "responseDateTimeRenderOption",
}


@dataclass(frozen=True, slots=True)
class Route:
    """One method of an API."""

    name: str
    method: str
    pattern: re.Pattern[str]
    handler: Callable[[Call], Any]
    quota: str | None = None
    parameters: frozenset[str] = frozenset()
    # The message a mask of the answer is checked against.
    answer: str | None = None


ID = r"(?P<id>[^/:]+)"
TAIL = r"(?P<tail>[^/]+?)"
BASE = "/v4/spreadsheets"
FILES = "/drive/v3/files"


def _sheets(
    name: str, method: str, path: str, handler: Callable[[Call], Any], quota: str, **more: Any
) -> Route:
    parameters = frozenset(more.pop("parameters", ()))
    return Route(name, method, re.compile(BASE + path), handler, quota, parameters, **more)


V = values_endpoints
SHEETS = [
    _sheets("spreadsheets.create", "POST", "", endpoints.create, "write", answer="Spreadsheet"),
    _sheets(
        "spreadsheets.get",
        "GET",
        f"/{ID}",
        endpoints.get,
        "read",
        answer="Spreadsheet",
        parameters={
            "ranges",
            "includeGridData",
            "excludeTablesInBandedRanges",
            "commentsViewMode",
        },
    ),
    _sheets(
        "spreadsheets.getByDataFilter",
        "POST",
        f"/{ID}:getByDataFilter",
        endpoints.get_by_data_filter,
        "read",
        answer="Spreadsheet",
    ),
    _sheets(
        "spreadsheets.batchUpdate",
        "POST",
        f"/{ID}:batchUpdate",
        endpoints.batch_update,
        "write",
        answer="BatchUpdateSpreadsheetResponse",
    ),
    _sheets(
        "developerMetadata.search",
        "POST",
        f"/{ID}/developerMetadata:search",
        endpoints.search_metadata,
        "read",
        answer="SearchDeveloperMetadataResponse",
    ),
    _sheets(
        "developerMetadata.get",
        "GET",
        rf"/{ID}/developerMetadata/(?P<tail>\d+)",
        endpoints.get_metadata,
        "read",
        answer="DeveloperMetadata",
    ),
    _sheets(
        "sheets.copyTo",
        "POST",
        rf"/{ID}/sheets/(?P<tail>\d+):copyTo",
        endpoints.copy_to,
        "write",
        answer="SheetProperties",
    ),
    _sheets(
        "values.batchGet",
        "GET",
        f"/{ID}/values:batchGet",
        V.batch_get,
        "read",
        answer="BatchGetValuesResponse",
        parameters=READ_PARAMETERS | {"ranges"},
    ),
    _sheets(
        "values.batchGetByDataFilter",
        "POST",
        f"/{ID}/values:batchGetByDataFilter",
        V.batch_get_by_data_filter,
        "read",
        answer="BatchGetValuesByDataFilterResponse",
    ),
    _sheets(
        "values.batchUpdate",
        "POST",
        f"/{ID}/values:batchUpdate",
        V.batch_update,
        "write",
        answer="BatchUpdateValuesResponse",
    ),
    _sheets(
        "values.batchUpdateByDataFilter",
        "POST",
        f"/{ID}/values:batchUpdateByDataFilter",
        V.batch_update_by_data_filter,
        "write",
        answer="BatchUpdateValuesByDataFilterResponse",
    ),
    _sheets(
        "values.batchClear",
        "POST",
        f"/{ID}/values:batchClear",
        V.batch_clear,
        "write",
        answer="BatchClearValuesResponse",
    ),
    _sheets(
        "values.batchClearByDataFilter",
        "POST",
        f"/{ID}/values:batchClearByDataFilter",
        V.batch_clear_by_data_filter,
        "write",
        answer="BatchClearValuesByDataFilterResponse",
    ),
    _sheets(
        "values.append",
        "POST",
        f"/{ID}/values/{TAIL}:append",
        V.append,
        "write",
        answer="AppendValuesResponse",
        parameters=WRITE_PARAMETERS | {"insertDataOption"},
    ),
    _sheets(
        "values.clear",
        "POST",
        f"/{ID}/values/{TAIL}:clear",
        V.clear_values,
        "write",
        answer="ClearValuesResponse",
    ),
    _sheets(
        "values.update",
        "PUT",
        f"/{ID}/values/{TAIL}",
        V.put_values,
        "write",
        answer="UpdateValuesResponse",
        parameters=WRITE_PARAMETERS,
    ),
    _sheets(
        "values.get",
        "GET",
        f"/{ID}/values/{TAIL}",
        V.get,
        "read",
        answer="ValueRange",
        parameters=READ_PARAMETERS,
    ),
]


def _drive(name: str, method: str, path: str, handler: Callable[[Call], Any]) -> Route:
    return Route(name, method, re.compile(FILES + path), handler)


DRIVE = [
    _drive("files.create", "POST", "", drive.create),
    _drive("files.list", "GET", "", drive.list_files),
    _drive("files.get", "GET", f"/{ID}", drive.get),
    _drive("files.update", "PATCH", f"/{ID}", drive.update),
    _drive("files.delete", "DELETE", f"/{ID}", drive.delete),
    _drive("files.copy", "POST", f"/{ID}/copy", drive.copy),
    _drive("files.export", "GET", f"/{ID}/export", drive.export),
    Route("files.import", "PUT", re.compile(f"/upload/drive/v2/files/{ID}"), drive.import_csv),
    _drive("comments.list", "GET", f"/{ID}/comments", drive.comments),
    _drive("permissions.create", "POST", f"/{ID}/permissions", drive.share),
    _drive("permissions.list", "GET", f"/{ID}/permissions", drive.list_permissions),
    _drive("permissions.get", "GET", f"/{ID}/permissions/{TAIL}", drive.get_permission),
    _drive("permissions.update", "PATCH", f"/{ID}/permissions/{TAIL}", drive.update_permission),
    _drive("permissions.delete", "DELETE", f"/{ID}/permissions/{TAIL}", drive.unshare),
]


@dataclass(frozen=True, slots=True)
class Match:
    """A route with what its path held."""

    route: Route
    id: str
    tail: str


def find(method: str, raw_path: str) -> Match | None:
    """Return the method a request is for; the path comes still percent-encoded."""
    # A colon of a verb is plain, one inside a range may be encoded: match before decoding, but
    # let clients encode the verb's colon too.
    path = re.sub(r"%3[aA](?=(append|clear|batch\w+|search|copyTo|getBy\w+)$)", ":", raw_path)
    for route in (*SHEETS, *DRIVE):
        found = route.pattern.fullmatch(path) if route.method == method else None
        if found is not None:
            parts = found.groupdict()
            return Match(route, unquote(parts.get("id") or ""), unquote(parts.get("tail") or ""))
    return None
