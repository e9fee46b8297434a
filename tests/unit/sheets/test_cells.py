"""Values to cells and back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callsheet.entity import Kind, Value
from callsheet.sheets.cells import (
    CUT_MARK,
    MAX_CHARACTERS,
    Cell,
    encode,
    key_text,
    same,
    same_row,
    serial,
    size,
    to_json,
    utf16_length,
)

PARIS = ZoneInfo("Europe/Paris")


def hours(*parts: int) -> float:
    """The serial of a wall clock, computed apart."""
    return (datetime(*parts, tzinfo=UTC) - datetime(1899, 12, 30, tzinfo=UTC)) / timedelta(days=1)


@pytest.mark.parametrize(
    ("zone", "utc", "shown"),
    [
        ("Europe/Paris", (2026, 3, 29, 0, 59), (2026, 3, 29, 1, 59)),
        ("Europe/Paris", (2026, 3, 29, 1, 0), (2026, 3, 29, 3, 0)),
        ("Europe/Paris", (2026, 10, 25, 0, 30), (2026, 10, 25, 2, 30)),
        ("Europe/Paris", (2026, 10, 25, 1, 30), (2026, 10, 25, 2, 30)),
        ("America/New_York", (2026, 3, 8, 6, 59), (2026, 3, 8, 1, 59)),
        ("America/New_York", (2026, 3, 8, 7, 0), (2026, 3, 8, 3, 0)),
        ("America/New_York", (2026, 11, 1, 6, 30), (2026, 11, 1, 1, 30)),
        ("Asia/Kolkata", (2026, 3, 29, 20, 0), (2026, 3, 30, 1, 30)),
        # Lord Howe moves its clocks by half an hour.
        ("Australia/Lord_Howe", (2026, 4, 4, 14, 59), (2026, 4, 5, 1, 59)),
        ("Australia/Lord_Howe", (2026, 4, 4, 15, 0), (2026, 4, 5, 1, 30)),
        ("Australia/Lord_Howe", (2026, 10, 3, 15, 30), (2026, 10, 4, 2, 30)),
    ],
)
def test_a_serial_is_the_wall_clock(
    zone: str, utc: tuple[int, ...], shown: tuple[int, ...]
) -> None:
    moment = datetime(*utc, tzinfo=UTC)  # type: ignore[misc,arg-type]
    assert serial(moment, ZoneInfo(zone)) == hours(*shown)


def test_known_serials() -> None:
    """The Unix epoch and a date recorded from the real service."""
    assert serial(datetime(1970, 1, 1, tzinfo=UTC), ZoneInfo("UTC")) == 25569
    assert encode(date(2020, 1, 1), Kind.DATE, PARIS).cell == 43831


@given(st.datetimes(datetime(2000, 1, 1), datetime(2050, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_a_serial_gives_its_second_back(moment: datetime) -> None:
    shown = datetime(1899, 12, 30, tzinfo=UTC) + timedelta(days=serial(moment, ZoneInfo("UTC")))
    assert abs(shown - moment) < timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("value", "kind", "cell"),
    [
        (None, Kind.TEXT, ""),
        ("=1+1", Kind.TEXT, "=1+1"),
        (4_310_220_117, Kind.TEXT, "4310220117"),
        (12.0, Kind.TEXT, "12"),
        (True, Kind.TEXT, "TRUE"),
        (True, Kind.BOOLEAN, True),
        (12, Kind.INTEGER, 12),
        (2**60, Kind.INTEGER, str(2**60)),
        (0.013, Kind.DECIMAL, 0.013),
        (float("inf"), Kind.DECIMAL, ""),
        ("n/a", Kind.DECIMAL, "n/a"),
        ("a\x00\ud800\ufffe\x0b", Kind.TEXT, "a\ufffd\ufffd\ufffd\ufffd"),
        ("a\t\r\n\u200b\u202e", Kind.TEXT, "a\t\r\n\u200b\u202e"),
    ],
)
def test_values_become_cells(value: Value, kind: Kind, cell: Cell) -> None:
    found = encode(value, kind, PARIS).cell
    assert found == cell
    assert type(found) is type(cell)


@pytest.mark.parametrize("letter", ["x", "é", "😀"])
@pytest.mark.parametrize("excess", [-1, 0, 1, 2, 30_000])
def test_long_texts_are_cut_with_a_mark(letter: str, excess: int) -> None:
    text = letter * ((MAX_CHARACTERS + excess) // utf16_length(letter))
    found = encode(text, Kind.PARAGRAPH, PARIS)
    assert isinstance(found.cell, str)
    assert utf16_length(found.cell) <= MAX_CHARACTERS
    assert found.cut is (utf16_length(text) > MAX_CHARACTERS)
    assert found.cell == text or found.cell.endswith(CUT_MARK)


@pytest.mark.parametrize(
    ("wanted", "found", "equal"),
    [
        ("", "", True),
        ("1", 1, False),
        (1, "1", False),
        (1, 1.0, True),
        (1, True, False),
        (True, True, True),
        (False, "", False),
        (0, "", False),
        (46083.416666666664, 46083.41666666667, True),
        (46083.4166, 46083.4167, False),
        (0.013, 0.01300001, False),
        ("a\r\nb", "a\nb", True),
        ("a ", "a", False),
    ],
)
def test_what_counts_as_the_same(wanted: Cell, found: object, equal: bool) -> None:
    assert same(wanted, found) is equal


def test_a_row_read_is_shorter_by_its_empty_end() -> None:
    assert same_row(["a", 1, "", ""], ["a", 1.0])
    assert not same_row(["a", "", "b"], ["a"])


@pytest.mark.parametrize("cell", [42, 42.0, "42"])
def test_keys_are_text(cell: object) -> None:
    assert key_text(cell) == "42"


def test_the_size_of_a_row_is_that_of_its_json() -> None:
    cells: list[Cell] = ["é", 1, True]
    assert size(cells) == len('["é",1,true],'.encode())
    assert to_json({"a": cells}) == '{"a":["é",1,true]}'.encode()
