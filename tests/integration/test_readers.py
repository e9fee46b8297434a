"""Every entity's reader against the Aircall stand-in: exactly what is there, while it changes."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from callsheet.aircall.budget import LocalBudget
from callsheet.aircall.client import AircallClient
from callsheet.aircall.readers import reader_for
from callsheet.aircall.reading import Reader
from callsheet.catalogue import ENTITIES
from callsheet.clock import SystemClock
from callsheet.connection import AircallKey
from callsheet.entity import ReadContext
from callsheet.errors import SourceNotFound
from callsheet.span import Span
from sandbox.aircall.server import AircallStandIn

pytestmark = pytest.mark.integration

SAMPLES = Path(__file__).parents[1] / "data/aircall"
FILES = {
    "numbers": ("numbers.json", "numbers"),
    "tags": ("tags.json", "tags"),
    "users": ("users_v2.json", "users"),
    "teams": ("teams.json", "teams"),
    "webhooks": ("webhooks.json", "webhooks"),
    "contacts": ("contacts.json", "contacts"),
    "user_availabilities": ("users_availabilities.json", "users"),
}
TRUTHS = {"companies": "company", "user_availabilities": "availabilities"}
MANY = 130


def many(folder: Path) -> Path:
    """A folder of samples in which every list has 130 records."""
    for path in SAMPLES.glob("*.json"):
        (folder / path.name).write_text(path.read_text())
    for file, key in FILES.values():
        body = json.loads((SAMPLES / file).read_text())
        first = body[key]
        body[key] = [{**first[n % len(first)], "id": 5000 + n} for n in range(MANY)]
        for n, record in enumerate(body[key]):
            if "webhook_id" in record:
                record["webhook_id"] = f"22db48da-6347-4ebf-aa7b-{n:012d}"
            if "created_at" in record and isinstance(record["created_at"], int):
                record["created_at"] += n * 60
                record["updated_at"] = record["created_at"] + 1000 - (n % 7) * 100
        body["meta"] |= {"count": MANY, "total": MANY}
        (folder / file).write_text(json.dumps(body))
    return folder


class Account:
    """A stand-in with a client, and what it knows to be true."""

    def __init__(self, aircall: AircallStandIn) -> None:
        self.url = aircall.url
        clock = SystemClock()
        self.client = AircallClient(
            aircall.url, AircallKey(aircall.api_id, aircall.api_token), LocalBudget(9999, clock)
        )

    def admin(self, method: str, path: str, body: Any = None) -> httpx.Response:
        answer = httpx.request(method, f"{self.url}/_admin{path}", json=body)
        answer.raise_for_status()
        return answer

    def truth(self, name: str) -> list[dict[str, Any]]:
        text = self.admin("GET", f"/truth/{TRUTHS.get(name, name)}").text
        return [json.loads(line) for line in text.split("\n") if line]

    def reader(self, name: str, **more: Any) -> Reader:
        entity = ENTITIES[name]
        now = more.pop("now", datetime.now(UTC).replace(microsecond=0))
        span = Span(now - timedelta(days=3650), now) if entity.has_start_date else None
        return reader_for(self.client, entity, span, now=now, **more)

    def queries(self, path: str) -> list[str]:
        log = self.admin("GET", f"/requests?path={path}").json()["requests"]
        return [entry["query"] for entry in log]


@contextmanager
def account_of(**knobs: Any) -> Iterator[Account]:
    """An account with these knobs and no limit."""
    with AircallStandIn(rate_limit=None, **knobs) as aircall:
        account = Account(aircall)
        with account.client:
            yield account


def records_of(reader: Reader) -> list[Any]:
    return [record for part in reader.parts() for page in part.pages for record in page]


def ids(records: list[Any]) -> list[int]:
    return sorted(record["id"] for record in records)


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return many(tmp_path_factory.mktemp("samples"))


@pytest.fixture
def account(samples: Path) -> Iterator[Account]:
    with account_of(samples_dir=samples) as account:
        yield account


@pytest.fixture
def invented() -> Iterator[Account]:
    with account_of(calls=2000, days=30, contacts=300, arrivals_per_minute=0) as account:
        yield account


@pytest.mark.parametrize("name", [name for name in ENTITIES if name != "calls"])
def test_a_list_of_many_pages_comes_whole(account: Account, name: str) -> None:
    reader = account.reader(name)
    expected = reader.expect()
    got = records_of(reader)
    truth = account.truth(name)

    withheld = ENTITIES[name].withheld
    assert len(truth) == expected == (1 if name == "companies" else MANY)
    if name == "user_availabilities":
        assert ids(got) == ids(truth)
        assert all(record["availability"] for record in got)
    else:
        bare = [{k: v for k, v in record.items() if k not in withheld} for record in truth]
        assert sorted(got, key=str) == sorted(bare, key=str)
    assert reader.is_whole
    assert (reader.tally.received, reader.tally.missing, reader.tally.duplicates) == (
        len(truth),
        0,
        0,
    )


def test_calls_are_those_of_the_span(invented: Account) -> None:
    reader = invented.reader("calls")
    got = records_of(reader)

    assert ids(got) == ids(invented.truth("calls"))
    assert (reader.tally.received, reader.tally.total) == (2000, 2000)
    assert not reader.is_whole
    assert all("fetch_contact=true" in query for query in invented.queries("/v1/calls"))


def test_agents_names_and_the_time_stand_beside_their_availability(account: Account) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    names = {user["id"]: (user["name"], user["email"]) for user in account.truth("users")}

    for record in records_of(account.reader("user_availabilities", now=now)):
        assert (record["name"], record["email"]) == names[record["id"]]
        assert abs(record["read_at"] - now.timestamp()) < 60


@pytest.mark.parametrize("answer", ["404", "410"])
def test_users_are_read_from_the_newer_list_when_the_older_is_gone(
    account: Account, answer: str
) -> None:
    account.admin("PUT", "/switches", {"v1_users": answer})
    reader = account.reader("users")

    assert len(records_of(reader)) == MANY
    assert reader.tally.warnings == []


def test_users_are_read_from_the_older_list_when_the_newer_is_gone() -> None:
    def server(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v2/users":
            return httpx.Response(410, json={"message": "Gone"})
        body = json.loads((SAMPLES / "users_v1.json").read_text())
        return httpx.Response(200, json=body)

    reader = scripted("users", server)

    assert len(records_of(reader)) == 7
    assert reader.is_whole
    assert [w for w in reader.tally.warnings if "/v2/users" in w and "/v1/users" in w]


def test_users_in_neither_list_are_an_error_and_no_empty_tab() -> None:
    reader = scripted("users", lambda _request: httpx.Response(404, json={}))

    with pytest.raises(SourceNotFound):
        records_of(reader)


def test_availabilities_come_without_names_when_there_is_no_list_of_users() -> None:
    def server(request: httpx.Request) -> httpx.Response:
        if "availabilities" not in request.url.path:
            return httpx.Response(404, json={})
        body = json.loads((SAMPLES / "users_availabilities.json").read_text())
        return httpx.Response(200, json=body)

    reader = scripted("user_availabilities", server)

    assert len(records_of(reader)) == 7
    assert [w for w in reader.tally.warnings if "names of agents are empty" in w]


def scripted(name: str, server: Callable[[httpx.Request], httpx.Response]) -> Reader:
    client = AircallClient(
        "https://aircall.test",
        AircallKey("id", "token"),
        LocalBudget(9999, SystemClock()),
        transport=httpx.MockTransport(server),
    )
    return reader_for(client, ENTITIES[name], None, now=datetime.now(UTC))


@pytest.mark.parametrize("name", ["numbers", "tags", "users", "teams", "webhooks"])
def test_what_is_deleted_while_a_list_is_paged_shifts_nothing_away(
    account: Account, name: str
) -> None:
    path = ENTITIES[name].path
    account.admin("POST", "/faults", {"kind": "delete_mid_walk", "path": f"{path}.*page=1"})
    reader = account.reader(name)
    got = records_of(reader)

    assert ids(got) == ids(account.truth(name))
    assert len(got) == MANY - 1
    assert reader.is_whole


def test_what_is_added_while_a_list_is_paged_comes_too(account: Account) -> None:
    reader = account.reader("tags")
    reader.expect()
    account.admin("POST", "/tags", {"name": "Brand new"})

    assert ids(records_of(reader)) == ids(account.truth("tags"))


def test_a_list_that_never_stands_still_is_not_called_whole(account: Account) -> None:
    fault = {"kind": "delete_mid_walk", "path": "/v1/tags.*page=1", "times": None}
    account.admin("POST", "/faults", fault)
    reader = account.reader("tags")
    got = records_of(reader)

    assert not reader.is_whole
    assert [w for w in reader.tally.warnings if "kept coming and going" in w]
    assert set(ids(account.truth("tags"))) <= set(ids(got))


@pytest.mark.parametrize("name", ["calls", "contacts"])
def test_what_is_deleted_while_windows_are_paged_shifts_nothing_away(
    invented: Account, name: str
) -> None:
    path = ENTITIES[name].path
    fault = {"kind": "delete_mid_walk", "path": f"{path}.*page=2.*per_page=50"}
    invented.admin("POST", "/faults", fault)
    before = len(invented.truth(name))
    reader = invented.reader(name)
    got = records_of(reader)

    assert len(invented.truth(name)) == before - 1
    assert set(ids(invented.truth(name))) <= set(ids(got))
    assert len(ids(got)) == len(set(ids(got)))
    assert reader.tally.missing == 0


def changed(account: Account, *contact_ids: int) -> None:
    """Edit contacts as a person does, which moves `updated_at`."""
    for contact_id in contact_ids:
        stamp = int(datetime.now(UTC).timestamp())
        account.admin("PATCH", f"/contacts/{contact_id}", {"last_name": "New", "updated_at": stamp})


def test_contacts_are_walked_down_to_the_bookmark(account: Account) -> None:
    bookmark = datetime.now(UTC) - timedelta(seconds=5)
    first, second = ids(account.truth("contacts"))[:2]
    changed(account, first, second)
    account.admin("DELETE", "/requests")
    now = datetime.now(UTC).replace(microsecond=0)
    reader = account.reader("contacts", bookmark=bookmark, now=now)

    assert reader.expect() == 2
    parts = [(ids([r for page in part.pages for r in page]), part.until) for part in reader.parts()]
    assert parts == [([first, second], None), ([], now)]
    assert not reader.is_whole
    assert len(account.queries("/v1/contacts")) == 1


def test_a_walk_reads_a_little_before_the_bookmark_and_not_all(account: Account) -> None:
    newest_first = sorted((c["updated_at"] for c in account.truth("contacts")), reverse=True)
    bookmark = datetime.fromtimestamp(newest_first[70] + 600, UTC)
    got = records_of(account.reader("contacts", bookmark=bookmark))

    wanted = [c for c in account.truth("contacts") if c["updated_at"] >= newest_first[70]]
    assert ids(got) == ids(wanted)
    assert 70 < len(got) < MANY


def test_a_walk_starts_again_when_a_contact_goes_meanwhile(account: Account) -> None:
    fault = {
        "kind": "delete_mid_walk",
        "path": "/v1/contacts.*page=1.*order=desc|order=desc.*page=1",
    }
    account.admin("POST", "/faults", fault)
    reader = account.reader("contacts", bookmark=datetime(2020, 1, 1, tzinfo=UTC))
    got = records_of(reader)

    assert len(account.truth("contacts")) == MANY - 1
    assert set(ids(account.truth("contacts"))) <= set(ids(got))
    assert reader.tally.warnings == []


def test_a_walk_that_never_stands_still_ends_and_says_so(account: Account) -> None:
    fault = {"kind": "delete_mid_walk", "path": "/v1/contacts", "times": None}
    account.admin("POST", "/faults", fault)
    reader = account.reader("contacts", bookmark=datetime(2020, 1, 1, tzinfo=UTC))
    records_of(reader)

    assert [w for w in reader.tally.warnings if "kept coming and going" in w]
    assert len(account.queries("/v1/contacts")) <= 15


def test_a_changed_phone_number_arrives_with_the_deep_reading_only(account: Account) -> None:
    contact = account.truth("contacts")[0]["id"]
    bookmark = datetime.now(UTC)
    phones = [{"id": 1, "label": "New", "value": "+442079460999"}]
    account.admin("PATCH", f"/contacts/{contact}", {"phone_numbers": phones})

    shallow = records_of(account.reader("contacts", bookmark=bookmark))
    deep = account.reader("contacts", bookmark=bookmark, deep=True)
    found = {record["id"]: record for record in records_of(deep)}

    assert contact not in ids(shallow)
    assert found[contact]["phone_numbers"] == phones
    assert deep.is_whole


def test_contacts_beyond_the_wall_are_read_in_windows_of_creation() -> None:
    with account_of(calls=10, days=30, contacts=12_000, arrivals_per_minute=0) as account:
        reader = account.reader("contacts")
        got = records_of(reader)

        assert reader.expect() == len(got) == len(account.truth("contacts"))
        assert len(set(ids(got))) == len(got)
        assert reader.is_whole


def test_a_walk_that_meets_the_wall_reads_everything() -> None:
    with account_of(calls=10, days=30, contacts=12_000, arrivals_per_minute=0) as account:
        reader = account.reader("contacts", bookmark=datetime(2001, 1, 1, tzinfo=UTC))
        got = records_of(reader)

        assert ids(got) == ids(account.truth("contacts"))
        assert reader.is_whole


def test_no_token_of_a_webhook_is_logged_or_read(
    account: Account, caplog: pytest.LogCaptureFixture
) -> None:
    entity = ENTITIES["webhooks"]
    with caplog.at_level(logging.DEBUG):
        got = records_of(account.reader("webhooks"))
    cells = [list(entity.rows(record, ReadContext(ZoneInfo("Europe/Paris")))) for record in got]
    for record in account.truth("webhooks"):
        assert record["token"] not in f"{got} {cells} {caplog.text}"
