"""The recordings of the real API, replayed against the Google stand-in.

The recordings lie outside the repository; `CALLSHEET_RECORDINGS` names their folder.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from sandbox.sheets.replay import Report, replay

ROOT = Path(__file__).parents[2]
FOLDER = Path(
    os.environ.get("CALLSHEET_RECORDINGS", ROOT.parent / "shared" / "recordings" / "gspread")
)
EXCUSED = Path(__file__).parent / "sheets_replay" / "excused.json"

pytestmark = pytest.mark.skipif(
    not any(FOLDER.glob("*.json")),
    reason=(
        f"the comparison of the Google stand-in with the real API was skipped: no recordings in"
        f" {FOLDER} (set CALLSHEET_RECORDINGS)"
    ),
)


@pytest.fixture(scope="module")
def report() -> Report:
    found = replay(FOLDER)
    print("\nAgreement of the Google stand-in with the recordings:")
    print("\n".join(found.lines()))
    return found


@pytest.fixture(scope="module")
def excused() -> set[tuple[str, int]]:
    entries = json.loads(EXCUSED.read_text("utf-8"))
    assert all(entry["reason"] for entry in entries)
    return {(entry["file"], number) for entry in entries for number in entry["numbers"]}


def test_every_difference_is_excused_in_writing(
    report: Report, excused: set[tuple[str, int]]
) -> None:
    new = [
        f"{file} {number} {one.recorded.kind}: {one.difference}"
        for (file, number), one in report.differing().items()
        if (file, number) not in excused
    ]

    assert not new, "\n".join(new)


def test_no_excuse_outlives_its_difference(report: Report, excused: set[tuple[str, int]]) -> None:
    assert excused <= set(report.differing()), "an excuse that is no longer needed must go"


def test_nearly_all_exchanges_agree(report: Report) -> None:
    agree = sum(pair[0] for pair in report.by_kind().values())
    total = sum(pair[1] for pair in report.by_kind().values())

    assert total > 1000
    assert agree / total >= 0.99


def test_exchanges_that_need_memory_agree(report: Report) -> None:
    """A stand-in that keeps no writes also gets much right; only what it gets wrong tells."""
    agree, total = report.telling_agreement()

    assert total > 150
    assert agree / total >= 0.95
