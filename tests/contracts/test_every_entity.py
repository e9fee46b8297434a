"""Standard tests of every entity in the catalogue, made from its declaration."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from click.testing import CliRunner

from callsheet.aircall.budget import LocalBudget
from callsheet.aircall.client import AircallClient
from callsheet.aircall.readers import reader_for
from callsheet.aircall.reading import Reader
from callsheet.catalogue import ENTITIES, USERS
from callsheet.cli import cli
from callsheet.connection import AircallKey
from callsheet.entity import Entity, Kind, Private, ReadContext, Reading, Value
from callsheet.span import Span
from tests.clock import FrozenClock

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests/data"
RELEASED = json.loads((DATA / "released_headers.json").read_text())
CONTEXT = ReadContext(ZoneInfo("Europe/Paris"))
HOSTILE = ["=1+1", "+44", "-x", "@y", "\ttab", "two\nlines", "🦊", "שלום", "\u200b", "x" * 60_000]
SAMPLE_FILES = {
    "companies": "company.json",
    "users": "users_v2.json",
    "user_availabilities": "users_availabilities.json",
}
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
LISTS = [e for e in ENTITIES.values() if e.reading in (Reading.LIST, Reading.SNAPSHOT)]
TABLES = [t for e in ENTITIES.values() for t in (e, *(e.layouts or {}).values())]

every_entity = pytest.mark.parametrize("entity", ENTITIES.values(), ids=ENTITIES)
every_table = pytest.mark.parametrize("entity", TABLES, ids=lambda table: table.name)
every_list = pytest.mark.parametrize("entity", LISTS, ids=lambda entity: entity.name)


def sample(entity: Entity) -> list[dict[str, Any]]:
    """The records of the entity's sample answer, as its reader gives them."""
    file = SAMPLE_FILES.get(entity.name, f"{entity.name}.json")
    found = json.loads((DATA / "aircall" / file).read_text())[entity.records_key]
    records: list[dict[str, Any]] = [found] if isinstance(found, dict) else found
    return records


class Server:
    """Answers one list in pages, as Aircall does; everything else is not there."""

    def __init__(self, lists: dict[str, tuple[str, list[Any]]]) -> None:
        self.lists = lists
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if request.url.path not in self.lists:
            return httpx.Response(404, json={"error": "Not Found"})
        key, records = self.lists[request.url.path]
        if key == "company":
            return httpx.Response(200, json={key: records[0]})
        number, size = int(request.url.params["page"]), int(request.url.params["per_page"])
        page = records[(number - 1) * size : number * size]
        meta = {"count": len(page), "total": len(records), "current_page": number}
        return httpx.Response(200, json={key: page, "meta": {**meta, "per_page": size}})


def client_of(server: Server) -> AircallClient:
    clock = FrozenClock(NOW)
    return AircallClient(
        "https://aircall.test",
        AircallKey("id", "token"),
        LocalBudget(60, clock),
        clock=clock,
        transport=httpx.MockTransport(server),
    )


def served(entity: Entity, records: list[Any]) -> Server:
    lists: dict[str, tuple[str, list[Any]]] = {USERS.path: ("users", [])}
    return Server(lists | {entity.path: (entity.records_key, records)})


def reader_of(entity: Entity, server: Server) -> Reader:
    span = Span(NOW - timedelta(days=90), NOW) if entity.has_start_date else None
    return reader_for(client_of(server), entity, span, now=NOW)


def read(entity: Entity, records: list[Any]) -> tuple[list[Any], Reader]:
    reader = reader_of(entity, served(entity, records))
    got = [record for part in reader.parts() for page in part.pages for record in page]
    return got, reader


def numbered(entity: Entity, count: int) -> list[dict[str, Any]]:
    first = sample(entity)[0]
    return [{**first, entity.id_field: number} for number in range(1, count + 1)]


def rows(entity: Entity, records: list[dict[str, Any]]) -> list[list[Value]]:
    return [row for record in records for row in entity.rows(record, CONTEXT)]


def test_the_nine_entities_stand_in_the_order_of_the_sidebar() -> None:
    assert [entity.label for entity in ENTITIES.values()] == [
        "Calls",
        "Companies",
        "Contacts",
        "Numbers",
        "Tags",
        "User availabilities",
        "Users",
        "Teams",
        "Webhooks",
    ]


@every_table
def test_released_columns_stay_where_they_are(entity: Entity) -> None:
    """People's formulas count on them; new ones are added at the right."""
    headers = [[column.key, column.header] for column in entity.columns]

    assert headers[: len(RELEASED[entity.name])] == RELEASED[entity.name]


@every_table
def test_a_declaration_is_complete(entity: Entity) -> None:
    keys = [column.key for column in entity.columns]
    headers = [column.header for column in entity.columns]

    assert len(set(keys)) == len(keys)
    assert len(set(headers)) == len(headers)
    assert all(column.note.endswith(".") for column in entity.columns)
    assert entity.help.endswith(".")
    assert entity.default_schedule.step is not None
    assert entity.primary_key.private is Private.NO


@every_entity
def test_what_is_read_whole_can_be_marked_as_removed(entity: Entity) -> None:
    last = entity.columns[-1]

    assert entity.has_start_date == (last.key != "removed_at")
    if not entity.has_start_date:
        assert last.kind is Kind.DATE_TIME
        assert last.read(sample(entity)[0], CONTEXT) is None


