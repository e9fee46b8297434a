"""What a person does by hand in the spreadsheet, as requests of the Sheets API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.appsscript.document import SheetsDocument
from sandbox.appsscript.runtime import ScriptError

Details = Mapping[str, Any]
# Dates are edited as they look, other numbers as they are.
DATES = {"DATE", "TIME", "DATE_TIME"}


class Edits:
    """Edits of the spreadsheet's user, by name."""

    def __init__(self, document: SheetsDocument) -> None:
        self._document = document
        self._actions = {
            "cell": self._cell,
            "renameTab": self._rename_tab,
            "addTab": self._add_tab,
            "deleteTab": self._delete_tab,
            "sort": self._sort,
            "insertRow": self._insert_row,
            "deleteRow": self._delete_row,
            "insertColumn": self._insert_column,
            "deleteColumn": self._delete_column,
        }

    def apply(self, action: str, details: Details) -> None:
        """Do one edit. Raises ScriptError with what Google says against it."""
        if action not in self._actions:
            raise ScriptError(f"The demo page cannot do {action}.")
        self._actions[action](details)

    def raw(self, tab: int, row: int, column: int) -> str | None:
        """What the formula bar shows of a cell: its formula, or the number behind its format."""
        cell = self._document.read_cell(self._where(tab, row, column))
        kind = cell.get("userEnteredFormat", {}).get("numberFormat", {}).get("type")
        entered = cell.get("userEnteredValue", {})
        if "numberValue" in entered and kind in DATES:
            return str(cell.get("formattedValue", ""))
        return next((_shown(value) for value in entered.values()), None)

    def _cell(self, details: Details) -> None:
        where = self._where(*(int(details[name]) for name in ("tab", "row", "column")))
        self._document.update_values(where, [[str(details["text"])]])

    def _where(self, tab: int, row: int, column: int) -> str:
        title = str(self._properties(tab)["title"]).replace("'", "''")
        return f"'{title}'!{column_letters(column)}{row + 1}"

    def _rename_tab(self, details: Details) -> None:
        properties = {"sheetId": int(details["tab"]), "title": str(details["title"])}
        self._change({"updateSheetProperties": {"properties": properties, "fields": "title"}})

    def _add_tab(self, _details: Details) -> None:
        self._change({"addSheet": {"properties": {}}})

    def _delete_tab(self, details: Details) -> None:
        self._change({"deleteSheet": {"sheetId": int(details["tab"])}})

    def _sort(self, details: Details) -> None:
        grid = self._properties(details["tab"]).get("gridProperties", {})
        order = "DESCENDING" if details.get("descending") else "ASCENDING"
        by = {"dimensionIndex": int(details["column"]), "sortOrder": order}
        # Frozen rows stay where they are, as with "Sort sheet" in Google Sheets.
        area = {"sheetId": int(details["tab"]), "startRowIndex": grid.get("frozenRowCount", 0)}
        self._change({"sortRange": {"range": area, "sortSpecs": [by]}})

    def _insert_row(self, details: Details) -> None:
        at = int(details["row"])
        self._change(
            {
                "insertDimension": {
                    "range": _one(details, "ROWS", at),
                    "inheritFromBefore": at > 0,
                }
            }
        )

    def _delete_row(self, details: Details) -> None:
        self._change({"deleteDimension": {"range": _one(details, "ROWS", int(details["row"]))}})

    def _insert_column(self, details: Details) -> None:
        columns = _one(details, "COLUMNS", int(details["column"]))
        self._change({"insertDimension": {"range": columns, "inheritFromBefore": False}})

    def _delete_column(self, details: Details) -> None:
        columns = _one(details, "COLUMNS", int(details["column"]))
        self._change({"deleteDimension": {"range": columns}})

    def _change(self, request: dict[str, Any]) -> None:
        self._document.batch_update(request)

    def _properties(self, tab_id: object) -> dict[str, Any]:
        for sheet in self._document.read()["sheets"]:
            properties: dict[str, Any] = sheet["properties"]
            if properties.get("sheetId", 0) == int(str(tab_id)):
                return properties
        raise ScriptError("That tab is no longer in this spreadsheet.")


def _shown(value: object) -> str:
    return str(value).upper() if isinstance(value, bool) else str(value)


def _one(details: Details, dimension: str, at: int) -> dict[str, Any]:
    return {
        "sheetId": int(details["tab"]),
        "dimension": dimension,
        "startIndex": at,
        "endIndex": at + 1,
    }


def column_letters(column: int) -> str:
    """A column's letters: 0 is A, 26 is AA."""
    name = ""
    while column >= 0:
        name = chr(65 + column % 26) + name
        column = column // 26 - 1
    return name
