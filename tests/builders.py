"""Plain functions that build value objects with sensible fields."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from redis import Redis

from callsheet.connection import Connection
from callsheet.data_flow import DataFlow
from callsheet.run import Run, RunState, Trigger
from callsheet.schedule import Cadence, Schedule
from callsheet.store import keys
from callsheet.store.endings import EndingStore, Sequel

NOON = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)


def a_connection(**changes: Any) -> Connection:
    return replace(
        Connection(
            id="connection-1",
            spreadsheet_id="sheet-1",
            account="company:1",
            company_name="Lantern & Loom Ltd",
            api_id="an-api-id",
            created_at=NOON,
            created_by="user-1",
            service_account="writer@callsheet-sandbox.iam.gserviceaccount.com",
        ),
        **changes,
    )


def a_data_flow(**changes: Any) -> DataFlow:
    return replace(
        DataFlow(
            id="flow-1",
            spreadsheet_id="sheet-1",
            connection_id="connection-1",
            entity="calls",
            name="calls",
            since="2026-10-21",
            schedule=Schedule(Cadence.HOURLY),
            created_at=NOON,
            created_by="user-1",
        ),
        **changes,
    )


def a_run(**changes: Any) -> Run:
    return replace(
        Run(
            id="run-1",
            flow_id="flow-1",
            spreadsheet_id="sheet-1",
            entity="calls",
            trigger=Trigger.MANUAL,
            state=RunState.QUEUED,
            created_at=NOON,
        ),
        **changes,
    )


def ended(redis: Redis, run: Run, state: RunState = RunState.SUCCEEDED, **changes: Any) -> Run:
    """End an active run as its job would, wherever it is now."""
    redis.set(keys.owner(run.id), "test")
    over = replace(run, state=state, **changes)
    finish(redis, over, "test")
    return over


def finish(redis: Redis, run: Run, owner: str) -> None:
    """End a run that has its last state; its flow and all else stay as they are."""
    EndingStore(redis).end(run, owner, lambda scene: Sequel(scene.flow, scene.notice))
