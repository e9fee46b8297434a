"""Each of the nine entities from the sidebar, compared with what Aircall has."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from callsheet.catalogue import ENTITIES
from sandbox.demo.processes import DemoOptions
from sandbox.serve import World
from tests.e2e.conftest import Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

DEMO = DemoOptions(world=World(calls=1_000, arrivals_per_minute=0), requests_per_minute=120)
TRUTH = {
    "companies": "company",
    "contacts": "contacts",
    "numbers": "numbers",
    "tags": "tags",
    "user_availabilities": "availabilities",
    "users": "users",
    "teams": "teams",
    "webhooks": "webhooks",
}


@pytest.mark.parametrize("name", ENTITIES)
def test_an_entity_arrives_as_aircall_has_it(guest: Visitor, name: str) -> None:
    entity = ENTITIES[name]
    guest.open_form(name)
    expect(guest.sidebar.get_by_text(entity.help)).to_be_visible()
    rhythm = guest.sidebar.get_by_label("Refresh", exact=True)
    assert rhythm.input_value() == entity.default_schedule.cadence.value

    guest.import_chosen()

    expected = _keys(guest, name)
    viewer = guest.viewer()
    header, *rows = viewer.rows(f"Aircall – {entity.label}")
    viewer.close()
    assert header == [column.header for column in entity.columns]
    assert sorted(str(row[0]) for row in rows) == sorted(expected)
    counted = f"{len(expected):,} received of {len(expected):,}"
    quality = guest.card(entity).locator(".quality")
    expect(quality).to_contain_text(counted)
    expect(quality).to_be_visible()
    cells = {str(cell) for row in rows for cell in row}
    assert not any(token in cell for token in _tokens(guest, name) for cell in cells)
    assert guest.complaints == []


def _keys(guest: Visitor, name: str) -> list[str]:
    if name == "calls":
        found = guest.calls_since(guest.today() - timedelta(days=30))
        return [str(call["id"]) for call in found]
    key = "name" if name == "companies" else "id"
    return [str(record[key]) for record in guest.truth(TRUTH[name])]


def _tokens(guest: Visitor, name: str) -> list[str]:
    """What must never reach a cell; whoever has it can forge deliveries."""
    if name != "webhooks":
        return []
    tokens = [str(hook["token"]) for hook in guest.truth("webhooks")]
    assert tokens
    return tokens
