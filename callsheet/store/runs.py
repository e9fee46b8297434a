"""Runs: their records, the lease of the worker that has one, and which are active."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from redis import Redis

from callsheet.errors import NotFound
from callsheet.run import Run, RunState
from callsheet.store import codec, keys
from callsheet.store.client import text_of

KEEP = timedelta(days=30)
KEEP_SECONDS = int(KEEP.total_seconds())
KEEP_PER_FLOW = 100
LEASE_SECONDS = 20
_OVER = [state.value for state in RunState if state.is_over]

# KEYS: lease. ARGV: owner, milliseconds. Renews the lease if it is still the owner's.
_RENEW = """
if redis.call('GET', KEYS[1]) == ARGV[1] then
  return redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return 0
"""

# KEYS: a key. ARGV: value. Deletes the key if it still holds the value.
_DELETE_IF = """
if redis.call('GET', KEYS[1]) == ARGV[1] then
  return redis.call('DEL', KEYS[1])
end
return 0
"""


# KEYS: the run's record, the flow's active run, its runs, all active runs. ARGV: run, JSON, created
# (seconds), seconds to keep, what the keys of records begin with, states that are over. Answers the
# id of the run that is now active, and 1 if it is this one, new.
_START = """
if redis.call('EXISTS', KEYS[1]) == 1 then return {ARGV[1], 0} end
local active = redis.call('GET', KEYS[2])
local record = active and redis.call('GET', ARGV[5] .. active)
if record then
  local state, over = cjson.decode(record).state, false
  for at = 6, #ARGV do over = over or ARGV[at] == state end
  if not over then return {active, 0} end
end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[4])
redis.call('SET', KEYS[2], ARGV[1])
redis.call('ZADD', KEYS[3], ARGV[3], ARGV[1])
redis.call('ZADD', KEYS[4], ARGV[3], ARGV[1])
return {ARGV[1], 1}
"""


class RunStore:
    """Run records by id, found through their spreadsheet; at most one active run a flow."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._start = redis.register_script(_START)
        self._renew = redis.register_script(_RENEW)
        self._delete_if = redis.register_script(_DELETE_IF)

    def start(self, run: Run) -> tuple[Run, bool]:
        """Save a queued run as its flow's active one.

        Returns the run and True. When the flow has an active run already: that one and False.
        When there has been a run of this id: that one, active or over, and False; so a slot of a
        schedule that gives its id twice runs once.
        """
        return self.start_all([run])[0]

    def start_all(self, runs: Sequence[Run]) -> list[tuple[Run, bool]]:
        """As `start`, for many runs in one exchange with Redis."""
        with self._redis.pipeline(transaction=False) as pipe:
            for run in runs:
                flow = [keys.active_run(run.flow_id), keys.flow_runs(run.flow_id)]
                args: list[Any] = [
                    run.id,
                    codec.dump(run),
                    run.created_at.timestamp(),
                    KEEP_SECONDS,
                ]
                names = [keys.run(run.id), *flow, keys.ACTIVE_RUNS]
                self._start(keys=names, args=[*args, keys.run(""), *_OVER], client=pipe)
            answers = pipe.execute()
        results = []
        for run, (active_id, is_new) in zip(runs, answers, strict=True):
            if is_new:
                self._forget_old(run.flow_id)
            results.append((run, True) if is_new else (self.find(text_of(active_id)) or run, False))
        return results

    def save(self, run: Run) -> None:
        """Save the run as it is now; one that is over is no longer active."""
        self._write(run)
        if run.state.is_over:
            self._delete_if(keys=[keys.active_run(run.flow_id)], args=[run.id])
            self._redis.zrem(keys.ACTIVE_RUNS, run.id)

    def find(self, run_id: str) -> Run | None:
        """Return the run, or None; for workers and the janitor, which have ids from the queue."""
        text = self._redis.get(keys.run(run_id))
        return None if text is None else codec.load(Run, text)

    def get(self, spreadsheet_id: str, run_id: str) -> Run:
        """Return the spreadsheet's run of this id. Raises NotFound."""
        run = self.find(run_id)
        if run is None or run.spreadsheet_id != spreadsheet_id:
            raise NotFound(f"run {run_id}")
        return run

    def of_flow(self, flow_id: str, limit: int = 20) -> list[Run]:
        """Return the flow's runs, newest first."""
        ids = self._redis.zrange(keys.flow_runs(flow_id), 0, limit - 1, desc=True)
        found = [self.find(text_of(raw)) for raw in ids]
        return [run for run in found if run is not None]

    def take_lease(self, run_id: str, owner: str) -> bool:
        """Give the run to this owner for 20 seconds, unless another has it."""
        taken = self._redis.set(keys.lease(run_id), owner, nx=True, px=LEASE_SECONDS * 1000)
        return bool(taken)

    def renew_lease(self, run_id: str, owner: str, now: datetime) -> bool:
        """Prolong the owner's lease, a sign of life; False when it is no longer theirs."""
        kept = self._renew(keys=[keys.lease(run_id)], args=[owner, LEASE_SECONDS * 1000])
        if kept:
            self._redis.zadd(keys.ACTIVE_RUNS, {run_id: now.timestamp()}, xx=True)
        return bool(kept)

    def has_lease(self, run_id: str, owner: str) -> bool:
        """Say whether the lease is this owner's now."""
        return bool(self._redis.get(keys.lease(run_id)) == owner.encode())

    def release_lease(self, run_id: str, owner: str) -> None:
        """Give the lease back, if it is still the owner's."""
        self._delete_if(keys=[keys.lease(run_id)], args=[owner])

    def silent_since(self, moment: datetime) -> list[Run]:
        """Return active runs without a sign of life since `moment` that no worker holds."""
        ids = self._redis.zrange(keys.ACTIVE_RUNS, "-inf", moment.timestamp(), byscore=True)
        silent = []
        for raw in ids:
            run = self.find(text_of(raw))
            if run is None or run.state.is_over:
                self._redis.zrem(keys.ACTIVE_RUNS, text_of(raw))
            elif not self._redis.exists(keys.lease(run.id)):
                silent.append(run)
        return silent

    def touch(self, run: Run, now: datetime) -> None:
        """Note a sign of life of an active run."""
        self._redis.zadd(keys.ACTIVE_RUNS, {run.id: now.timestamp()}, xx=True)

    def progress(self, run: Run, **changes: object) -> Run:
        """Save and return the run with these fields changed."""
        changed = replace(run, **changes)  # type: ignore[arg-type]
        self.save(changed)
        return changed

    def _write(self, run: Run) -> None:
        self._redis.set(keys.run(run.id), codec.dump(run), ex=KEEP)

    def _forget_old(self, flow_id: str) -> None:
        old = self._redis.zrange(keys.flow_runs(flow_id), 0, -(KEEP_PER_FLOW + 1))
        if old:
            self._redis.delete(*(keys.run(text_of(raw)) for raw in old))
            self._redis.zrem(keys.flow_runs(flow_id), *map(text_of, old))
