"""Standard tests of every entity in the catalogue, made from its declaration."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from callsheet.aircall.budget import LocalBudget
from callsheet.aircall.client import AircallClient
from callsheet.catalogue import ENTITIES
from callsheet.connection import AircallKey
from callsheet.entity import Entity, ReadContext
from tests.clock import FrozenClock

DATA = Path(__file__).parents[1] / "data"
RELEASED = json.loads((DATA / "released_headers.json").read_text())
CONTEXT = ReadContext(ZoneInfo("Europe/Paris"))
HOSTILE = ["=1+1", "+44", "-x", "@y", "\ttab", "two\nlines", "🦊", "שלום", "\u200b", "x" * 60_000]

every_entity = pytest.mark.parametrize("entity", ENTITIES.values(), ids=ENTITIES)


def sample(entity: Entity) -> list[dict[str, Any]]:
    body = json.loads((DATA / "aircall" / f"{entity.name}.json").read_text())
    records: list[dict[str, Any]] = body[entity.records_key]
    return records


@every_entity
def test_released_columns_stay_where_they_are(entity: Entity) -> None:
    """People's formulas count on them; new ones are added at the right."""
    headers = [[column.key, column.header] for column in entity.columns]

    assert headers[: len(RELEASED[entity.name])] == RELEASED[entity.name]


@every_entity
def test_the_primary_key_is_the_first_column_and_tells_records_apart(entity: Entity) -> None:
    keys = [entity.row(record, CONTEXT)[0] for record in sample(entity)]

    assert entity.primary_key is entity.columns[0]
    assert all(keys)
    assert len(set(keys)) == len(keys)


@every_entity
def test_every_page_is_read(entity: Entity) -> None:
    records = [{**sample(entity)[0], "id": number} for number in range(1, 121)]

    def server(request: httpx.Request) -> httpx.Response:
        assert request.url.path == entity.path
        number, size = int(request.url.params["page"]), int(request.url.params["per_page"])
        page = records[(number - 1) * size : number * size]
        meta = {"count": len(page), "total": 120, "current_page": number, "per_page": size}
        return httpx.Response(200, json={entity.records_key: page, "meta": meta})

    clock = FrozenClock()
    client = AircallClient(
        "https://aircall.test",
        AircallKey("id", "token"),
        LocalBudget(60, clock),
        clock=clock,
        transport=httpx.MockTransport(server),
    )
    got, number = [], 1
    while True:
        page = client.page(entity.path, entity.records_key, {}, number=number)
        got += page.records
        number += 1
        if page.is_last:
            break

    assert got == records


@every_entity
@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:6]))
def test_hostile_texts_go_through_the_columns_as_they_are(entity: Entity, text: str) -> None:
    record = _replaced(sample(entity)[0], text)

    for value in entity.row({**record, "id": 1}, CONTEXT)[1:]:
        # What we derive ourselves is a plain word.
        assert value is None or not isinstance(value, str) or text in value or value.isalpha()


@every_entity
def test_unknown_fields_and_values_are_passed_over(entity: Entity) -> None:
    for record in sample(entity):
        known = entity.row(record, CONTEXT)
        assert entity.row({**record, "x_new_field": {"deep": [1]}}, CONTEXT) == known


def _replaced(value: Any, text: str) -> Any:
    """The same record with every string in it replaced."""
    if isinstance(value, dict):
        return {key: _replaced(inner, text) for key, inner in value.items()}
    if isinstance(value, list):
        return [_replaced(inner, text) for inner in value]
    return text if isinstance(value, str) else value