@every_entity
def test_the_primary_key_is_the_first_column_and_tells_records_apart(entity: Entity) -> None:
    keys = [row[0] for row in rows(entity, sample(entity))]

    assert entity.primary_key is entity.columns[0]
    assert all(keys)
    assert len(set(keys)) == len(keys)


@every_entity
def test_every_page_is_read(entity: Entity) -> None:
    count = 1 if entity.reading is Reading.OBJECT else 121
    got, reader = read(entity, numbered(entity, count))

    assert [record[entity.id_field] for record in got] == list(range(1, count + 1))
    assert (reader.tally.received, reader.tally.total, reader.tally.missing) == (count, count, 0)
    assert reader.tally.warnings == []
    assert reader.is_whole == (not entity.has_start_date)


@every_entity
def test_a_record_without_its_id_is_counted_and_passed_over(entity: Entity) -> None:
    records = [{"nothing": 1}, *([] if entity.reading is Reading.OBJECT else numbered(entity, 3))]
    got, reader = read(entity, records)

    assert len(got) == len(records) - 1
    assert (reader.tally.without_id, reader.tally.missing) == (1, 0)
    assert not reader.is_whole


@every_list
def test_a_record_that_comes_twice_is_dropped_and_what_never_came_is_missing(
    entity: Entity,
) -> None:
    got, reader = read(entity, [*numbered(entity, 3), numbered(entity, 1)[0]])

    assert len(got) == 3
    assert (reader.tally.duplicates, reader.tally.missing) == (1, 1)
    assert not reader.is_whole


@every_entity
def test_an_unknown_value_is_kept_and_reported_once(entity: Entity) -> None:
    for name in entity.known_values or {}:
        records = [{**record, name: "something_new"} for record in numbered(entity, 60)]
        got, reader = read(entity, records)

        assert all(record[name] == "something_new" for record in got)
        assert reader.tally.warnings == [
            f"Aircall sent an unknown value “something_new” in {name}; it was kept as text."
        ]


@every_entity
@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:6]))
def test_hostile_texts_go_through_the_columns_as_they_are(entity: Entity, text: str) -> None:
    record = _replaced(sample(entity)[0], text)

    for column, value in zip(entity.columns, entity.row(record, CONTEXT), strict=True):
        if column.kind is Kind.LINK or column.key == "greetings":
            continue  # shortened on purpose; names of fields
        # What we derive ourselves is a plain word.
        assert value is None or not isinstance(value, str) or text in value or value.isalnum()


@every_table
@pytest.mark.parametrize("strange", [None, "x", 7, 1e300, True, [], [7, "x", None], {}, {"a": {}}])
def test_values_of_another_shape_never_break_a_row(entity: Entity, strange: Any) -> None:
    for record in sample(ENTITIES.get(entity.name, ENTITIES[_parent(entity)])):
        for name in record:
            for row in entity.rows({**record, name: strange}, CONTEXT):
                assert len(row) == len(entity.columns)


@every_entity
def test_an_unknown_field_is_passed_over_and_reported_once(entity: Entity) -> None:
    count = 1 if entity.reading is Reading.OBJECT else 60
    got, reader = read(
        entity, [{**one, "x_new_field": {"deep": [1]}} for one in numbered(entity, count)]
    )

    assert len(got) == count
    assert rows(entity, got) == rows(entity, read(entity, numbered(entity, count))[0])
    assert reader.tally.warnings == [
        "Aircall sent a field that Callsheet does not know, “x_new_field”; it was passed over."
    ]


@every_table
def test_the_fields_of_the_samples_are_known(entity: Entity) -> None:
    parent = ENTITIES.get(entity.name, ENTITIES[_parent(entity)])

    assert {name for record in sample(parent) for name in record} <= entity.known_fields


def test_the_page_about_entities_is_up_to_date() -> None:
    printed = CliRunner().invoke(cli, ["entities", "--markdown"])

    assert printed.output == (ROOT / "docs/entities.md").read_text()


def test_the_token_of_a_webhook_goes_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    entity = ENTITIES["webhooks"]
    records = sample(entity)
    with caplog.at_level(0):
        got, reader = read(entity, records)

    assert len(got) == 3
    said = f"{got} {rows(entity, got)} {reader.tally} {caplog.text}"
    assert [record["token"] for record in records if record["token"] in said] == []


def test_secrets_in_the_address_of_a_webhook_stay_out_of_its_row() -> None:
    entity = ENTITIES["webhooks"]
    record = {**sample(entity)[0], "url": "https://me:s3cret@example.com:8080/in?key=s3cret#s3cret"}

    row = dict(zip((c.key for c in entity.columns), entity.row(record, CONTEXT), strict=True))

    assert row["url"] == "https://example.com:8080/in?…"


def _parent(table: Entity) -> str:
    return next(
        entity.name
        for entity in ENTITIES.values()
        if table.name == entity.name or table in (entity.layouts or {}).values()
    )


def _replaced(value: Any, text: str) -> Any:
    """The same record with every string in it replaced."""
    if isinstance(value, dict):
        return {key: _replaced(inner, text) for key, inner in value.items()}
    if isinstance(value, list):
        return [_replaced(inner, text) for inner in value]
    return text if isinstance(value, str) else value
