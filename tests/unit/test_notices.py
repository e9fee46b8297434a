"""What is told, when, and in which words."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import replace
from datetime import time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.outputs import RunOut
from callsheet.cadence import planned
from callsheet.delivery import wait_after
from callsheet.digest import DAY, day_of, digest, next_digest
from callsheet.freshness import fresh_until
from callsheet.notice import (
    Notice,
    NoticeKind,
    notice_after,
    notice_of,
    one_line,
    opened,
    recovered,
    stale_notice,
)
from callsheet.run import Counts, Run, RunError, RunState, Trigger
from callsheet.schedule import Cadence, Schedule, WorkingHours
from callsheet.webhook import body_of, signature
from tests.builders import NOON, a_data_flow, a_run
from worker.sending import slack_body

FIX = RunError("tab_protected", "A range is protected. Remove the protection.", "fix_by_user")
LATER = RunError("source_unavailable", "Aircall cannot be reached. Try again.", "retry_later")


def _failed(error: RunError, trigger: Trigger = Trigger.SCHEDULE) -> Run:
    return a_run(state=RunState.FAILED, error=error, trigger=trigger, ended_at=NOON)


def _notice(run: Run, failures: int = 1, *, is_scheduled: bool = True) -> Notice | None:
    return notice_of(run, "Calls", failures=failures, is_scheduled=is_scheduled, now=NOON)


def test_an_error_that_a_person_has_to_mend_is_told_at_once() -> None:
    notice = _notice(_failed(FIX))

    assert notice is not None
    assert (notice.kind, notice.code) == (NoticeKind.NEEDS_YOU, "tab_protected")


OPEN = stale_notice("sheet-1", "flow-1", "Calls", NOON)
DONE = a_run(state=RunState.SUCCEEDED, ended_at=NOON)


@pytest.mark.parametrize(
    ("before", "run", "after", "told"),
    [
        (None, DONE, None, None),
        (OPEN, DONE, None, "works again"),
        (OPEN, replace(DONE, trigger=Trigger.UNDO), NoticeKind.STALE, None),
        (OPEN, replace(DONE, state=RunState.CANCELLED), NoticeKind.STALE, None),
        (OPEN, _failed(LATER), NoticeKind.STALE, None),
        (OPEN, _failed(FIX), NoticeKind.NEEDS_YOU, "needs you"),
        (None, _failed(FIX), NoticeKind.NEEDS_YOU, "needs you"),
    ],
)
def test_a_run_opens_closes_or_leaves_the_notice(
    before: Notice | None, run: Run, after: NoticeKind | None, told: str | None
) -> None:
    notice, message = notice_after(run, before, "Calls", failures=1, is_scheduled=True, now=NOON)

    assert (notice and notice.kind) == after
    assert (message is None) == (told is None)
    if message is not None and told is not None:
        assert told in message.subject


def test_an_error_that_passes_is_told_when_it_does_not_pass() -> None:
    told = [_notice(_failed(LATER), failures) for failures in (1, 2, 3, 4)]

    assert [notice and notice.kind for notice in told] == [
        *(None, None),
        *(NoticeKind.KEEPS_FAILING, NoticeKind.KEEPS_FAILING),
    ]


def test_who_presses_the_button_sees_the_error_and_is_not_written_to() -> None:
    by_hand = _failed(FIX, Trigger.MANUAL)

    assert _notice(by_hand, is_scheduled=False) is None
    assert _notice(by_hand, is_scheduled=True) is not None
    assert _notice(a_run(state=RunState.SUCCEEDED)) is None


def test_a_message_has_the_label_the_sentence_and_the_address_and_stays_on_its_line() -> None:
    notice = stale_notice("sheet-1", "flow-1", "Calls\r\nBcc: x\u202e", NOON)

    message = opened(notice)

    assert message.subject == "Callsheet: Calls Bcc: x is out of date"
    assert notice.sentence in message.text
    assert message.text.endswith("https://docs.google.com/spreadsheets/d/sheet-1/edit\n")


@pytest.mark.parametrize(
    ("minutes", "length"), [(0, "1 min"), (90, "90 min"), (300, "5 h"), (60 * 24 * 3, "3 days")]
)
def test_a_recovery_says_how_long_it_took(minutes: int, length: str) -> None:
    notice = stale_notice("sheet-1", "flow-1", "Calls", NOON)

    text = recovered(notice, NOON + timedelta(minutes=minutes)).text

    assert text.startswith(f"Calls works again, after {length}.")


@given(st.text())
def test_a_label_is_one_printable_line_whatever_it_holds(label: str) -> None:
    line = one_line(label)

    assert len(line) <= 200
    assert line == " ".join(line.split())
    assert line.isprintable()


def test_the_digest_says_what_needs_a_look_first() -> None:
    runs = [
        a_run(state=RunState.SUCCEEDED, ended_at=NOON, counts=Counts(rows_added=3)),
        a_run(state=RunState.FAILED, ended_at=NOON),
        a_run(state=RunState.SUCCEEDED, ended_at=NOON - 2 * DAY, counts=Counts(rows_added=9)),
        a_run(state=RunState.RUNNING),
    ]
    well = day_of("Users", runs, None, NOON - DAY)
    unwell = day_of("Calls", [], stale_notice("sheet-1", "flow-1", "Calls", NOON), NOON - DAY)

    message = digest("sheet-1", [well, unwell])

    assert message.subject == "Callsheet: 1 of 2 data flows need a look"
    lines = [line for line in message.text.splitlines() if line.startswith("-")]
    assert lines[0].startswith("- Calls: is out of date.")
    assert lines[1] == "- Users: 1 of 2 runs succeeded; 3 rows added, 0 updated"


@given(
    st.integers(min_value=0, max_value=10 * 365 * 24 * 60),
    st.sampled_from(["Europe/Berlin", "America/St_Johns", "Pacific/Apia", "Africa/Casablanca"]),
)
def test_a_digest_comes_within_a_day_and_an_hour_of_the_clock_change(
    minutes: int, zone: str
) -> None:
    now = NOON + timedelta(minutes=minutes)

    following = next_digest(zone, now)

    assert timedelta() < following - now <= timedelta(hours=25)


def test_a_webhook_posts_the_run_as_the_api_shows_it_without_what_quotes_records() -> None:
    run = replace(_failed(FIX), warnings=("An unknown value: +33 1 23 45 67 89",))

    body = json.loads(body_of(run))

    shown = RunOut.model_validate(run).model_dump(mode="json")
    assert body == {name: shown[name] for name in body}
    assert set(shown) - set(body) >= {"warnings", "quality", "progress"}
    assert "+33" not in body_of(run)
    assert "sheet-1" not in body_of(run)


def test_a_signature_is_what_the_documentation_lets_a_receiver_compute() -> None:
    body = '{"id": "é"}'.encode()

    header = signature("csw_secret", body, 1_700_000_000)

    fields = dict(part.split("=", 1) for part in header.split(","))
    expected = hmac.new(b"csw_secret", fields["t"].encode() + b"." + body, hashlib.sha256)
    assert fields["v1"] == expected.hexdigest()
    assert fields["t"] == "1700000000"


def test_slack_control_characters_are_escaped() -> None:
    assert json.loads(slack_body("<!channel> & *x*\n")) == {"text": "&lt;!channel&gt; &amp; *x*"}


def test_tries_grow_apart_and_end() -> None:
    waits = [wait_after(attempt) for attempt in range(1, 8)]

    known = [wait for wait in waits if wait is not None]
    assert known == sorted(known)
    assert waits[len(known) :] == [None] * (7 - len(known))
    assert sum(known, timedelta()) < timedelta(hours=3)


@pytest.mark.parametrize(
    ("cadence", "hours"), [(Cadence.HOURLY, 2), (Cadence.DAILY, 48), (Cadence.WEEKLY, 336)]
)
def test_a_flow_is_stale_when_its_cadence_has_passed_twice(cadence: Cadence, hours: int) -> None:
    flow = a_data_flow(schedule=Schedule(cadence))
    slot = planned(flow, NOON).next_run_at
    assert slot is not None

    until = fresh_until(flow, slot)

    assert until is not None
    assert timedelta() <= until - slot - timedelta(hours=hours) <= timedelta(minutes=10)
    assert fresh_until(a_data_flow(schedule=Schedule()), NOON) is None


def test_a_flow_that_rests_at_night_is_not_stale_in_the_morning() -> None:
    office = WorkingHours(time(9), time(17))
    flow = a_data_flow(schedule=Schedule(Cadence.EVERY_15_MINUTES, hours=office))
    evening = NOON.replace(hour=16, minute=46)

    until = fresh_until(flow, evening)

    assert until == (NOON + DAY).replace(hour=9, minute=25)
