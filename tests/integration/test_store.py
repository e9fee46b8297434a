"""The store on a real Redis server."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr
from redis import Redis

from callsheet.data_flow import DataFlow
from callsheet.errors import ConfigError, NotFound
from callsheet.store.budget import SharedBudget
from callsheet.store.connections import ConnectionStore
from callsheet.store.flows import FlowStore
from callsheet.store.proofs import ProofStore
from callsheet.store.runs import RunStore
from callsheet.store.server_clock import ServerClock
from callsheet.store.vault import Vault
from callsheet.store.webhooks import WebhookStore
from callsheet.webhook import Webhook
from tests.builders import a_connection, a_data_flow, a_run
from tests.clock import FrozenClock

pytestmark = pytest.mark.integration


def a_vault(*keys: bytes) -> Vault:
    return Vault([SecretStr(key.decode()) for key in keys or (Fernet.generate_key(),)])


def test_a_token_comes_back_and_never_lies_in_redis_in_clear(redis: Redis) -> None:
    store = ConnectionStore(redis, a_vault())
    store.save(a_connection(), "the-secret-token")

    assert store.key_of(a_connection()).api_token == "the-secret-token"
    for key in redis.scan_iter():
        kind = redis.type(key)
        held = redis.get(key) if kind == b"string" else b"".join(redis.smembers(key))
        assert b"the-secret-token" not in held


def test_sealing_keys_can_be_rotated(redis: Redis) -> None:
    old, new = Fernet.generate_key(), Fernet.generate_key()
    ConnectionStore(redis, a_vault(old)).save(a_connection(), "the-secret-token")

    assert ConnectionStore(redis, a_vault(new, old)).key_of(a_connection()).api_token
    with pytest.raises(ConfigError, match="CALLSHEET_SEALING_KEYS"):
        ConnectionStore(redis, a_vault(new)).key_of(a_connection())


def test_nothing_is_found_through_another_spreadsheet(redis: Redis) -> None:
    connections, flows, runs = ConnectionStore(redis, a_vault()), FlowStore(redis), RunStore(redis)
    connections.save(a_connection())
    flows.add(a_data_flow())
    runs.start(a_run())

    with pytest.raises(NotFound):
        connections.get("sheet-2", "connection-1")
    with pytest.raises(NotFound):
        flows.get("sheet-2", "flow-1")
    with pytest.raises(NotFound):
        flows.change("sheet-2", "flow-1", lambda flow: flow)
    with pytest.raises(NotFound):
        runs.get("sheet-2", "run-1")
    webhooks = WebhookStore(redis, a_vault())
    webhooks.save(Webhook("flow-1", "sheet-1", "https://a.example", "csw_x", datetime.now(UTC)))
    assert webhooks.find("sheet-1", "flow-1") is not None
    assert webhooks.find("sheet-2", "flow-1") is None


def test_changes_to_one_flow_at_once_all_count(redis: Redis) -> None:
    flows = FlowStore(redis)
    flows.add(a_data_flow())

    def fail_once_more(flow: DataFlow) -> DataFlow:
        return replace(flow, failures=flow.failures + 1)

    def many() -> None:
        for _ in range(25):
            flows.change("sheet-1", "flow-1", fail_once_more)

    threads = [threading.Thread(target=many) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert flows.get("sheet-1", "flow-1").failures == 100


def test_a_nonce_counts_once_and_for_one_person_and_spreadsheet(redis: Redis) -> None:
    proofs = ProofStore(redis)
    nonce = proofs.begin("user-1", "sheet-1")

    assert not proofs.is_theirs(nonce, "user-2", "sheet-1")
    assert proofs.is_theirs(nonce, "user-1", "sheet-1")
    assert proofs.complete(nonce, "user-1", "sheet-1")
    assert proofs.has_proved("user-1", "sheet-1")
    assert not proofs.has_proved("user-1", "sheet-2")
    assert not proofs.complete(nonce, "user-1", "sheet-1")


def test_the_budget_is_one_for_all_who_share_the_account(redis: Redis) -> None:
    granted: list[float] = []

    def take_many() -> None:
        budget = SharedBudget(redis, "company:1", 30)
        granted.extend(wait for wait in (budget.take() for _ in range(20)) if wait == 0)

    threads = [threading.Thread(target=take_many) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(granted) == 30
    assert SharedBudget(redis, "company:2", 30).take() == 0
    assert 58 < SharedBudget(redis, "company:1", 30).take() <= 60.1


def test_closing_the_budget_closes_it_for_everybody_and_never_shortens(redis: Redis) -> None:
    one, other = (SharedBudget(redis, "company:1", 30) for _ in range(2))
    one.close(0.3)
    one.close(0.1)

    wait = other.take()
    assert 0.15 < wait <= 0.3
    time.sleep(wait + 0.02)
    assert other.take() == 0


def test_a_worker_whose_clock_is_off_goes_by_the_time_of_redis(redis: Redis) -> None:
    fast = FrozenClock(datetime.now(UTC) + timedelta(hours=3))

    clock = ServerClock(redis, fast)
    told = clock.now()
    fast.move(60)

    assert abs(told - datetime.now(UTC)) < timedelta(seconds=2)
    assert clock.now() - told == timedelta(seconds=60)
