"""Data flows and when each is due."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from redis import Redis
from redis.client import Pipeline

from callsheet.data_flow import DataFlow
from callsheet.errors import NotFound
from callsheet.store import codec, freshness, keys
from callsheet.store.client import text_of


class FlowStore:
    """Data flows by spreadsheet; nothing is found by id alone."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def add(self, flow: DataFlow) -> None:
        """Save a new flow."""
        with self._redis.pipeline() as pipe:
            self._write(pipe, flow)
            pipe.sadd(keys.spreadsheet_flows(flow.spreadsheet_id), flow.id)
            pipe.execute()

    def get(self, spreadsheet_id: str, flow_id: str) -> DataFlow:
        """Return the spreadsheet's flow of this id. Raises NotFound."""
        found = self._load(flow_id)
        if found is None or found.spreadsheet_id != spreadsheet_id:
            raise NotFound(f"flow {flow_id}")
        return found

    def of_spreadsheet(self, spreadsheet_id: str) -> list[DataFlow]:
        """Return the spreadsheet's flows, oldest first."""
        ids = self._redis.smembers(keys.spreadsheet_flows(spreadsheet_id))
        found = [self._load(text_of(raw)) for raw in ids]
        return sorted((f for f in found if f is not None), key=lambda f: f.created_at)

    def change(
        self, spreadsheet_id: str, flow_id: str, how: Callable[[DataFlow], DataFlow]
    ) -> DataFlow:
        """Apply `how` to the flow as it is now and save it, together or not at all.

        `how` may be called again when somebody else changed the flow meanwhile. Raises NotFound.
        """

        result: list[DataFlow] = []

        def transact(pipe: Pipeline) -> None:
            flow = self._load(flow_id, pipe)
            if flow is None or flow.spreadsheet_id != spreadsheet_id:
                raise NotFound(f"flow {flow_id}")
            changed = how(flow)
            pipe.multi()
            self._write(pipe, changed)
            result[:] = [changed]

        self._redis.transaction(transact, keys.flow(flow_id))
        return result[0]

    def remove(self, flow: DataFlow) -> None:
        """Forget the flow and its schedule; its tab stays."""
        with self._redis.pipeline() as pipe:
            pipe.delete(keys.flow(flow.id))
            pipe.srem(keys.spreadsheet_flows(flow.spreadsheet_id), flow.id)
            pipe.zrem(keys.DUE_FLOWS, flow.id)
            pipe.hdel(keys.notices(flow.spreadsheet_id), flow.id)
            pipe.delete(keys.webhook(flow.id), keys.webhook_attempts(flow.id))
            pipe.delete(keys.flow_key(flow.id))
            freshness.forget(pipe, flow.spreadsheet_id, flow.id)
            pipe.execute()

    def due(self, now: datetime, limit: int = 100) -> list[DataFlow]:
        """Return the flows whose next refresh is at or before `now`, the longest due first."""
        ids = self._redis.zrange(
            keys.DUE_FLOWS, "-inf", now.timestamp(), byscore=True, offset=0, num=limit
        )
        flows = []
        for raw in ids:
            flow = self._load(text_of(raw))
            if flow is None:
                self._redis.zrem(keys.DUE_FLOWS, text_of(raw))
            else:
                flows.append(flow)
        return flows

    def _write(self, pipe: Pipeline, flow: DataFlow) -> None:
        pipe.set(keys.flow(flow.id), codec.dump(flow))
        if flow.next_run_at is None:
            pipe.zrem(keys.DUE_FLOWS, flow.id)
        else:
            pipe.zadd(keys.DUE_FLOWS, {flow.id: flow.next_run_at.timestamp()})
        freshness.expect(pipe, flow)

    def _load(self, flow_id: str, redis: Redis | None = None) -> DataFlow | None:
        text = (redis or self._redis).get(keys.flow(flow_id))
        return None if text is None else codec.load(DataFlow, text)
