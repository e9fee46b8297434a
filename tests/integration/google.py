"""Looking at the Google stand-in as a person with the spreadsheet open would."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import httpx


class Viewer:
    """Reads and edits one spreadsheet over the API, with the owner's token."""

    def __init__(self, world: dict[str, str], spreadsheet_id: str | None = None) -> None:
        self.spreadsheet_id = spreadsheet_id or world["spreadsheet_id"]
        self._http = httpx.Client(
            base_url=world["sheets_url"],
            headers={"Authorization": f"Bearer {world['access_token']}"},
            timeout=60,
        )

    def close(self) -> None:
        self._http.close()

    def tabs(self) -> dict[str, dict[str, Any]]:
        """Tabs by title, as their properties."""
        body = self._get("", {"fields": "sheets.properties"})
        return {s["properties"]["title"]: s["properties"] for s in body["sheets"]}

    def rows(self, title: str, render: str = "UNFORMATTED_VALUE") -> list[list[Any]]:
        """All rows of a tab, header included."""
        where = quote(f"'{title}'", safe="")
        body = self._get(f"/values/{where}", {"valueRenderOption": render})
        return body.get("values", [])

    def write(self, title: str, where: str, values: list[list[Any]]) -> None:
        """Write cells as a person would."""
        path = quote(f"'{title}'!{where}", safe="")
        self._http.put(
            f"{self._base}/values/{path}",
            params={"valueInputOption": "USER_ENTERED"},
            json={"values": values},
        ).raise_for_status()

    def change(self, *requests: dict[str, Any]) -> dict[str, Any]:
        """Send a batchUpdate."""
        answer = self._http.post(f"{self._base}:batchUpdate", json={"requests": list(requests)})
        answer.raise_for_status()
        body: dict[str, Any] = answer.json()
        return body

    @property
    def _base(self) -> str:
        return f"/v4/spreadsheets/{self.spreadsheet_id}"

    def _get(self, path: str, parameters: dict[str, str]) -> dict[str, Any]:
        answer = self._http.get(f"{self._base}{path}", params=parameters)
        answer.raise_for_status()
        body: dict[str, Any] = answer.json()
        return body
