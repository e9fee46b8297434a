"""The freshness line: its words, and a formula that is right by the clock of any file."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callsheet.sheets.cells import serial
from callsheet.sheets.freshness import (
    GRACE,
    Freshness,
    is_ours,
    note_text,
    overdue_formula,
    stamp,
)
from callsheet.sheets.plan import Span

PARIS = ZoneInfo("Europe/Paris")
ZONES = ["Europe/Paris", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


def is_red(formula: str, now: datetime, zone: ZoneInfo) -> bool:
    """What Sheets would say; N of a text is 0, NOW() the wall clock of the file."""
    shape = re.fullmatch(r'=NOW\(\)\*1440\+N\("[^"]*"\)>(\d+)', formula)
    assert shape
    return serial(now, zone) * 1440 > int(shape[1])


def test_the_note_tells_everything_in_the_files_zone_and_keeps_the_meaning() -> None:
    fresh = Freshness(NOON, NOON + timedelta(minutes=2), NOON + timedelta(hours=1), 12_345)

    assert note_text(fresh, PARIS, "Aircall's id of the call.").splitlines() == [
        "Data up to: 26 Nov 2026, 13:00",
        "Last refresh: 26 Nov 2026, 13:02",
        "Next refresh: 26 Nov 2026, 14:00 (if this header is red, it is overdue)",
        "Rows: 12,345",
        "Times: Europe/Paris",
        "",
        "Aircall's id of the call.",
    ]


def test_without_a_schedule_the_note_says_so() -> None:
    note = note_text(Freshness(NOON, NOON, None, None), PARIS, "")

    assert "Next refresh: none scheduled" in note
    assert note.endswith("Times: Europe/Paris")
    assert "Rows" not in note


@given(
    st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.sampled_from(ZONES),
)
def test_the_formula_turns_true_within_a_minute_unless_the_clock_goes_back(
    due: datetime, zone_name: str
) -> None:
    zone = ZoneInfo(zone_name)
    formula = overdue_formula(due, zone)
    late = due + GRACE
    change = timedelta(hours=2)
    steady = (late - change).astimezone(zone).utcoffset() == (late + change).astimezone(
        zone
    ).utcoffset()

    assert not is_red(formula, due, zone)
    assert is_red(formula, late + timedelta(hours=1, minutes=1), zone)
    if steady:
        assert not is_red(formula, late - timedelta(seconds=1), zone)
        assert is_red(formula, late + timedelta(minutes=1, seconds=1), zone)


def test_the_hour_that_comes_twice_is_not_red_the_first_time() -> None:
    """Paris, 25 October 2026: 03:00 becomes 02:00 at 01:00 UTC."""
    due = datetime(2026, 10, 25, 1, 0, tzinfo=UTC)  # 02:00 for the second time; red from 02:30

    formula = overdue_formula(due, PARIS)

    moments = [datetime(2026, 10, 24, 23, tzinfo=UTC) + timedelta(minutes=5 * n) for n in range(36)]
    assert [m for m in moments if is_red(formula, m, PARIS)] == [
        m for m in moments if m > datetime(2026, 10, 25, 2, 0, tzinfo=UTC)
    ]


def test_the_formula_reads_alike_in_every_locale() -> None:
    formula = overdue_formula(NOON + timedelta(seconds=17), PARIS)

    assert not re.search(r"[,;.]", formula)
    assert is_ours(formula)
    assert is_ours(formula.lower().replace('n("', 'n( "'))


@pytest.mark.parametrize("formula", ["", "=NOW()>5", '=A1="Callsheet:"', '=LEN("Callsheet: x")'])
def test_rules_of_people_are_not_ours(formula: str) -> None:
    assert not is_ours(formula)


MINE = overdue_formula(NOON, PARIS)
NEXT = overdue_formula(NOON + timedelta(days=1), PARIS)


@pytest.mark.parametrize(
    ("before", "formula", "kinds", "after"),
    [
        ((), NEXT, ["add"], (NEXT,)),
        (("=A", ""), NEXT, ["add"], (NEXT, "=A", "")),
        (("=A", MINE, "=B"), NEXT, ["update"], ("=A", NEXT, "=B")),
        (("=A", MINE, MINE, "", MINE), NEXT, ["delete", "delete", "update"], ("=A", NEXT, "")),
        (("=A", MINE, "", MINE), "", ["delete", "delete"], ("=A", "")),
        (("=A",), "", [], ("=A",)),
    ],
)
def test_only_our_rules_are_touched_and_the_first_keeps_its_place(
    before: tuple[str, ...], formula: str, kinds: list[str], after: tuple[str, ...]
) -> None:
    requests, rules = stamp(
        5,
        (0, "note"),
        formula=formula,
        columns=[Span(0, 3), Span(6, 6)],
        rules=before,
        token=9,
        old_tokens=[8],
    )

    assert rules == after
    changes = [(kind, body) for each in requests for kind, body in each.items() if "Rule" in kind]
    assert [kind.removesuffix("ConditionalFormatRule") for kind, _ in changes] == kinds
    done = list(before)
    for kind, body in changes:
        if kind.startswith("add"):
            done.insert(body["index"], "new")
        else:
            assert is_ours(done[body["index"]])
            done[body["index"] : body["index"] + 1] = ["new"] if "rule" in body else []
    assert [NEXT if found == "new" else found for found in done] == list(after)


def test_only_the_headers_of_our_columns_turn_red() -> None:
    requests, _ = stamp(
        5, None, formula=NEXT, columns=[Span(0, 3), Span(6, 6)], rules=(), token=9, old_tokens=[]
    )

    [rule] = [each["addConditionalFormatRule"]["rule"] for each in requests if "add" in str(each)]
    assert [(r["startColumnIndex"], r["endColumnIndex"]) for r in rule["ranges"]] == [
        (0, 4),
        (6, 7),
    ]
    assert {(r["startRowIndex"], r["endRowIndex"]) for r in rule["ranges"]} == {(0, 1)}
