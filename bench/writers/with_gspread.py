"""gspread as scripts use it: get_all_records, then append_rows and update.

style "rows": each changed row is updated by itself, new ones are appended. style "table": the
whole table is written anew. Both in portions of 500 rows.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import gspread

sys.path.insert(0, str(Path(__file__).parents[2]))

from bench.writers.invented import cells, job, refreshed, say

PORTION = 500


class LocalClient(gspread.HTTPClient):
    """Sends what is meant for Google to the stand-in; nothing else is changed."""

    def request(self, method: str, endpoint: str, *args: Any, **options: Any) -> Any:
        """Send one request."""
        for prefix in ("https://sheets.googleapis.com", "https://www.googleapis.com"):
            endpoint = endpoint.replace(prefix, told["url"])
        return super().request(method, endpoint, *args, **options)


told = job()


def main() -> None:
    """Refresh."""
    client = gspread.service_account(filename=told["key_file"], http_client=LocalClient)
    book = client.open_by_key(told["spreadsheet"])
    refresh(book.worksheet(told["title"]))
    say()


def refresh(tab: gspread.Worksheet) -> None:
    """Bring changed and new rows."""
    records = tab.get_all_records()
    places = {str(record["Id"]): place for place, record in enumerate(records)}
    brought = refreshed(told["rows"], told["changed"], told["new"])
    lines = [cells(number, changed=changed) for number, changed in brought]
    if told["style"] == "rows":
        for line in lines:
            if line[0] in places:
                tab.update([line], f"A{places[line[0]] + 2}")
        append(tab, [line for line in lines if line[0] not in places])
        return
    table = [list(record.values()) for record in records]
    for line in lines:
        if line[0] in places:
            table[places[line[0]]] = line
        else:
            table.append(line)
    tab.resize(rows=len(table) + 1)
    for start in range(0, len(table), PORTION):
        tab.update(table[start : start + PORTION], f"A{start + 2}")


def append(tab: gspread.Worksheet, lines: list[list[Any]]) -> None:
    """Append in portions."""
    for start in range(0, len(lines), PORTION):
        tab.append_rows(lines[start : start + PORTION])


if __name__ == "__main__":
    main()
