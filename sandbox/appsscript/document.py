"""The open spreadsheet as Apps Script sees it: the Google stand-in, called as an ordinary user."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import httpx

from sandbox.appsscript.runtime import ScriptError


class SheetsDocument:
    """One spreadsheet of the Google stand-in, with the access token of a user who may edit it."""

    def __init__(self, sheets_url: str, spreadsheet_id: str, access_token: str) -> None:
        self.spreadsheet_id = spreadsheet_id
        self._client = httpx.Client(
            base_url=sheets_url,
            headers={"Authorization": f"Bearer {access_token}"},
            timeout=30,
            trust_env=False,
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def read(self) -> dict[str, Any]:
        """Properties of the spreadsheet and of its tabs."""
        return self._ask(
            "GET",
            self._path(),
            params={"fields": "spreadsheetId,properties,sheets.properties"},
        )

    def add_editor(self, email: str) -> None:
        """Share it with somebody who may edit."""
        self._ask(
            "POST",
            f"/drive/v3/files/{self.spreadsheet_id}/permissions",
            params={"sendNotificationEmail": "false"},
            json={"type": "user", "role": "writer", "emailAddress": email},
        )

    def find_metadata(self, lookup: dict[str, Any]) -> list[dict[str, Any]]:
        """Developer metadata that a lookup finds."""
        found = self._ask(
            "POST",
            self._path("/developerMetadata:search"),
            json={"dataFilters": [{"developerMetadataLookup": lookup}]},
        )
        return [one["developerMetadata"] for one in found.get("matchedDeveloperMetadata", [])]

    def add_metadata(self, key: str, value: str, visibility: str) -> None:
        """Attach developer metadata to the spreadsheet as a whole."""
        metadata = {
            "metadataKey": key,
            "metadataValue": value,
            "visibility": visibility,
            "location": {"spreadsheet": True},
        }
        self.batch_update({"createDeveloperMetadata": {"developerMetadata": metadata}})

    def remove_metadata(self, metadata_id: int) -> None:
        """Remove developer metadata."""
        data_filter = {"developerMetadataLookup": {"metadataId": metadata_id}}
        self.batch_update({"deleteDeveloperMetadata": {"dataFilter": data_filter}})

    def batch_update(self, *requests: dict[str, Any]) -> dict[str, Any]:
        """Change the spreadsheet as this user."""
        return self._ask("POST", self._path(":batchUpdate"), json={"requests": list(requests)})

    def update_values(self, a1_range: str, values: list[list[Any]]) -> None:
        """Type into cells as this user: formulas and dates are understood."""
        self._ask(
            "PUT",
            self._path(f"/values/{quote(a1_range, safe='')}"),
            params={"valueInputOption": "USER_ENTERED"},
            json={"values": values},
        )

    def read_cell(self, a1_range: str) -> dict[str, Any]:
        """One cell, with what was typed into it."""
        wanted = "userEnteredValue,formattedValue,userEnteredFormat.numberFormat"
        answer = self._ask(
            "GET",
            self._path(),
            params={"ranges": a1_range, "fields": f"sheets.data.rowData.values({wanted})"},
        )
        try:
            cell: dict[str, Any] = answer["sheets"][0]["data"][0]["rowData"][0]["values"][0]
        except (KeyError, IndexError):
            return {}
        return cell

    def _path(self, rest: str = "") -> str:
        return f"/v4/spreadsheets/{self.spreadsheet_id}{rest}"

    def _ask(self, method: str, path: str, **rest: Any) -> dict[str, Any]:
        answer = self._client.request(method, path, **rest)
        if answer.is_success:
            body: dict[str, Any] = answer.json() if answer.content else {}
            return body
        try:
            message = str(answer.json()["error"]["message"])
        except (ValueError, KeyError, TypeError):
            message = f"Service Spreadsheets failed while accessing document ({answer.status_code})"
        raise ScriptError(message)
