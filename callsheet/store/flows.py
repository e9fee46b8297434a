"""Data flows, found by their spreadsheet."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

from redis import Redis
from redis.client import Pipeline

from callsheet.data_flow import DataFlow
from callsheet.errors import NotFound
from callsheet.store import codec, freshness, keys
from callsheet.store.client import text_of
from callsheet.store.removals import TabRemoval, member


class FlowStore:
    """Data flows by spreadsheet; nothing is found by id alone.

    A flow's next refresh stands in the due set only (store/schedules.py), where the scheduler
    moves it on; a flow that is loaded brings it along.
    """

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def add(self, flow: DataFlow) -> bool:
        """Save a new flow; False, and nothing happens, when there is one of this id."""
        is_new: list[bool] = []

        def transact(pipe: Pipeline) -> None:
            is_new[:] = [not pipe.exists(keys.flow(flow.id))]
            pipe.multi()
            if is_new[0]:
                self.write(pipe, flow)
                pipe.sadd(keys.spreadsheet_flows(flow.spreadsheet_id), flow.id)
                # Its tab was to be deleted, and is wanted again.
                pipe.zrem(keys.TAB_REMOVALS, member(TabRemoval(flow.spreadsheet_id, flow.tab_key)))

        self._redis.transaction(transact, keys.flow(flow.id))
        return is_new[0]

    def get(self, spreadsheet_id: str, flow_id: str) -> DataFlow:
        """Return the spreadsheet's flow of this id. Raises NotFound."""
        found = self._load(flow_id)
        if found is None or found.spreadsheet_id != spreadsheet_id:
            raise NotFound(f"flow {flow_id}")
        return found

    def of_spreadsheet(self, spreadsheet_id: str) -> list[DataFlow]:
        """Return the spreadsheet's flows, oldest first."""
        ids = self._redis.smembers(keys.spreadsheet_flows(spreadsheet_id))
        return self._all(text_of(raw) for raw in cast(Any, ids))

    def of_account(self, account: str) -> list[DataFlow]:
        """Return the scheduled flows of an Aircall account in all spreadsheets, oldest first."""
        ids = self._redis.smembers(keys.account_flows(account))
        return self._all(text_of(raw) for raw in cast(Any, ids))

    def counts_of_accounts(self, accounts: Iterable[str]) -> dict[str, int]:
        """Return how many flows of each of these Aircall accounts are scheduled."""
        names = list(dict.fromkeys(accounts))
        with self._redis.pipeline(transaction=False) as pipe:
            for account in names:
                pipe.scard(keys.account_flows(account))
            return dict(zip(names, cast(list[int], pipe.execute()), strict=True))

    def change(
        self, spreadsheet_id: str, flow_id: str, how: Callable[[DataFlow], DataFlow]
    ) -> DataFlow:
        """Apply `how` to the flow as it is now and save it, together or not at all.

        `how` may be called again when somebody else changed the flow meanwhile. Raises NotFound.
        """

        result: list[DataFlow] = []

        def transact(pipe: Pipeline) -> None:
            flow = self.look(pipe, spreadsheet_id, flow_id)
            if flow is None:
                raise NotFound(f"flow {flow_id}")
            changed = how(flow)
            pipe.multi()
            self.write(pipe, changed, before=flow)
            result[:] = [changed]

        self._redis.transaction(transact, keys.flow(flow_id))
        return result[0]

    def remove(self, flow: DataFlow, *, delete_tab_at: datetime | None = None) -> None:
        """Forget the flow and its schedule; its tab stays, or is to be deleted at that moment."""
        with self._redis.pipeline() as pipe:
            if delete_tab_at is not None:
                removal = member(TabRemoval(flow.spreadsheet_id, flow.tab_key))
                pipe.zadd(keys.TAB_REMOVALS, {removal: delete_tab_at.timestamp()})
            pipe.delete(keys.flow(flow.id))
            pipe.srem(keys.spreadsheet_flows(flow.spreadsheet_id), flow.id)
            pipe.zrem(keys.DUE_FLOWS, flow.id)
            pipe.srem(keys.account_flows(flow.account), flow.id)
            pipe.hdel(keys.notices(flow.spreadsheet_id), flow.id)
            pipe.delete(keys.webhook(flow.id), keys.webhook_attempts(flow.id))
            pipe.delete(keys.flow_key(flow.id), keys.event_key(flow.id))
            pipe.delete(keys.following_run(flow.id))
            freshness.forget(pipe, flow.spreadsheet_id, flow.id)
            pipe.execute()

    def look(self, pipe: Pipeline, spreadsheet_id: str, flow_id: str) -> DataFlow | None:
        """Return the flow within a transaction that watches its key, or None."""
        flow = self._load(flow_id, pipe)
        return flow if flow is not None and flow.spreadsheet_id == spreadsheet_id else None

    def write(self, pipe: Pipeline, flow: DataFlow, before: DataFlow | None = None) -> None:
        """Save the flow with a transaction. before: as it was found in it; None: it is new."""
        pipe.set(keys.flow(flow.id), codec.dump(replace(flow, next_run_at=None)))
        # A time that nobody has changed is left alone: the scheduler may just have moved it on.
        if before is None or flow.next_run_at != before.next_run_at:
            if flow.next_run_at is None:
                pipe.zrem(keys.DUE_FLOWS, flow.id)
                pipe.srem(keys.account_flows(flow.account), flow.id)
            else:
                pipe.zadd(keys.DUE_FLOWS, {flow.id: int(flow.next_run_at.timestamp())})
                pipe.sadd(keys.account_flows(flow.account), flow.id)
        if before is not None and flow.account != before.account:
            pipe.srem(keys.account_flows(before.account), flow.id)
            if flow.next_run_at is not None:
                pipe.sadd(keys.account_flows(flow.account), flow.id)
        freshness.expect(pipe, flow)

    def _load(self, flow_id: str, redis: Redis | None = None) -> DataFlow | None:
        source = redis or self._redis
        text, score = source.get(keys.flow(flow_id)), source.zscore(keys.DUE_FLOWS, flow_id)
        return None if text is None else loaded(cast(bytes, text), score)

    def _all(self, flow_ids: Iterable[str]) -> list[DataFlow]:
        ids = list(flow_ids)
        if not ids:
            return []
        with self._redis.pipeline(transaction=False) as pipe:
            pipe.mget([keys.flow(one) for one in ids])
            pipe.zmscore(keys.DUE_FLOWS, ids)
            texts, scores = pipe.execute()
        pairs = zip(texts, scores, strict=True)
        found = [loaded(text, score) for text, score in pairs if text is not None]
        return sorted(found, key=seniority)


def seniority(flow: DataFlow) -> tuple[datetime, str, str]:
    """Return what flows are sorted by, the oldest first."""
    return flow.created_at, flow.name, flow.id


def loaded(text: bytes, due: float | None) -> DataFlow:
    """Return the flow from its JSON and its time in the due set (UNIX seconds)."""
    flow = codec.load(DataFlow, text)
    return flow if due is None else replace(flow, next_run_at=datetime.fromtimestamp(due, UTC))
