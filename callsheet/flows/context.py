"""What the rules of data flows are given: the stores, and who asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from zoneinfo import ZoneInfo

from redis import Redis

from callsheet.clock import Clock
from callsheet.connection import Connection
from callsheet.entity import Entity
from callsheet.errors import InvalidRequest, NotFound
from callsheet.settings import Settings
from callsheet.store.connections import ConnectionStore
from callsheet.store.flows import FlowStore
from callsheet.store.runs import RunStore


class Stores(Protocol):
    """Where connections, flows and runs are, and the time. catalogue: every entity by name."""

    @property
    def settings(self) -> Settings: ...

    @property
    def redis(self) -> Redis: ...

    @property
    def connections(self) -> ConnectionStore: ...

    @property
    def flows(self) -> FlowStore: ...

    @property
    def runs(self) -> RunStore: ...

    @property
    def clock(self) -> Clock: ...

    @property
    def catalogue(self) -> Mapping[str, Entity]: ...


class Asker(Protocol):
    """Who asks, for which spreadsheet."""

    @property
    def user(self) -> str: ...

    @property
    def spreadsheet_id(self) -> str: ...

    @property
    def zone(self) -> ZoneInfo: ...


@dataclass(frozen=True, slots=True)
class Administrator:
    """Who asks from the command line of the server."""

    spreadsheet_id: str
    zone: ZoneInfo
    user: str = "command-line"


def entity_named(stores: Stores, name: str) -> Entity:
    """Return the entity. Raises InvalidRequest listing those that there are."""
    entity = stores.catalogue.get(name)
    if entity is None:
        known = ", ".join(stores.catalogue)
        raise InvalidRequest(
            message=f"Callsheet does not import “{name[:40]}”. Choose one of these: {known}."
        )
    return entity


def connection_of(stores: Stores, spreadsheet_id: str, wanted: str | None = None) -> Connection:
    """Return the spreadsheet's connection of that id, or the one it has.

    Raises NotFound when there is none.
    """
    if wanted is not None:
        return stores.connections.get(spreadsheet_id, wanted)
    connection = next(iter(stores.connections.of_spreadsheet(spreadsheet_id)), None)
    if connection is None:
        raise NotFound("no connection", message="Connect to Aircall first.")
    return connection
