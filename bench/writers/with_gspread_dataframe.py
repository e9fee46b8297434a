"""gspread-dataframe: the tab as a data frame, changed, and set again."""

from __future__ import annotations

import sys
from pathlib import Path

import gspread
import pandas as pd
from gspread_dataframe import get_as_dataframe, set_with_dataframe

sys.path.insert(0, str(Path(__file__).parents[2]))

from bench.writers.invented import HEADERS, cells, refreshed, say
from bench.writers.with_gspread import LocalClient, told


def main() -> None:
    """Refresh."""
    client = gspread.service_account(filename=told["key_file"], http_client=LocalClient)
    book = client.open_by_key(told["spreadsheet"])
    tab = book.worksheet(told["title"])
    old = get_as_dataframe(tab, dtype={"Id": str}).set_index("Id")
    brought = refreshed(told["rows"], told["changed"], told["new"])
    lines = [cells(number, changed=changed) for number, changed in brought]
    new = pd.DataFrame(lines, columns=HEADERS).set_index("Id")
    frame = pd.concat([old[~old.index.isin(new.index)], new]).reset_index()
    set_with_dataframe(tab, frame, resize=True)
    say()


if __name__ == "__main__":
    main()
