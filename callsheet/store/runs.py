"""Runs: their records, where each one is, and what the runs of a flow came to."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import timedelta
from enum import IntEnum
from itertools import chain
from typing import Any, cast

from redis import Redis
from redis.client import Pipeline

from callsheet.errors import LeaseLost, NotFound
from callsheet.run import QueueName, Run, RunState, Totals, Trigger
from callsheet.store import care_scripts as care
from callsheet.store import codec, keys
from callsheet.store import run_scripts as scripts
from callsheet.store.client import text_of

log = logging.getLogger(__name__)

KEEP = timedelta(days=90)
KEEP_LISTS = timedelta(days=365)
KEEP_PER_FLOW = 100
LEASE_SECONDS = 15.0
"""A job that gives no sign of life for so long has lost its run."""

_CANCELLING_SECONDS = 3.0
_PATIENCE_SECONDS = 30.0
_SERVED_SECONDS = 3600.0
_URGENT_SECONDS = 0.25
_WAKE_AT_ONCE = 200


class Pulse(IntEnum):
    """What a job hears when it gives a sign of life. URGENT: something else needs the worker."""

    LOST = 0
    FINE = 1
    CANCELLED = 2
    URGENT = 3


@dataclass(frozen=True, slots=True)
class Woken:
    """What became of runs that nobody held: queues by run, ids of those whose job vanished.

    next_in: seconds until the next waiting run goes on; None when none waits.
    """

    queues: tuple[QueueName, ...]
    taken_back: tuple[str, ...]
    next_in: float | None


class RunStore:
    """Run records by id, found through their spreadsheet; at most one active run a flow.

    What a job writes goes through with its `owner` mark, and only while the run is its own.
    """

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._start = redis.register_script(scripts.START)
        self._pick = redis.register_script(scripts.PICK)
        self._pulse = redis.register_script(scripts.PULSE)
        self._save = redis.register_script(scripts.SAVE)
        self._park = redis.register_script(scripts.PARK)
        self._promote = redis.register_script(care.PROMOTE)
        self._finish = redis.register_script(scripts.FINISH)
        self._cancel = redis.register_script(care.CANCEL)
        self._wake = redis.register_script(care.WAKE)
        self._backlog = redis.register_script(care.BACKLOG)

    def start(self, run: Run) -> tuple[Run, bool]:
        """Save a queued run as its flow's active one and put it into its queue.

        Returns the run and True. When the flow has an active run already: that one and False.
        When there has been a run of this id: that one, active or over, and False; so a slot of a
        schedule that gives its id twice runs once.
        """
        times: list[Any] = [run.created_at.timestamp(), seconds_of(KEEP)]
        (found,) = cast(list[Any], self._start(args=[*times, *to_start(run)]))
        return (run, True) if found == 1 else (self.find(text_of(found)) or run, False)

    def pick(self, owner: str) -> Run | None:
        """Give this job the run whose turn it is, or None when no queue has one."""
        times = [_ms(LEASE_SECONDS), _ms(_PATIENCE_SECONDS), _ms(_SERVED_SECONDS)]
        while True:
            run_id = self._pick(args=[owner, *times])
            if run_id is None:
                return None
            run = self._readable(text_of(run_id))
            if run is not None:
                return run
            self._drop(text_of(run_id))

    def pulse(self, run: Run, owner: str) -> Pulse:
        """Give a sign of life: the lease lasts for 15 seconds more. Returns what is new."""
        about = [_ms(LEASE_SECONDS), run.queue.value, _ms(_URGENT_SECONDS)]
        return Pulse(int(cast(int, self._pulse(args=[run.id, owner, *about]))))

    def save(self, run: Run, owner: str, checkpoint: bytes = b"") -> None:
        """Save the run as it is now, and what its next job is to know, where that is new.

        Raises LeaseLost when the run is no longer this job's.
        """
        about: list[Any] = [codec.dump(run), seconds_of(KEEP), checkpoint]
        self._require(self._save(args=[run.id, owner, *about]), run)

    def park(self, run: Run, owner: str, seconds: float, checkpoint: bytes = b"") -> None:
        """Save as `save` and give the run back: it goes on after so long, or at once (0).

        Raises LeaseLost.
        """
        about: list[Any] = [codec.dump(run), seconds_of(KEEP), checkpoint]
        place: list[Any] = [*_place_of(run), _ms(max(0.0, seconds))]
        self._require(self._park(args=[run.id, owner, *about, *place]), run)

    def promote(self, run: Run) -> Run:
        """Let a person wait for the run: it moves to the queue `now` unless a job has it.

        One that has not begun counts as started by that person. One that waits for a budget asks
        again, now with the part of the budget that is kept for people. Returns the run as it is.
        """
        while True:
            text = cast(bytes | None, self._redis.get(keys.run(run.id)))
            current = run if text is None else codec.load(Run, text)
            if text is None or current.state.is_over or current.queue is QueueName.NOW:
                return current
            new = replace(current, queue=QueueName.NOW, resume_at=None)
            if current.attempt == 0:
                new = replace(new, state=RunState.QUEUED, trigger=Trigger.MANUAL)
            _, account = _place_of(new)
            about: list[Any] = [text, codec.dump(new), seconds_of(KEEP), account]
            answer = self._promote(args=[run.id, *about])
            if answer == 1:
                return new
            if answer == 0:
                return current

    def finish(self, pipe: Pipeline, run: Run, owner: str) -> None:
        """Save a run that is over, add it to its flow's totals, and forget old ones.

        pipe: the transaction of its end (store/endings.py), which has seen that it is the owner's.
        """
        flow = run.flow_id
        lists = [keys.active_run(flow), keys.flow_runs(flow), keys.flow_totals(flow)]
        sums = [part for pair in _to_add(run).items() if pair[1] for part in pair]
        times = [seconds_of(KEEP), KEEP_PER_FLOW, seconds_of(KEEP_LISTS)]
        args: list[Any] = [run.id, owner, codec.dump(run), *times, *sums]
        names = [*lists, keys.following_run(flow)]
        self._finish(keys=names, args=args, client=pipe)

    def cancel(self, run: Run, owner: str) -> bool:
        """Wish the run cancelled; its job, or whoever takes it up next, hears of it.

        True: no job has it; it is held under this mark for seconds, and whoever asked is to end it.
        """
        lease = _ms(_CANCELLING_SECONDS)
        return cast(int, self._cancel(args=[run.id, owner, lease])) == 1

    def wake(self) -> Woken:
        """Put waiting runs whose time has come, and runs whose job vanished, into their queues."""
        woken, back, ids, next_in = cast(list[Any], self._wake(args=[_WAKE_AT_ONCE]))
        queues = tuple(QueueName(text_of(name)) for name in (*woken, *back))
        wait = None if next_in < 0 else next_in / 1000
        return Woken(queues, tuple(text_of(raw) for raw in ids), wait)

    def backlog(self, seconds: float = 0.0) -> dict[QueueName, int]:
        """Return how many runs have been in each queue for at least so long."""
        counts = cast(list[int], self._backlog(args=[_ms(seconds)]))
        return dict(zip(QueueName, counts, strict=True))

    def checkpoint(self, run_id: str) -> bytes | None:
        """Return what the run's last job left for the next, or None."""
        return cast(bytes | None, self._redis.get(keys.checkpoint(run_id)))

    def find(self, run_id: str) -> Run | None:
        """Return the run, or None; for workers and commands, which need no spreadsheet."""
        text = self._redis.get(keys.run(run_id))
        return None if text is None else codec.load(Run, text_of(text))

    def get(self, spreadsheet_id: str, run_id: str) -> Run:
        """Return the spreadsheet's run of this id. Raises NotFound."""
        run = self.find(run_id)
        if run is None or run.spreadsheet_id != spreadsheet_id:
            raise NotFound(f"run {run_id}")
        return run

    def of_flow(self, flow_id: str, limit: int = 20) -> list[Run]:
        """Return the flow's runs, newest first."""
        return self.of_flows([flow_id], limit)[0]

    def of_flows(self, flow_ids: Sequence[str], limit: int) -> list[list[Run]]:
        """As `of_flow`, for many flows in two exchanges with Redis."""
        with self._redis.pipeline(transaction=False) as pipe:
            for flow_id in flow_ids:
                pipe.zrange(keys.flow_runs(flow_id), 0, limit - 1, desc=True)
            found = cast(list[list[bytes]], pipe.execute())
        runs = {run.id: run for run in self._all(chain.from_iterable(found))}
        return [[runs[one] for raw in ids if (one := text_of(raw)) in runs] for ids in found]

    def active_of(self, flow_id: str) -> Run | None:
        """Return the flow's run that is not over, or None."""
        run_id = self._redis.get(keys.active_run(flow_id))
        run = None if run_id is None else self.find(text_of(run_id))
        return None if run is None or run.state.is_over else run

    def active(self, limit: int = 1000) -> list[Run]:
        """Return the runs that are not over, oldest first."""
        return self._all(self._redis.zrange(keys.ACTIVE_RUNS, 0, limit - 1))

    def totals(self, flow_id: str) -> Totals:
        """Return what all runs of the flow that are over came to."""
        found = cast(dict[bytes, bytes], self._redis.hgetall(keys.flow_totals(flow_id)))
        sums = {text_of(name): int(value) for name, value in found.items()}
        return Totals(**{f.name: sums.get(f.name, 0) for f in fields(Totals)})

    def _all(self, ids: Any) -> list[Run]:
        names = [keys.run(text_of(raw)) for raw in cast(Iterable[bytes], ids)]
        texts = cast(list[bytes | None], self._redis.mget(names)) if names else []
        return [codec.load(Run, text) for text in texts if text is not None]

    def _readable(self, run_id: str) -> Run | None:
        """Return the run; None when its record has gone, or is not one of this version."""
        try:
            return self.find(run_id)
        except ValueError:
            log.exception("run_unreadable run_id=%s", run_id)
            return None

    def _drop(self, run_id: str) -> None:
        """Forget an active run that nobody can execute."""
        with self._redis.pipeline() as pipe:
            pipe.hdel(keys.PLACES, run_id)
            pipe.delete(keys.run(run_id), keys.owner(run_id), keys.checkpoint(run_id))
            for line in (keys.HELD, keys.ACTIVE_RUNS):
                pipe.zrem(line, run_id)
            pipe.srem(keys.CANCELLING, run_id)
            pipe.execute()

    @staticmethod
    def _require(answer: object, run: Run) -> None:
        if not answer:
            raise LeaseLost(f"run {run.id}")


def _to_add(run: Run) -> dict[str, int]:
    return {"runs": 1, run.state.value: 1, **asdict(run.counts)}


def _ms(seconds: float) -> int:
    return int(seconds * 1000)


def _place_of(run: Run) -> tuple[str, str]:
    """Return the queue of the run's next slice, and among whom the workers are shared there."""
    return run.queue.value, run.account or run.spreadsheet_id


def to_start(run: Run) -> tuple[str | bytes, ...]:
    """Return what the scripts need to start a run, see run_scripts.START_ALL."""
    return run.id, run.flow_id, codec.dump(run), *_place_of(run)


def seconds_of(span: timedelta) -> int:
    """Return the span in whole seconds, as Redis takes it."""
    return int(span.total_seconds())
