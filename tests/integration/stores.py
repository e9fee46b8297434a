"""The stores of a test's Redis, as commands and routes are given them."""

from __future__ import annotations

from typing import Any

from cryptography.fernet import Fernet
from redis import Redis

from callsheet.catalogue import ENTITIES
from callsheet.cli.admin import ServerStores
from callsheet.clock import Clock, SystemClock
from callsheet.settings import Settings
from callsheet.store.connections import ConnectionStore
from callsheet.store.flows import FlowStore
from callsheet.store.runs import RunStore
from callsheet.store.vault import Vault


def stores(redis: Redis, clock: Clock | None = None, **settings: Any) -> ServerStores:
    """Return them; settings: beside the defaults."""
    known = Settings(_env_file=None, **{"sealing_keys": Fernet.generate_key().decode(), **settings})
    return ServerStores(
        settings=known,
        redis=redis,
        connections=ConnectionStore(redis, Vault(known.sealing_keys)),
        flows=FlowStore(redis),
        runs=RunStore(redis),
        clock=clock or SystemClock(),
        catalogue=ENTITIES,
    )
