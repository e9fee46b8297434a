"""What a spreadsheet says of itself, and tags."""

from __future__ import annotations

import json

import pytest

from callsheet.sheets.facts import (
    CHANGE_KEY,
    COLUMN_KEY,
    TAB_KEY,
    StagingTag,
    TabTag,
    read_facts,
    to_value,
)
from callsheet.sheets.titles import free_title
from callsheet.sheets.zones import read_zone

TAG = TabTag("flow", "calls", 1, "file", 5)


def sheet(sheet_id: int, tag: str | None = None) -> dict[str, object]:
    """A tab as spreadsheets.get shows it; id 0 is left out there."""
    marked = {"metadataKey": COLUMN_KEY, "metadataValue": "id"}
    columns = [{}, {"developerMetadata": [marked]}, {"developerMetadata": [marked]}]
    found: dict[str, object] = {
        "properties": {"title": "T", "gridProperties": {"rowCount": 10, "columnCount": 3}},
        "data": [{"columnMetadata": columns}],
    }
    if sheet_id:
        found["properties"] = {**found["properties"], "sheetId": sheet_id}  # type: ignore[dict-item]
    if tag is not None:
        found["developerMetadata"] = [{"metadataKey": TAB_KEY, "metadataValue": tag}]
    return found


def test_ours_are_told_from_copies_by_file_and_by_tab() -> None:
    value = to_value(TAG)
    facts = read_facts(
        {
            "spreadsheetId": "file",
            "properties": {"title": "F", "locale": "fr_FR", "timeZone": "Europe/Paris"},
            "sheets": [sheet(0), sheet(5, value), sheet(6, value)],
        }
    )
    assert [tab.id for tab in facts.ours("flow")] == [5]
    assert facts.ours("other") == []
    assert facts.cells == 90
    assert facts.tabs[0].id == 0
    assert facts.tabs[1].managed == {"id": 1}
    copied = read_facts({"spreadsheetId": "copy", "sheets": [sheet(5, value)]})
    assert copied.ours("flow") == []


@pytest.mark.parametrize("value", ["", "x", "[]", "{}", "null", '{"flow": "flow"}'])
def test_what_is_not_of_our_making_is_no_tag(value: str) -> None:
    facts = read_facts({"spreadsheetId": "file", "sheets": [sheet(5, value)]})
    assert facts.tabs[0].tag is None


def test_fields_of_a_later_version_are_passed_over() -> None:
    later = json.dumps({**json.loads(to_value(TAG)), "more": 1})
    facts = read_facts({"spreadsheetId": "file", "sheets": [sheet(5, later)]})
    assert facts.tabs[0].tag == TAG


def test_tags_are_compact() -> None:
    assert len(to_value(StagingTag("f", "s", 1, "2026-01-01T00:00:00+00:00"))) < 100


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Europe/Paris", "Europe/Paris"),
        ("GMT-07:00", "Etc/GMT+7"),
        ("GMT+10:00", "Etc/GMT-10"),
        ("Nowhere/City", "UTC"),
        ("", "UTC"),
    ],
)
def test_zones(name: str, key: str) -> None:
    assert read_zone(name).key == key


@pytest.mark.parametrize(
    ("wanted", "taken", "title"),
    [
        ("Calls", [], "Calls"),
        ("Calls", ["CALLS", "calls (2)"], "Calls (3)"),
        ("  ", [], "Import"),
        ("a\x00b\n", [], "a b"),
        ("x" * 200, ["x" * 90], "x" * 90 + " (2)"),
    ],
)
def test_titles(wanted: str, taken: list[str], title: str) -> None:
    assert free_title(wanted, taken) == title


def test_frozen_rows_and_past_changes_are_seen() -> None:
    tab = sheet(5, to_value(TAG))
    tab["properties"]["gridProperties"]["frozenRowCount"] = 1  # type: ignore[index]
    tab["developerMetadata"] += [{"metadataId": 7, "metadataKey": CHANGE_KEY}]  # type: ignore[operator]
    [facts] = read_facts({"spreadsheetId": "file", "sheets": [tab]}).tabs
    assert (facts.frozen, facts.changes) == (1, (7,))
