"""Notice: what people are told about a data flow that needs them, once, and of its recovery."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from callsheet.errors import Recovery
from callsheet.run import Run, RunState, Trigger

KEEPS_FAILING_AFTER = 3
"""Failures in a row after which people hear of an error that was to pass by itself."""


class NoticeKind(StrEnum):
    """Why there is a notice."""

    KEEPS_FAILING = "keeps_failing"
    STALE = "stale"
    NEEDS_YOU = "needs_you"

    @property
    def weight(self) -> int:
        """How much it asks of people; a heavier one is told although a lighter one is open."""
        return list(NoticeKind).index(self)


@dataclass(frozen=True, slots=True)
class Notice:
    """One incident of one data flow, from when it is noticed until a run succeeds again.

    label: the flow's. code, sentence: of the error. is_dismissed: out of sight in the sidebar.
    """

    spreadsheet_id: str
    flow_id: str
    label: str
    kind: NoticeKind
    code: str
    sentence: str
    opened_at: datetime
    is_dismissed: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """What is told: one line, and the whole text."""

    subject: str
    text: str


def notice_of(
    run: Run, label: str, *, failures: int, is_scheduled: bool, now: datetime
) -> Notice | None:
    """Return the notice that the end of this run is worth, if any.

    failures: how many runs in a row have failed now. Whoever presses the button sees the error
    there: such a run tells others only what keeps their schedule from going on.
    """
    if run.error is None or run.state is RunState.SUCCEEDED:
        return None
    if run.trigger is Trigger.UNDO or (run.trigger is Trigger.MANUAL and not is_scheduled):
        return None
    if run.error.recovery == Recovery.FIX_BY_USER:
        kind = NoticeKind.NEEDS_YOU
    elif failures >= KEEPS_FAILING_AFTER:
        kind = NoticeKind.KEEPS_FAILING
    else:
        return None
    error = run.error
    return Notice(run.spreadsheet_id, run.flow_id, label, kind, error.code, error.message, now)


def heavier(old: Notice | None, new: Notice) -> Notice:
    """Return the notice that is open after another reason for one: of two alike the older."""
    return new if old is None or new.kind.weight > old.kind.weight else old


def notice_after(
    run: Run,
    before: Notice | None,
    label: str,
    *,
    failures: int,
    is_scheduled: bool,
    now: datetime,
) -> tuple[Notice | None, Message | None]:
    """Return the notice that is open after the end of this run, and what is told of it.

    before: the one that was open. The rest as `notice_of`. An undo says nothing of whether the
    next refresh will do.
    """
    if run.state is RunState.SUCCEEDED and run.trigger is not Trigger.UNDO:
        return None, None if before is None else recovered(before, now)
    new = notice_of(run, label, failures=failures, is_scheduled=is_scheduled, now=now)
    if new is None or heavier(before, new) is before:
        return before, None
    return new, opened(new)


def stale_notice(spreadsheet_id: str, flow_id: str, label: str, now: datetime) -> Notice:
    """Return the notice of a flow that has not succeeded within twice its cadence."""
    sentence = "It has not been refreshed for twice as long as its schedule says."
    return Notice(spreadsheet_id, flow_id, label, NoticeKind.STALE, "stale", sentence, now)


OPENINGS = {
    NoticeKind.NEEDS_YOU: "needs you",
    NoticeKind.KEEPS_FAILING: "keeps failing",
    NoticeKind.STALE: "is out of date",
}
_ENDINGS = {
    NoticeKind.NEEDS_YOU: "Its schedule is paused until this is mended; then press Refresh now.",
    NoticeKind.KEEPS_FAILING: "Callsheet tries again by itself. You hear when it works again.",
    NoticeKind.STALE: "Open the sidebar to see why. You hear when it works again.",
}


def opened(notice: Notice) -> Message:
    """Return what is told when a notice opens."""
    subject = f"{one_line(notice.label)} {OPENINGS[notice.kind]}"
    text = f"{subject}.\n\n{notice.sentence} {_ENDINGS[notice.kind]}\n\n"
    return Message(f"Callsheet: {subject}", text + address(notice.spreadsheet_id))


def recovered(notice: Notice, now: datetime) -> Message:
    """Return what is told when the flow is well again."""
    subject = f"{one_line(notice.label)} works again"
    text = f"{subject}, after {_length(notice.opened_at, now)}. Nothing is left to do.\n\n"
    return Message(f"Callsheet: {subject}", text + address(notice.spreadsheet_id))


def dismissed(notice: Notice) -> Notice:
    """Return the notice out of sight; it stays open, and its recovery is told all the same."""
    return replace(notice, is_dismissed=True)


def one_line(text: str) -> str:
    """Return a person's text on one line, without control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:200]


def _length(since: datetime, until: datetime) -> str:
    minutes = int((until - since).total_seconds() // 60)
    if minutes < 120:
        return f"{max(minutes, 1)} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // (24 * 60)} days"


def address(spreadsheet_id: str) -> str:
    """Return the last line of a text: where the spreadsheet is."""
    return f"https://docs.google.com/spreadsheets/d/{spreadsheet_id}/edit\n"
