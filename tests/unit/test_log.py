"""A log line: one event, key=value, and no text of an exception."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable

import pytest
from rq.timeouts import JobTimeoutException

from callsheet.errors import SourceUnavailable
from callsheet.log import LineFormatter, bound
from worker.discretion import JobFailed, discreet


def _line(message: str, *args: object, error: BaseException | None = None) -> str:
    info = None if error is None else (type(error), error, error.__traceback__)
    record = logging.LogRecord("worker.x", logging.INFO, "x.py", 1, message, args, info)
    return LineFormatter().format(record)


def test_a_line_is_the_time_the_event_and_what_is_bound() -> None:
    with bound(run_id="r1", entity="calls"):
        line = _line("run_due slot=%d", 7)

    pattern = (
        r"time=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00 level=info logger=worker\.x "
        r"event=run_due slot=7 run_id=r1 entity=calls"
    )
    assert re.fullmatch(pattern, line)


@pytest.mark.parametrize("message", ["A library's sentence.", "two\nlines", "x\x1b[31m", ""])
def test_what_is_no_event_is_quoted_and_stays_one_line(message: str) -> None:
    line = _line("%s", message)

    assert line.isprintable()
    assert 'event="' in line


def test_of_an_exception_its_kind_and_place_are_told_and_not_its_text() -> None:
    try:
        int("+33 1 23 45 67 89")
    except ValueError as error:
        line = _line("job_crashed", error=error)

    assert re.search(r" error=ValueError at=test_log\.py:\d+$", line)
    assert "+33" not in line


@pytest.mark.parametrize("key", ["cse_Abc-1_x", "csk_Abc-1_x", "csw_Abc-1_x"])
def test_a_key_of_ours_is_masked_wherever_it_stands(key: str) -> None:
    line = _line("POST /api/v1/events/f1/%s?x=1 refused", key)

    assert "Abc-1" not in line
    assert f"/events/f1/{key[:4]}…?x=1 refused" in line


def _crash() -> None:
    try:
        int("+33 1 23 45 67 89")
    except ValueError as error:
        raise KeyError("Ada Lovelace") from error


def _refuse() -> None:
    try:
        _crash()
    except KeyError as error:
        raise SourceUnavailable("Ada") from error


@pytest.mark.parametrize(("job", "told"), [(_crash, "KeyError"), (_refuse, "source_unavailable")])
def test_rq_sees_the_kind_of_an_error_and_nothing_behind_it(
    job: Callable[[], None], told: str
) -> None:
    with pytest.raises(JobFailed, match=f"^{told}$") as caught:
        discreet(job)()

    assert caught.value.__suppress_context__


def test_a_time_out_stays_what_it_is() -> None:
    def job() -> None:
        raise JobTimeoutException("after 30 s")

    with pytest.raises(JobTimeoutException):
        discreet(job)()
