"""The Google stand-in failing on demand, running out of quota, and being watched."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from sandbox.sheets.faults import KINDS
from sandbox.sheets.quota import Limits
from sandbox.sheets.server import SheetsStandIn
from sandbox.sheets.state import State


class Minutes:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def clock() -> Minutes:
    return Minutes()


@pytest.fixture(scope="module")
def google(clock: Minutes) -> Iterator[SheetsStandIn]:
    with SheetsStandIn(state=State(clock)) as running:
        yield running


class Caller:
    """One user at one spreadsheet, with plain requests."""

    def __init__(self, google: SheetsStandIn, email: str) -> None:
        self.google = google
        self.id = google.create_spreadsheet("Faults", editors=[email])
        self.headers = {"Authorization": f"Bearer {google.access_token(email)}"}

    def send(self, method: str, tail: str, **body: Any) -> requests.Response:
        return requests.request(
            method,
            f"{self.google.url}/v4/spreadsheets/{self.id}{tail}",
            headers=self.headers,
            json=body or None,
            timeout=5,
        )

    def read(self) -> requests.Response:
        return self.send("GET", "/values/A1")

    def write(self, value: str) -> requests.Response:
        return self.send("PUT", "/values/A1?valueInputOption=RAW", values=[[value]])

    def value(self) -> str | None:
        rows: list[list[str]] = self.read().json().get("values", [[None]])
        return rows[0][0]

    def admin(self, method: str, path: str, /, **body: Any) -> Any:
        address = f"{self.google.url}/_admin/{path}"
        answer = requests.request(method, address, json=body or None, timeout=5)
        answer.raise_for_status()
        return answer.json()

    def act(self, action: str, **body: Any) -> Any:
        return self.admin("POST", f"spreadsheets/{self.id}/{action}", **body)


@pytest.fixture
def caller(google: SheetsStandIn, clock: Minutes) -> Iterator[Caller]:
    google.state.quota.limits = Limits()
    google.state.quota.reset()
    google.state.traffic.reset()
    clock.now += 3600
    yield Caller(google, "user@callsheet.example")
    google.state.faults.clear()


def test_the_sixty_first_read_of_a_minute_is_refused(caller: Caller, clock: Minutes) -> None:
    answers = [caller.read().status_code for _ in range(61)]

    assert answers == [200] * 60 + [429]
    refused = caller.read()
    assert "Retry-After" not in refused.headers
    error = refused.json()["error"]
    assert error["status"] == "RESOURCE_EXHAUSTED"
    assert "'Read requests per minute per user'" in error["message"]
    told = error["details"][0]["metadata"]
    assert told["quota_limit"] == "ReadRequestsPerMinutePerUser"
    assert told["quota_limit_value"] == "60"
    assert told["quota_unit"] == "1/min/{project}/{user}"

    assert caller.write("writes count apart").status_code == 200
    clock.now += 61
    assert caller.read().status_code == 200


def test_the_project_has_a_limit_of_its_own(caller: Caller, google: SheetsStandIn) -> None:
    caller.admin("PUT", "quota", write_per_project=3)
    other = Caller(google, "second@callsheet.example")
    answers = [each.write("x").status_code for each in (caller, caller, other, other)]

    assert answers == [200, 200, 200, 429]
    told = other.write("x").json()["error"]["details"][0]["metadata"]
    assert told["quota_limit"] == "WriteRequestsPerMinutePerProject"
    assert told["quota_unit"] == "1/min/{project}"


def test_quotas_can_be_turned_off(caller: Caller) -> None:
    caller.admin("PUT", "quota", enabled=False)

    assert {caller.read().status_code for _ in range(70)} == {200}


@pytest.mark.parametrize(
    ("kind", "status", "content"),
    [
        ("429_user", 429, "ReadRequestsPerMinutePerUser"),
        ("429_project", 429, "ReadRequestsPerMinutePerProject"),
        ("500", 500, '"INTERNAL"'),
        ("503", 503, '"UNAVAILABLE"'),
        ("502_html", 502, "<!DOCTYPE html>"),
        ("503_html", 503, "<!DOCTYPE html>"),
    ],
)
def test_requests_are_refused_on_demand(
    caller: Caller, kind: str, status: int, content: str
) -> None:
    caller.admin("POST", "faults", kind=kind, times=2)

    for _ in range(2):
        answer = caller.read()
        assert answer.status_code == status
        assert content in answer.text
    assert caller.read().status_code == 200


def test_a_fault_strikes_only_what_it_names(caller: Caller) -> None:
    caller.admin("POST", "faults", kind="503", method="PUT", path="/values/")

    assert caller.read().status_code == 200
    assert caller.write("x").status_code == 503
    assert caller.write("x").status_code == 200


@pytest.mark.parametrize(("kind", "kept"), [("drop", "old"), ("timeout", "old"), ("lost", "new")])
def test_answers_can_be_lost_before_and_after_the_work(
    caller: Caller, kind: str, kept: str
) -> None:
    caller.write("old")
    caller.admin("POST", "faults", kind=kind, delay=0.05)

    with pytest.raises(requests.ConnectionError):
        caller.write("new")

    assert caller.value() == kept


def test_answers_can_be_cut_short(caller: Caller) -> None:
    caller.admin("POST", "faults", kind="truncate")

    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        caller.write("new")

    assert caller.value() == "new"


def test_answers_can_be_slow(caller: Caller) -> None:
    caller.admin("POST", "faults", kind="slow", delay=0.2)
    started = time.monotonic()

    assert caller.read().status_code == 200
    assert time.monotonic() - started >= 0.2


def test_an_unknown_fault_is_refused(caller: Caller) -> None:
    answer = requests.post(f"{caller.google.url}/_admin/faults", json={"kind": "x"}, timeout=5)

    assert answer.status_code == 400
    assert set(caller.admin("GET", "faults")["kinds"]) == set(KINDS)


def test_what_a_user_does_by_hand(caller: Caller) -> None:
    caller.act("edit", range="A1", values=[["name", "n"], ["b", "2"], ["a", "1"], ["gone", "9"]])
    caller.act("delete-rows", start=3, end=4)
    caller.act("sort", column=1)
    caller.act("insert-columns", start=0, end=1)
    caller.act("rename-tab", title="Mine")

    shown = caller.send("GET", "/values/Mine").json()["values"]

    assert shown == [["", "name", "n"], ["", "a", "1"], ["", "b", "2"]]


def test_access_can_be_taken_and_given_back(caller: Caller) -> None:
    caller.act("access", email="user@callsheet.example", role=None)
    assert caller.read().status_code == 403

    caller.act("access", email="user@callsheet.example", role="writer")
    assert caller.read().status_code == 200


def test_a_deleted_file_is_not_found(caller: Caller) -> None:
    caller.admin("DELETE", f"spreadsheets/{caller.id}")

    assert caller.read().status_code == 404


def test_expired_tokens_are_refused(caller: Caller, clock: Minutes) -> None:
    clock.now += 3600

    answer = caller.read()

    assert answer.status_code == 401
    assert answer.json()["error"]["details"][0]["reason"] == "ACCESS_TOKEN_EXPIRED"


def test_every_write_raises_the_revision(caller: Caller) -> None:
    path = f"spreadsheets/{caller.id}/revision"
    before = caller.admin("GET", path)["revision"]
    caller.read()
    caller.write("x")
    caller.send("PUT", "/values/A1?valueInputOption=RAW", values="wrong")

    assert caller.admin("GET", path)["revision"] == before + 1


def test_a_tab_is_shown_as_it_looks(caller: Caller) -> None:
    caller.act("edit", range="A1", values=[["when", "what"], ["2026-11-24", "call"]])
    bold = {"userEnteredFormat": {"textFormat": {"bold": True}}}
    header = {"range": {"endRowIndex": 1}, "cell": bold, "fields": "userEnteredFormat.textFormat"}
    width: Any = {"range": {"dimension": "COLUMNS", "startIndex": 0, "endIndex": 1}}
    width |= {"properties": {"pixelSize": 180}, "fields": "pixelSize"}
    caller.act("batch", requests=[{"repeatCell": header}, {"updateDimensionProperties": width}])

    shown = caller.admin("GET", f"spreadsheets/{caller.id}/tabs/0?start=0&rows=2")

    assert shown["texts"] == [["when", "what"], ["2026-11-24", "call"]]
    assert shown["columns"][0] == {"width": 180, "hidden": False}
    first = shown["lookNumbers"][0][0]
    assert shown["looks"][first] == {"textFormat": {"bold": True}}
    assert shown["lastRow"] == 2


def test_requests_are_counted_with_their_bytes(caller: Caller) -> None:
    caller.admin("DELETE", "requests")
    caller.write("x")
    caller.read()

    report = caller.admin("GET", "requests?last=1")

    assert report["counters"]["values.update"]["requests"] == 1
    assert report["counters"]["values.update"]["bytesIn"] > 0
    assert [each["kind"] for each in report["recent"]] == ["values.get"]
